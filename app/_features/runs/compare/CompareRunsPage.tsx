"use client";
import { useQueries } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { emptyRunView, type RunView } from "../runEvents";
import { isActive } from "../runTypes";
import { ComparedCurves } from "./ComparedCurves";
import { ComparedFigures } from "./ComparedFigures";
import { ComparedRuns } from "./ComparedRuns";
import { ComparedSettings } from "./ComparedSettings";
import { RunFollower } from "./RunFollower";

/** Two to four runs side by side: what they are, how they were set, their curves over each other, their figures. */
export function CompareRunsPage({ projectId, runIds }: { projectId: string; runIds: readonly string[] }) {
  const t = useTranslations("runs");
  const trpc = useTRPC();
  const [views, setViews] = useState<Readonly<Record<string, RunView>>>({});
  const onView = useCallback(
    (runId: string, view: RunView) => setViews((before) => ({ ...before, [runId]: view })),
    [],
  );
  const queries = useQueries({
    queries: runIds.map((runId) =>
      trpc.runs.get.queryOptions(
        { projectId, runId },
        { refetchInterval: ({ state }) => (state.data && isActive(state.data) ? 2_000 : false) },
      ),
    ),
  });
  const failed = queries.find((query) => query.isError);
  const runs = queries.flatMap(({ data }) => (data ? [{ run: data, view: views[data.id] ?? emptyRunView }] : []));
  return (
    <Page wide>
      <PageHeader
        back={{ href: `/projects/${projectId}/runs`, label: t("backToRuns") }}
        title={t("compare.title")}
        description={t("compare.lead")}
      />
      {runIds.length < 2 ? (
        <EmptyState
          icon={<GitCompareArrows />}
          title={t("compare.emptyTitle")}
          action={
            <ButtonLink href={`/projects/${projectId}/runs`} variant="primary">
              {t("compare.choose")}
            </ButtonLink>
          }
        >
          {t("compare.emptyText")}
        </EmptyState>
      ) : failed ? (
        <ErrorNote error={failed.error} onRetry={() => failed.refetch()} />
      ) : runs.length < runIds.length ? (
        <div className="grid gap-4">
          <Skeleton className="h-40" />
          <Skeleton className="h-96" />
        </div>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          {runIds.map((runId) => (
            <RunFollower key={runId} projectId={projectId} runId={runId} onView={onView} />
          ))}
          <ComparedRuns projectId={projectId} runs={runs} />
          <ComparedFigures runs={runs} />
          <ComparedCurves runs={runs} />
          <ComparedSettings runs={runs} />
        </div>
      )}
    </Page>
  );
}
