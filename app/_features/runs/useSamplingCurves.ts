"use client";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { isOnline } from "@/trainer/contracts/runConfig";
import type { Curve, CurveLine } from "./curveData";
import { klState } from "./curveStates";
import { metricNames, samplingNames } from "./metrics";
import type { RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { clippedState, entropyState, explainedState, lengthState, scoreState } from "./samplingStates";

/** The curves of a run that learns from answers of its own: what it earns, what that costs, and how its machinery does. */
export function useSamplingCurves(kind: RunDetail["kind"], { train, heldOut }: RunView): readonly Curve[] {
  const t = useTranslations("runs.curves");
  return useMemo(() => {
    if (!isOnline(kind)) return [];
    const names = samplingNames[kind];
    const trained = (name: string | null) => train[name ?? ""] ?? [];
    const held = (name: string) => heldOut[name] ?? [];
    const training = (name: string | null): CurveLine => ({ label: t("training"), colour: 1, points: trained(name) });
    const tested = (name: string): CurveLine => ({
      label: t("heldOut"),
      colour: 2,
      points: held(name),
      heldOut: true,
    });
    const kl = metricNames[kind].kl;
    const all: Curve[] = [
      {
        id: "reward",
        label: t("sampling.reward"),
        text: t("sampling.rewardText"),
        state: scoreState(held("score_rise")),
        lines: [
          training(names.reward),
          tested("score"),
          { label: t("sampling.judge"), colour: 3, points: held("judge"), heldOut: true },
        ],
      },
      {
        id: "kl",
        label: t("sampling.kl"),
        text: t("sampling.klText"),
        state: klState(trained(kl)),
        lines: [training(kl), tested("kl")],
      },
      {
        id: "entropy",
        label: t("sampling.entropy"),
        text: t("sampling.entropyText"),
        state: entropyState(trained(names.entropy)),
        lines: [training(names.entropy)],
      },
      {
        id: "clipped",
        label: t("sampling.clipped"),
        text: t("sampling.clippedText"),
        state: clippedState(trained(names.clipped)),
        lines: [training(names.clipped)],
      },
      {
        id: "length",
        label: t("sampling.length"),
        text: t("sampling.lengthText"),
        state: lengthState(held("length")),
        lines: [training("completions/mean_length"), tested("length")],
      },
      {
        id: "distinct",
        label: t("sampling.distinct"),
        text: t("sampling.distinctText"),
        state: null,
        lines: [
          { label: t("sampling.distinct1"), colour: 1, points: held("distinct_1"), heldOut: true },
          { label: t("sampling.distinct2"), colour: 2, points: held("distinct_2"), heldOut: true },
        ],
        share: true,
      },
      {
        id: "valueLoss",
        label: t("sampling.valueLoss"),
        text: t("sampling.valueLossText"),
        state: null,
        lines: [training(names.valueLoss)],
      },
      {
        id: "explained",
        label: t("sampling.explained"),
        text: t("sampling.explainedText"),
        state: explainedState(trained(names.explained)),
        lines: [training(names.explained)],
      },
      {
        id: "spread",
        label: t("sampling.spread"),
        text: t("sampling.spreadText"),
        state: null,
        lines: [training("reward_std")],
      },
    ];
    return all.filter(({ lines }) => lines.some((line) => line.points.length > 0));
  }, [kind, train, heldOut, t]);
}
