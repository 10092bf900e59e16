"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import { RunStateBadge } from "../runs/RunStateBadge";

const linkClass = "text-accent underline underline-offset-2";

/** The runs that a snapshot has been used by, and the model that each of them made. */
export function SnapshotRuns({ projectId, snapshotId }: { projectId: string; snapshotId: string }) {
  const t = useTranslations("datasets.detail");
  const words = useTranslations("runs");
  const trpc = useTRPC();
  const list = useQuery(trpc.runs.list.queryOptions({ projectId }));
  const models = useQuery(trpc.models.list.queryOptions({ projectId }));
  const runs = list.data?.runs.filter((run) => run.snapshotId === snapshotId) ?? [];
  return (
    <Card title={t("trained")}>
      {list.isError ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} />
      ) : !list.data ? (
        <Skeleton className="h-16" />
      ) : runs.length === 0 ? (
        <p className="text-muted">{t("noneTrained")}</p>
      ) : (
        <ul className="grid max-h-60 gap-2 overflow-y-auto">
          {runs.map((run) => {
            const made = models.data?.models.find((model) => model.id === run.modelId);
            return (
              <li key={run.id} className="flex min-w-0 flex-wrap items-center gap-2">
                <Link href={`/projects/${projectId}/runs/${run.id}`} className={linkClass}>
                  {words("name", { kind: words(`kind.${run.kind}`), number: run.snapshotNumber })}
                </Link>
                <RunStateBadge run={run} />
                {made ? (
                  <>
                    <span aria-hidden className="text-muted">
                      →
                    </span>
                    <Link href={`/projects/${projectId}/models/${made.id}`} className={linkClass}>
                      {made.name}
                    </Link>
                  </>
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
