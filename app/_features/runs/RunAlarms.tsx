"use client";
import { Info, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { type Alarm, alarmsOf } from "./alarms";
import type { RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { useFigures } from "./useFigures";

/** What a person should know about this run, one sentence with advice each. */
export function RunAlarms({ run, view }: { run: RunDetail; view: RunView }) {
  const t = useTranslations("runs.alarms");
  const { learningRate } = run.config.optimizer;
  const alarms = alarmsOf({
    kind: run.kind,
    errorCode: run.error?.code ?? null,
    learningRate,
    totalSteps: run.totalSteps,
    view,
  });
  if (alarms.length === 0) return null;
  return (
    <section aria-label={t("title")} className="rounded-md border border-warn/40 bg-warn-soft p-4">
      <h2 className="text-[15px] font-semibold">{t("title")}</h2>
      <ul className="mt-2 grid gap-2">
        {alarms.map((alarm) => (
          <li key={alarm.id} className="flex max-w-[80ch] items-start gap-2">
            {facts.has(alarm.id) ? (
              <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
            ) : (
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
            )}
            <AlarmText alarm={alarm} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** These tell about the data, not that something goes wrong. */
const facts: ReadonlySet<Alarm["id"]> = new Set(["noHeldOut", "fewHeldOut", "pairsDropped"]);

function AlarmText({ alarm }: { alarm: Alarm }) {
  const t = useTranslations("runs.alarms");
  const { figure, setting } = useFigures();
  if (alarm.id === "notFinite" || alarm.id === "diverged") {
    const { learningRate, suggested } = alarm.values;
    return (
      <p>
        {t(alarm.id, { learningRate: setting(learningRate), suggested: setting(Number(suggested.toPrecision(1))) })}
      </p>
    );
  }
  if (alarm.id === "marginNotGrowing") {
    return <p>{t("marginNotGrowing", { first: figure(alarm.values.first), now: figure(alarm.values.now) })}</p>;
  }
  if (alarm.id === "judgeFalling") {
    const { best, bestStep, now } = alarm.values;
    return <p>{t("judgeFalling", { best: figure(best), bestStep, now: figure(now) })}</p>;
  }
  if (alarm.id === "lengthDrifting" || alarm.id === "entropyCollapsed") {
    return <p>{t(alarm.id, { first: figure(alarm.values.first), now: figure(alarm.values.now) })}</p>;
  }
  if (alarm.id === "scoreNotRising") {
    const { now, low, high } = alarm.values;
    return <p>{t("scoreNotRising", { now: figure(now), low: figure(low), high: figure(high) })}</p>;
  }
  if (alarm.id === "klLarge") return <p>{t("klLarge", { kl: figure(alarm.values.kl) })}</p>;
  return <p>{t(alarm.id, alarm.values)}</p>;
}
