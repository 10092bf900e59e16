"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { RuleLabelsBadge } from "@/app/_features/demo/RuleLabels";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { RunStateBadge } from "../RunStateBadge";
import type { RunDetail } from "../runTypes";
import { useFigures } from "../useFigures";
import type { Compared } from "./compareCurves";
import { RunMark } from "./RunMark";

/** Which run is which, and where each stands. */
export function ComparedRuns({ projectId, runs }: { projectId: string; runs: readonly Compared[] }) {
  const t = useTranslations("runs");
  const sameTest = new Set(runs.map(({ run }) => run.dataset.contentHash)).size === 1;
  return (
    <div>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {runs.map(({ run, view }, index) => (
          <li key={run.id} className="min-w-0 rounded-md border border-line bg-surface p-4">
            <RunMark index={index} />
            <p className="mt-1">
              <Link
                href={`/projects/${projectId}/runs/${run.id}`}
                className="font-medium text-accent underline underline-offset-2"
              >
                {t("name", { kind: t(`kind.${run.kind}`), number: run.snapshotNumber })}
              </Link>
            </p>
            <p className="text-[13px] text-muted">
              {run.baseModelName ? t("list.base", { model: run.baseModelName }) : null}
            </p>
            <p className="mt-2 flex flex-wrap items-center gap-2">
              <RunStateBadge run={run} />
              <RuleLabelsBadge {...run} />
            </p>
            <RunWhen run={run} seconds={view.done?.seconds ?? null} />
          </li>
        ))}
      </ul>
      {sameTest ? null : <p className="mt-3 max-w-[80ch] text-[13px] text-muted">{t("compare.otherHeldOut")}</p>}
    </div>
  );
}

function RunWhen({ run, seconds }: { run: RunDetail; seconds: number | null }) {
  const t = useTranslations("runs");
  const { duration } = useFigures();
  return (
    <p className="tabular mt-1 text-[13px] text-muted">
      {run.totalSteps === null ? null : `${t("head.step", { step: run.step, total: run.totalSteps })} · `}
      {seconds === null ? null : `${duration(seconds)} · `}
      <RelativeTime date={run.finishedAt ?? run.startedAt ?? run.createdAt} />
    </p>
  );
}
