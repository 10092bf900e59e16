"use client";
import { useQuery } from "@tanstack/react-query";
import { Camera, FlaskConical, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { DiskUseLine } from "./DiskUse";
import { RunListRow } from "./RunListRow";
import { isActive } from "./runTypes";
import { WorkerOfflineNote } from "./WorkerOfflineNote";

export function RunsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("runs");
  const trpc = useTRPC();
  const list = useQuery(
    trpc.runs.list.queryOptions(
      { projectId },
      { refetchInterval: ({ state }) => (state.data?.runs.some(isActive) ? 2_000 : 15_000) },
    ),
  );
  const runs = list.data?.runs ?? [];
  const newRun = (
    <ButtonLink
      href={`/projects/${projectId}/runs/new`}
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
    >
      {t("new")}
    </ButtonLink>
  );
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} actions={runs.length > 0 ? newRun : null} />
      {list.data && !list.data.workerOnline ? <WorkerOfflineNote /> : null}
      {list.isPending ? (
        <Card flush>
          <SkeletonRows rows={4} />
        </Card>
      ) : list.isError && runs.length === 0 ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} />
      ) : runs.length === 0 ? (
        <NoRuns projectId={projectId} newRun={newRun} />
      ) : (
        <>
          <Card flush>
            <ul className="divide-y divide-line">
              {runs.map((run) => (
                <RunListRow key={run.id} projectId={projectId} run={run} />
              ))}
            </ul>
          </Card>
          <DiskUseLine projectId={projectId} />
        </>
      )}
    </Page>
  );
}

/** The next step depends on whether there is a snapshot to train on. */
function NoRuns({ projectId, newRun }: { projectId: string; newRun: React.ReactNode }) {
  const t = useTranslations("runs.list");
  const trpc = useTRPC();
  const datasets = useQuery(trpc.datasets.list.queryOptions({ projectId }));
  if (datasets.data?.snapshots.length === 0) {
    return (
      <EmptyState
        icon={<Camera />}
        title={t("emptyNoSnapshotTitle")}
        action={
          <ButtonLink href={`/projects/${projectId}/datasets`} variant="primary">
            {t("makeSnapshot")}
          </ButtonLink>
        }
      >
        {t("emptyNoSnapshotText")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={<FlaskConical />} title={t("emptyTitle")} action={newRun}>
      {t("emptyText")}
    </EmptyState>
  );
}
