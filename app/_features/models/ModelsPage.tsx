"use client";
import { useQuery } from "@tanstack/react-query";
import { Box, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { AddModel } from "./AddModel";
import { ModelListRow } from "./ModelListRow";

export function ModelsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("models");
  const trpc = useTRPC();
  const list = useQuery(trpc.models.list.queryOptions({ projectId }));
  const models = list.data?.models ?? [];
  const asked = useAskedModel(list.isSuccess);
  const onlyStarter = list.isSuccess && models.every((m) => m.starter);
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} actions={<AddModel projectId={projectId} />} />
      {list.isPending ? (
        <Card flush>
          <SkeletonRows rows={3} />
        </Card>
      ) : list.isError && models.length === 0 ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <div className="grid gap-4">
          {models.length > 0 ? (
            <Card flush>
              <ul className="divide-y divide-line">
                {models.map((m) => (
                  <ModelListRow key={m.id} projectId={projectId} model={m} asked={m.id === asked} />
                ))}
              </ul>
            </Card>
          ) : null}
          {onlyStarter ? (
            <EmptyState
              icon={<Box />}
              title={models.length > 0 ? t("onlyStarterTitle") : t("emptyTitle")}
              action={
                <ButtonLink
                  href={`/projects/${projectId}/runs/new`}
                  variant="primary"
                  icon={<Plus aria-hidden className="size-4" />}
                >
                  {t("newRun")}
                </ButtonLink>
              }
            >
              {t("emptyText")}
            </EmptyState>
          ) : null}
        </div>
      )}
    </Page>
  );
}

/** The model that the address names (#id). The list comes after the page, so the browser cannot scroll there itself. */
function useAskedModel(loaded: boolean): string | null {
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (!loaded) return;
    const id = decodeURIComponent(window.location.hash.slice(1));
    setAsked(id || null);
    if (id) document.getElementById(id)?.scrollIntoView({ block: "center" });
  }, [loaded]);
  return asked;
}
