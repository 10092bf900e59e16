"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { RuleLabelsNote } from "@/app/_features/demo/RuleLabels";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { isOnline } from "@/trainer/contracts/runConfig";
import { RunActions } from "./RunActions";
import { RunAlarms } from "./RunAlarms";
import { RunConfigCard } from "./RunConfigCard";
import { RunCurves } from "./RunCurves";
import { RunHead } from "./RunHead";
import { RunLog } from "./RunLog";
import { RunResult } from "./RunResult";
import { RunSamples } from "./RunSamples";
import { isActive, type RunDetail } from "./runTypes";
import { useRunEvents } from "./useRunEvents";
import { WorkerOfflineNote } from "./WorkerOfflineNote";

export function RunPage({ projectId, runId }: { projectId: string; runId: string }) {
  const t = useTranslations("runs");
  const trpc = useTRPC();
  const run = useQuery(
    trpc.runs.get.queryOptions(
      { projectId, runId },
      { refetchInterval: ({ state }) => (state.data && isActive(state.data) ? 2_000 : false) },
    ),
  );
  const back = { href: `/projects/${projectId}/runs`, label: t("backToRuns") };
  if (run.data) return <LoadedRun projectId={projectId} run={run.data} back={back} />;
  return (
    <Page wide>
      <PageHeader back={back} title={<Skeleton className="h-7 w-64" />} />
      {run.isError ? (
        <ErrorNote error={run.error} onRetry={() => run.refetch()} />
      ) : (
        <div className="grid gap-4">
          <Skeleton className="h-32" />
          <Skeleton className="h-96" />
        </div>
      )}
    </Page>
  );
}

interface Loaded {
  projectId: string;
  run: RunDetail;
  back: { href: string; label: string };
}

function LoadedRun({ projectId, run, back }: Loaded) {
  const t = useTranslations("runs");
  const { view, loading, error, reconnect } = useRunEvents(projectId, run.id);
  return (
    <Page wide>
      <PageHeader
        back={back}
        title={t("name", { kind: t(`kind.${run.kind}`), number: run.snapshotNumber })}
        description={t(isOnline(run.kind) ? "head.whatPrompts" : "head.what", {
          kind: t(`kind.${run.kind}`),
          pairs: view.start?.train.used ?? run.dataset.trainPairs,
          number: run.snapshotNumber,
          model: run.baseModelName ?? "–",
        })}
        actions={<RunActions projectId={projectId} run={run} />}
      />
      {isActive(run) && !run.workerOnline ? <WorkerOfflineNote /> : null}
      {error ? <ErrorNote error={error} onRetry={reconnect} className="mb-4" /> : null}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <RuleLabelsNote {...run} />
        <RunHead projectId={projectId} run={run} view={view} />
        {run.state === "finished" ? <RunResult projectId={projectId} run={run} view={view} /> : null}
        <RunAlarms run={run} view={view} />
        {loading && !isActive(run) ? (
          <Skeleton className="h-[46rem]" />
        ) : (
          <>
            <RunCurves run={run} view={view} />
            {run.kind !== "reward" ? (
              <RunSamples samples={view.samples} active={isActive(run)} drawn={isOnline(run.kind)} />
            ) : null}
          </>
        )}
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
          <Card title={t("log.title")}>
            <RunLog log={view.log} />
          </Card>
          <RunConfigCard run={run} snapshotHref={`/projects/${projectId}/datasets/${run.snapshotId}`} />
        </div>
      </div>
    </Page>
  );
}
