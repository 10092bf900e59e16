"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Compressions } from "./Compressions";
import { LineageChildren, LineageSteps } from "./Lineage";
import { ModelActions } from "./ModelActions";
import { ModelFacts } from "./ModelFacts";

/** One model: its figures, the way from the beginning to it, and what came from it. */
export function ModelPage({ projectId, modelId }: { projectId: string; modelId: string }) {
  const t = useTranslations("models");
  const trpc = useTRPC();
  const list = useQuery(trpc.models.list.queryOptions({ projectId }));
  const model = list.data?.models.find(({ id }) => id === modelId);
  const lineage = useQuery(trpc.models.lineage.queryOptions({ projectId, modelId }, { enabled: model !== undefined }));
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/models`, label: t("back") }}
        title={model?.name ?? t("one")}
        description={model ? t(`kind.${model.kind}`) : undefined}
        actions={model ? <ModelActions projectId={projectId} model={model} /> : null}
      />
      {list.isError ? <ErrorNote error={list.error} onRetry={() => list.refetch()} /> : null}
      {list.isSuccess && !model ? <p role="alert">{t("notFound")}</p> : null}
      {list.isPending ? <Skeleton className="h-64" /> : null}
      {model ? (
        <div className="grid gap-4">
          <Card>
            <ModelFacts projectId={projectId} model={model} />
          </Card>
          <Compressions projectId={projectId} modelId={modelId} />
          <Card title={t("lineage.title")} description={t("lineage.text")}>
            {lineage.data ? (
              <LineageSteps projectId={projectId} line={lineage.data.line} />
            ) : lineage.isError ? (
              <ErrorNote error={lineage.error} onRetry={() => lineage.refetch()} />
            ) : (
              <Skeleton className="h-24" />
            )}
          </Card>
          {lineage.data ? (
            <Card title={t("lineage.childrenTitle")}>
              {lineage.data.children.length === 0 ? (
                <p className="text-muted">{t("lineage.noChildren")}</p>
              ) : (
                <LineageChildren projectId={projectId} models={lineage.data.children} />
              )}
              <p className="mt-3 text-[13px] text-muted">{t("lineage.counts", { ...lineage.data.descent })}</p>
            </Card>
          ) : null}
        </div>
      ) : null}
    </Page>
  );
}
