"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { RuleLabelsBadge } from "@/app/_features/demo/RuleLabels";
import { Progress } from "@/app/_ui/Progress";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { useRunBytes } from "./DiskUse";
import { heldOutAccuracy, heldOutRise } from "./metrics";
import { RunStateBadge } from "./RunStateBadge";
import { isActive, type RunRow } from "./runTypes";
import { useFigures } from "./useFigures";

interface Props {
  projectId: string;
  run: RunRow;
  /** Whether it is among those to compare; null where no more can be, or there is nothing to compare it with. */
  chosen: boolean | null;
  onChoose: (chosen: boolean) => void;
}

/** One run: what it is, how far it is, how good it is, when. The whole row leads to its page. */
export function RunListRow({ projectId, run, chosen, onChoose }: Props) {
  const t = useTranslations("runs");
  const name = t("name", { kind: t(`kind.${run.kind}`), number: run.snapshotNumber });
  const { bytes, signed } = useFigures();
  const kept = useRunBytes(projectId, run.id);
  const accuracy = heldOutAccuracy(run.kind, run.metrics, run.intervals);
  const rise = heldOutRise(run.metrics, run.intervals);
  return (
    <li className="relative grid grid-cols-1 gap-x-6 gap-y-2 px-4 py-3 hover:bg-sunken sm:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)_minmax(0,1.2fr)] sm:px-5">
      <div className="min-w-0 ps-9">
        <Choose name={name} chosen={chosen} onChoose={onChoose} />
        <Link
          href={`/projects/${projectId}/runs/${run.id}`}
          className="font-medium after:absolute after:inset-0 after:content-['']"
        >
          {name}
        </Link>
        <p className="truncate text-[13px] text-muted">
          {run.baseModelName ? t("list.base", { model: run.baseModelName }) : null}
        </p>
      </div>
      <div className="flex min-w-0 flex-col items-start gap-1.5 max-sm:ps-9">
        <RunStateBadge run={run} />
        <RuleLabelsBadge {...run} />
        <RunProgress run={run} />
      </div>
      <div className="min-w-0 text-[13px] max-sm:ps-9">
        {accuracy ? (
          <p className="tabular">
            <span className="font-medium">{t("accuracy.short", { value: accuracy.value })}</span>
            {accuracy.low !== null && accuracy.high !== null ? (
              <span className="block text-muted">
                {t("accuracy.interval", { low: accuracy.low, high: accuracy.high })}
              </span>
            ) : accuracy.alike ? (
              <span className="block text-muted">{t("accuracy.alikeShort")}</span>
            ) : null}
          </p>
        ) : rise ? (
          <p className="tabular">
            <span className="font-medium">{t("rise.short", { value: signed(rise.value) })}</span>
            {rise.low !== null && rise.high !== null ? (
              <span className="block text-muted">
                {t("rise.interval", { low: signed(rise.low), high: signed(rise.high) })}
              </span>
            ) : null}
          </p>
        ) : isActive(run) ? null : (
          <p className="text-muted">{t("list.noFigure")}</p>
        )}
        <p className="text-muted">
          {run.finishedAt ? t("list.finishedAt") : run.startedAt ? t("list.started") : t("list.createdAt")}{" "}
          <RelativeTime date={run.finishedAt ?? run.startedAt ?? run.createdAt} />
          {kept && kept.model + kept.checkpoints > 0
            ? ` · ${t("disk.run", { size: bytes(kept.model + kept.checkpoints) })}`
            : null}
        </p>
      </div>
    </li>
  );
}

/** Ticks a run for comparing. It lies over the link that the rest of the row is. */
function Choose({ name, chosen, onChoose }: { name: string } & Pick<Props, "chosen" | "onChoose">) {
  const t = useTranslations("runs.compare");
  return (
    <label className="absolute start-0 top-0 z-10 flex size-11 items-start justify-center pt-3.5">
      <input
        type="checkbox"
        aria-label={t("pick", { name })}
        checked={chosen ?? false}
        disabled={chosen === null}
        onChange={(event) => onChoose(event.target.checked)}
        className="size-4 accent-accent"
      />
    </label>
  );
}

function RunProgress({ run }: { run: RunRow }) {
  const t = useTranslations("runs");
  const { duration } = useFigures();
  if (run.state === "queued" && run.ahead !== null) {
    return <p className="tabular text-[13px] text-muted">{t("list.ahead", { ahead: run.ahead })}</p>;
  }
  if (run.state !== "running" && run.state !== "paused") return null;
  if (run.totalSteps === null)
    return run.state === "paused" ? null : <p className="text-[13px] text-muted">{t("head.preparing")}</p>;
  return (
    <div className="w-full max-w-56">
      <Progress value={run.step} max={run.totalSteps} label={t("head.progress")} />
      <p className="tabular mt-1 text-[13px] text-muted">
        {t("list.progress", { step: run.step, total: run.totalSteps })}
        {run.etaSeconds === null ? null : ` · ${t("list.left", { duration: duration(run.etaSeconds) })}`}
      </p>
    </div>
  );
}
