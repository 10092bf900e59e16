"use client";
import { useQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { BatchListRow } from "./BatchListRow";
import { NewBatchForm } from "./NewBatchForm";
import { isUnderWay } from "./pairTypes";

export function PairsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("pairs");
  const trpc = useTRPC();
  const models = useQuery(trpc.models.list.queryOptions({ projectId }));
  const list = useQuery(
    trpc.pairs.list.queryOptions(
      { projectId },
      { refetchInterval: ({ state }) => (state.data?.batches.some(isUnderWay) ? 1_000 : 15_000) },
    ),
  );
  const batches = list.data?.batches ?? [];
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/playground`, label: t("back") }}
        title={t("title")}
        description={t("lead")}
        actions={<ButtonLink href={`/projects/${projectId}/items`}>{t("seeItems")}</ButtonLink>}
      />
      {list.data && !list.data.workerOnline ? (
        <p role="status" className="mb-4 rounded-md border border-warn/40 bg-warn-soft p-3">
          {t("workerOffline")}
        </p>
      ) : null}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {models.data ? (
          <NewBatchForm projectId={projectId} models={models.data.models} />
        ) : models.isError ? (
          <ErrorNote error={models.error} onRetry={() => models.refetch()} />
        ) : (
          <Card>
            <div className="grid gap-4">
              <Skeleton className="h-48" />
              <Skeleton className="h-9" />
              <Skeleton className="h-11" />
            </div>
          </Card>
        )}
        {list.isPending ? (
          <Card flush>
            <SkeletonRows rows={2} />
          </Card>
        ) : list.isError && batches.length === 0 ? (
          <ErrorNote error={list.error} onRetry={() => list.refetch()} />
        ) : batches.length === 0 ? (
          <EmptyState icon={<Layers />} title={t("emptyTitle")}>
            {t("emptyText")}
          </EmptyState>
        ) : (
          <Card flush title={t("listTitle")}>
            <ul className="divide-y divide-line">
              {batches.map((batch) => (
                <BatchListRow key={batch.id} projectId={projectId} batch={batch} />
              ))}
            </ul>
          </Card>
        )}
      </div>
    </Page>
  );
}
