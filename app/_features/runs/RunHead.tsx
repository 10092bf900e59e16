"use client";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Progress } from "@/app/_ui/Progress";
import { useRunBytes } from "./DiskUse";
import { RunStateBadge } from "./RunStateBadge";
import { type RunView, timesInterrupted } from "./runEvents";
import { isActive, type RunDetail, shownState } from "./runTypes";
import { useFigures } from "./useFigures";
import { useTrains } from "./useTrains";

/** The first line: state, progress, time left, engine, speed, memory; and why it stopped, if it did. */
export function RunHead({ projectId, run, view }: { projectId: string; run: RunDetail; view: RunView }) {
  const t = useTranslations("runs.head");
  const disk = useTranslations("runs.disk");
  const format = useFormatter();
  const { duration, bytes } = useFigures();
  const step = Math.max(run.step, view.latest?.step ?? 0);
  const total = view.start?.totalSteps ?? run.totalSteps;
  const training = run.state === "running";
  const left = training ? (view.latest?.etaSeconds ?? run.etaSeconds) : null;
  const took = secondsOf(run);
  const provider = view.start?.provider ?? run.provider;
  const trains = useTrains();
  const kept = useRunBytes(projectId, run.id);
  const resumed = timesInterrupted(view);
  return (
    <section className="rounded-md border border-line bg-surface p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <RunStateBadge run={run} />
        {total !== null ? <span className="tabular">{t("step", { step, total })}</span> : null}
        <span className="text-muted">{noteOf(run, total, t)}</span>
      </div>
      {isActive(run) && total !== null ? (
        <Progress value={step} max={total} label={t("progress")} className="mt-3" />
      ) : null}
      <dl className="mt-4 flex flex-wrap gap-x-8 gap-y-3 empty:hidden">
        {left !== null ? <Fact label={t("timeLeft")}>{duration(left)}</Fact> : null}
        {took !== null ? <Fact label={t("took")}>{duration(took)}</Fact> : null}
        {provider ? <Fact label={t("engine")}>{provider}</Fact> : null}
        {view.start ? <Fact label={t("trains")}>{trains(run, view)}</Fact> : null}
        {kept && kept.model + kept.checkpoints > 0 ? (
          <Fact label={disk("title")}>
            {bytes(kept.model + kept.checkpoints)}{" "}
            {kept.checkpoints > 0 ? (
              <span className="font-normal text-muted">
                {disk("runParts", { model: bytes(kept.model), checkpoints: bytes(kept.checkpoints) })}
              </span>
            ) : null}
          </Fact>
        ) : null}
        {training && view.latest ? (
          <>
            <Fact label={t("speed")}>{format.number(view.latest.tokensPerSecond, { maximumFractionDigits: 0 })}</Fact>
            <Fact label={t("memory")}>{bytes(view.latest.residentBytes)}</Fact>
          </>
        ) : null}
      </dl>
      {view.start ? (
        <p className="mt-3 max-w-[80ch] text-[13px] text-muted">
          {t("engineWhy", { reason: view.start.providerReason })}
        </p>
      ) : null}
      {resumed > 0 ? <p className="mt-3 text-[13px] text-muted">{t("restarted", { count: resumed })}</p> : null}
      {run.error ? (
        <div role="alert" className="mt-4 rounded-md border border-danger/40 bg-danger-soft p-3">
          <p className="font-medium">{t("failedTitle")}</p>
          <p className="mt-0.5 max-w-[72ch] break-words">{run.error.message}</p>
          {t.has(`advice.${run.error.code}`) ? (
            <p className="mt-2 max-w-[72ch]">{t(`advice.${run.error.code}` as "advice.bad_dataset")}</p>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-20">
      <dt className="text-[13px] text-muted">{label}</dt>
      <dd className="tabular font-medium">{children}</dd>
    </div>
  );
}

function noteOf(
  run: RunDetail,
  total: number | null,
  t: ReturnType<typeof useTranslations<"runs.head">>,
): string | null {
  const state = shownState(run);
  if (state === "cancelling") return t("stopping");
  if (state === "pausing") return t("pausing");
  if (state === "paused") return run.step > 0 ? t("pausedText", { step: run.step }) : t("pausedBeforeStart");
  if (state === "queued") return run.ahead ? t("waitingAhead", { ahead: run.ahead }) : t("waitingNext");
  if (state === "running" && total === null) return t("preparing");
  if (state === "cancelled") return run.startedAt ? t("cancelledText", { step: run.step }) : t("cancelledBeforeStart");
  return null;
}

const secondsOf = ({ startedAt, finishedAt }: RunDetail): number | null =>
  startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1000 : null;
