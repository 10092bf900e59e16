"use client";
import type { inferRouterOutputs } from "@trpc/server";
import { ArrowDown, Box } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import type { AppRouter } from "@/server/trpc/appRouter";
import { RuleLabelsBadge } from "../demo/RuleLabels";
import { starterModelId } from "./modelTypes";

type Origin = inferRouterOutputs<AppRouter>["models"]["lineage"]["line"][number];
const linkClass = "text-accent underline underline-offset-2";

/** A model's line of descent, from its beginning: base model, the run on a snapshot that tuned it, what came of that. */
export function LineageSteps({ projectId, line }: { projectId: string; line: readonly Origin[] }) {
  return (
    <ol className="grid gap-1">
      {line.map((origin, index) => (
        <li key={origin.id}>
          {origin.snapshotId || origin.compressionId ? (
            <p className="flex flex-wrap items-center gap-2 py-1.5 ps-1 text-muted">
              <ArrowDown aria-hidden className="size-4 shrink-0" />
              <TrainedBy projectId={projectId} origin={origin} />
            </p>
          ) : null}
          <ModelLine projectId={projectId} origin={origin} here={index === line.length - 1} />
        </li>
      ))}
    </ol>
  );
}

/** Models that were trained from another, with the run and the snapshot of each. */
export function LineageChildren({ projectId, models }: { projectId: string; models: readonly Origin[] }) {
  return (
    <ul className="grid gap-3">
      {models.map((origin) => (
        <li key={origin.id}>
          <ModelLine projectId={projectId} origin={origin} here={false} />
          <p className="mt-1 flex flex-wrap items-center gap-2 ps-7 text-muted">
            <TrainedBy projectId={projectId} origin={origin} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function ModelLine({ projectId, origin, here }: { projectId: string; origin: Origin; here: boolean }) {
  const t = useTranslations("models");
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-2">
      <Box aria-hidden className="size-5 shrink-0 text-muted" />
      {here || origin.deletedAt ? (
        <span className={here ? "min-w-0 font-semibold break-words" : "min-w-0 break-words text-muted"}>
          {origin.name}
        </span>
      ) : (
        <Link href={`/projects/${projectId}/models/${origin.id}`} className={`min-w-0 break-words ${linkClass}`}>
          {origin.name}
        </Link>
      )}
      {here ? <Badge tone="accent">{t("lineage.here")}</Badge> : null}
      {origin.deletedAt ? <Badge>{t("lineage.removed")}</Badge> : null}
      {origin.id === starterModelId ? (
        <Badge>{t("starter")}</Badge>
      ) : (
        <span className="text-[13px] text-muted">
          <RelativeTime date={origin.createdAt} />
        </span>
      )}
    </p>
  );
}

function TrainedBy({ projectId, origin }: { projectId: string; origin: Origin }) {
  const t = useTranslations("models.lineage");
  const runs = useTranslations("runs.kind");
  const { runId, runKind, snapshotId, snapshotNumber, ruleJudgements, compressionId } = origin;
  if (compressionId) return <span>{t("compressed")}</span>;
  return (
    <>
      {runId && runKind ? (
        <Link href={`/projects/${projectId}/runs/${runId}`} className={linkClass}>
          {t("trained", { kind: runs(runKind) })}
        </Link>
      ) : (
        <span>{t("runGone")}</span>
      )}
      {snapshotId && snapshotNumber !== null ? (
        <Link href={`/projects/${projectId}/datasets/${snapshotId}`} className={linkClass}>
          {t("snapshot", { number: snapshotNumber })}
        </Link>
      ) : null}
      <RuleLabelsBadge ruleJudgements={ruleJudgements ?? 0} />
    </>
  );
}
