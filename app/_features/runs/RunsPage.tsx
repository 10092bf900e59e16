"use client";
import { useQuery } from "@tanstack/react-query";
import { Camera, FlaskConical, GitCompareArrows, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { compareHref, mostCompared } from "./compare/runChoice";
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
  const [ticked, setTicked] = useState<readonly string[]>([]);
  // One that was deleted meanwhile is no longer among them.
  const chosen = ticked.filter((id) => runs.some((run) => run.id === id));
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
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={
          runs.length > 0 ? (
            <>
              {runs.length > 1 ? <CompareButton projectId={projectId} runIds={chosen} /> : null}
              {newRun}
            </>
          ) : null
        }
      />
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
                <RunListRow
                  key={run.id}
                  projectId={projectId}
                  run={run}
                  chosen={
                    chosen.includes(run.id) ? true : runs.length > 1 && chosen.length < mostCompared ? false : null
                  }
                  onChoose={(yes) => setTicked(yes ? [...chosen, run.id] : chosen.filter((id) => id !== run.id))}
                />
              ))}
            </ul>
          </Card>
          {runs.length > 1 ? <p className="mt-3 text-[13px] text-muted">{t("compare.hint")}</p> : null}
          <DiskUseLine projectId={projectId} />
        </>
      )}
    </Page>
  );
}

/** Leads to the comparison once two are ticked; says so before. */
function CompareButton({ projectId, runIds }: { projectId: string; runIds: readonly string[] }) {
  const t = useTranslations("runs.compare");
  const icon = <GitCompareArrows aria-hidden className="size-4" />;
  const label = t("button", { count: runIds.length });
  if (runIds.length < 2) {
    return (
      <Button disabled title={t("hint")} icon={icon}>
        {label}
      </Button>
    );
  }
  return (
    <ButtonLink href={compareHref(projectId, runIds)} icon={icon}>
      {label}
    </ButtonLink>
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
