"use client";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { Card } from "@/app/_ui/Card";
import { Chart } from "@/app/_ui/Chart";
import { isOnline } from "@/trainer/contracts/runConfig";
import { type Curve, type CurveLine, shareSteps } from "./curveData";
import { accuracyState, driftState, klState, lossState, marginState, rewardsState } from "./curveStates";
import { metricNames } from "./metrics";
import type { RunView } from "./runEvents";
import { isActive, type RunDetail } from "./runTypes";
import { Smoothing } from "./Smoothing";
import { useFigures } from "./useFigures";
import { useSamplingCurves } from "./useSamplingCurves";

/** The curves of a run as they come in, each with the sentence that says how to read it. */
export function RunCurves({ run, view }: { run: RunDetail; view: RunView }) {
  const t = useTranslations("runs.curves");
  const [smoothing, setSmoothing] = useState(0.6);
  const onPairs = useCurves(run, view);
  const sampling = useSamplingCurves(run.kind, view);
  const curves = isOnline(run.kind) ? sampling : onPairs;
  return (
    <Card
      title={t("title")}
      actions={curves.length > 0 ? <Smoothing value={smoothing} onChange={setSmoothing} /> : null}
    >
      {curves.length === 0 ? (
        <p className="text-muted">{isActive(run) ? t("waiting") : t("none")}</p>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-8 lg:grid-cols-2">
          {curves.map((curve) => (
            <CurveChart key={curve.id} curve={curve} smoothing={smoothing} syncKey={`run-${run.id}`} />
          ))}
        </div>
      )}
    </Card>
  );
}

function CurveChart({ curve, smoothing, syncKey }: { curve: Curve; smoothing: number; syncKey: string }) {
  const t = useTranslations("runs.curves");
  const { figure, percent } = useFigures();
  const { x, series } = useMemo(() => shareSteps(curve.lines), [curve.lines]);
  return (
    <div className="min-w-0">
      <Chart
        label={curve.label}
        xLabel={t("step")}
        x={x}
        series={series}
        smoothing={smoothing}
        syncKey={syncKey}
        height={232}
        yRange={curve.share ? [0, 1] : undefined}
        formatY={curve.share ? percent : figure}
        note={curve.text}
      />
      {curve.state ? (
        <p
          className="tabular mt-1 max-w-[72ch] text-[13px] font-medium"
          data-curve={curve.id}
          data-state={curve.state.id}
        >
          {t(`states.${curve.state.id}`, curve.state.values)}
        </p>
      ) : null}
    </div>
  );
}

function useCurves(run: RunDetail, view: RunView): Curve[] {
  const t = useTranslations("runs.curves");
  const { train, heldOut } = view;
  return useMemo(() => {
    const both = (name: string): CurveLine[] => [
      { label: t("training"), colour: 1, points: train[name] ?? [] },
      { label: t("heldOut"), colour: 2, points: heldOut[name] ?? [], heldOut: true },
    ];
    const { kind } = run;
    const rewarded = kind === "dpo" || kind === "kto";
    const { accuracy, margin, kl, drift } = metricNames[kind];
    const trained = (name: string | null) => train[name ?? ""] ?? [];
    const held = (name: string | null) => heldOut[name ?? ""] ?? [];
    const all: Curve[] = [
      {
        id: "loss",
        label: t("loss"),
        text: t(lossText(run.config)),
        state: lossState(trained("loss"), held("loss")),
        lines: both("loss"),
      },
      {
        id: "accuracy",
        label: t("accuracy"),
        text: kind === "kto" ? t("accuracyKto") : t("accuracyText"),
        state: accuracyState(trained(accuracy), held(accuracy)),
        lines: withGuessing(both(accuracy ?? ""), t("chance")),
        share: true,
      },
      {
        id: "margin",
        label: t("margin"),
        text: rewarded ? t("marginDpo") : t("marginReward"),
        state: marginState(trained(margin)),
        lines: both(margin ?? ""),
      },
      rewarded
        ? {
            id: "rewards",
            label: t("rewards"),
            text: t("rewardsText"),
            state: rewardsState(trained("rewards/chosen"), trained("rewards/rejected"), trained(margin)),
            lines: [
              { label: t("chosen"), colour: 1, points: train["rewards/chosen"] ?? [] },
              { label: t("rejected"), colour: 2, points: train["rewards/rejected"] ?? [] },
              { label: t("chosenHeldOut"), colour: 3, points: heldOut["rewards/chosen"] ?? [], heldOut: true },
              { label: t("rejectedHeldOut"), colour: 4, points: heldOut["rewards/rejected"] ?? [], heldOut: true },
            ],
          }
        : {
            id: "meanReward",
            label: t("meanReward"),
            text: t("meanRewardText"),
            state: null,
            lines: [{ label: t("training"), colour: 1, points: train.mean_reward ?? [] }],
          },
    ];
    if (kind === "sft") {
      all.push({
        id: "tokens",
        label: t("tokens"),
        text: t("tokensText"),
        state: null,
        lines: both("mean_token_accuracy"),
        share: true,
      });
    }
    if (kl) all.push({ id: "kl", label: t("kl"), text: t("klText"), state: klState(trained(kl)), lines: both(kl) });
    if (drift) {
      all.push({
        id: "drift",
        label: t("drift"),
        text: t("driftText"),
        state: driftState(trained(drift), trained("logratios/mean")),
        lines: both(drift),
      });
    }
    return all.filter(({ lines }) => lines.some((line) => line.points.length > 0));
  }, [run, train, heldOut, t]);
}

/** How to read the loss: only DPO's own starts at ln 2. */
function lossText(config: RunDetail["config"]) {
  if (config.kind === "reward") return "lossReward";
  if (config.kind === "sft") return "lossSft";
  if (config.kind === "kto") return "lossKto";
  if (config.kind !== "dpo") return "lossOther";
  return config.loss === undefined || config.loss === "sigmoid" ? "lossDpo" : "lossOther";
}

/** A level line at one half, from the first point to the last. */
function withGuessing(lines: readonly CurveLine[], label: string): CurveLine[] {
  const steps = lines.flatMap((line) => line.points.map((p) => p.step));
  if (steps.length === 0) return [...lines];
  const ends = [Math.min(...steps), Math.max(...steps)];
  return [...lines, { label, colour: 4, dashed: true, points: ends.map((step) => ({ step, value: 0.5 })) }];
}
