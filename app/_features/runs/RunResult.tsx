"use client";
import { Box, IdCard, MessagesSquare } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { adapterKindEntries } from "@/trainer/contracts/adapterKinds";
import { isOnline } from "@/trainer/contracts/runConfig";
import { ModelDownloads } from "../models/ModelDownloads";
import { heldOutAccuracy, heldOutRise, metricNames } from "./metrics";
import { RunCardActions } from "./RunCardActions";
import { forecastError, type RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { useFigures } from "./useFigures";

/** What came out: how good it is and how sure that is, and where to go with it. */
export function RunResult({ projectId, run, view }: { projectId: string; run: RunDetail; view: RunView }) {
  const t = useTranslations("runs");
  const format = useFormatter();
  const { figure, duration, bytes } = useFigures();
  const off = forecastError(view);
  const accuracy = heldOutAccuracy(run.kind, run.metrics, run.intervals);
  const margin = run.metrics?.[`eval_${metricNames[run.kind].margin}`];
  const loss = run.metrics?.eval_loss;
  const pairs = view.start?.test.used ?? run.dataset.testPairs;
  const icon = "size-4";
  return (
    <section className="rounded-md border border-accent/40 bg-surface p-4 sm:p-5">
      <h2 className="text-[13px] font-medium text-muted">{t("result.title")}</h2>
      <p className="mt-1 text-lg leading-7 font-semibold">
        {t(`result.${run.kind}`)}{" "}
        {isOnline(run.kind) ? (
          <RiseSentence rise={heldOutRise(run.metrics, run.intervals)} />
        ) : run.kind === "sft" && loss !== undefined ? null : (
          <AccuracySentence kind={run.kind} accuracy={accuracy} />
        )}
      </p>
      {accuracy?.low != null ? <p className="mt-1 max-w-[72ch] text-muted">{t("result.sure")}</p> : null}
      {accuracy?.alike ? <p className="mt-1 max-w-[72ch] text-muted">{t("accuracy.alike")}</p> : null}
      <dl className="mt-4 flex flex-wrap gap-x-8 gap-y-3">
        {margin !== undefined ? <Figure label={t("result.margin")} value={figure(margin)} /> : null}
        {isOnline(run.kind) ? (
          <SamplingFigures metrics={run.metrics ?? {}} />
        ) : loss !== undefined ? (
          <Figure label={t("result.loss")} value={figure(loss)} />
        ) : null}
        <Figure label={t(isOnline(run.kind) ? "result.prompts" : "result.pairs")} value={format.number(pairs)} />
        {run.model ? <Figure label={t("result.file")} value={bytes(run.model.bytes)} /> : null}
        {view.forecast && off !== null ? (
          <Figure
            label={t("result.forecast")}
            value={`${duration(view.forecast.seconds)}, ${t("result.off", { share: Math.abs(off), sign: off < 0 ? "less" : "more" })}`}
          />
        ) : null}
      </dl>
      {run.adapter && run.model ? (
        <p className="mt-4 max-w-[72ch] text-muted">
          {t(adapterKindEntries[run.adapter].merges ? "result.adapterText" : "result.adapterNotMerged", {
            base: run.baseModelName ?? "–",
          })}
        </p>
      ) : null}
      {run.model ? (
        <div className="mt-5 flex flex-wrap gap-2">
          <ButtonLink
            href={`/projects/${projectId}/playground?${run.kind === "reward" ? "reward" : "tuned"}=${run.model.id}`}
            variant="primary"
            icon={<MessagesSquare aria-hidden className={icon} />}
          >
            {t("result.playground")}
          </ButtonLink>
          <ButtonLink
            href={`/projects/${projectId}/models/${run.model.id}`}
            icon={<Box aria-hidden className={icon} />}
          >
            {t("result.model")}
          </ButtonLink>
          <ModelDownloads projectId={projectId} model={{ ...run.model, adapter: run.adapter }} />
          <ButtonLink
            href={`/projects/${projectId}/runs/${run.id}/card`}
            icon={<IdCard aria-hidden className={icon} />}
          >
            {t("card.share")}
          </ButtonLink>
          <RunCardActions run={run} view={view} />
        </div>
      ) : (
        <p className="mt-4 text-muted">{t("result.modelRemoved")}</p>
      )}
    </section>
  );
}

function RiseSentence({ rise }: { rise: ReturnType<typeof heldOutRise> }) {
  const t = useTranslations("runs.rise");
  const { signed } = useFigures();
  if (!rise) return t("none");
  const { value, low, high } = rise;
  return low === null || high === null
    ? t("sentence", { value: signed(value) })
    : t("sentenceInterval", { value: signed(value), low: signed(low), high: signed(high) });
}

/** What the rise cost: distance from the base model, variety, length; and what the judge thinks. */
function SamplingFigures({ metrics }: { metrics: Readonly<Record<string, number>> }) {
  const t = useTranslations("runs.result");
  const { figure, signed } = useFigures();
  const shown = [
    ["judge", metrics.eval_judge_rise, signed],
    ["kl", metrics.eval_kl, figure],
    ["distinct", metrics.eval_distinct_2, figure],
    ["length", metrics.eval_length, figure],
  ] as const;
  return shown.map(([name, value, say]) =>
    value === undefined ? null : <Figure key={name} label={t(name)} value={say(value)} />,
  );
}

function AccuracySentence({
  kind,
  accuracy,
}: {
  kind: RunDetail["kind"];
  accuracy: ReturnType<typeof heldOutAccuracy>;
}) {
  const t = useTranslations("runs.accuracy");
  if (!accuracy) return t("none");
  const { value, low, high } = accuracy;
  return low === null || high === null
    ? t("sentence", { kind, value })
    : t("sentenceInterval", { kind, value, low, high });
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="text-[13px] text-muted">{label}</dt>
      <dd className="tabular font-medium">{value}</dd>
    </div>
  );
}
