"use client";
import { useTranslations } from "next-intl";
import { forecastError, type RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { useFigures } from "./useFigures";
import { useTrains } from "./useTrains";

/** What a run was, as label and value: for its card on the page and as a file. */
export function useRunFacts(): (run: RunDetail, view: RunView) => readonly (readonly [label: string, value: string])[] {
  const t = useTranslations("runs");
  const { duration, bytes } = useFigures();
  const trains = useTrains();
  return (run, view) => {
    const { number, trainPairs, testPairs, contentHash } = run.dataset;
    const facts: [string, string][] = [
      [t("form.snapshot"), t("config.dataset", { number, train: trainPairs, test: testPairs })],
      [t("config.hash"), contentHash],
      [t("card.base"), run.baseModelName ?? "–"],
      ...(view.start ? [[t("head.trains"), trains(run, view)] as [string, string]] : []),
      ...(run.model ? [[t("result.file"), bytes(run.model.bytes)] as [string, string]] : []),
      [t("card.seed"), String(run.config.seed ?? 0)],
      [t("head.engine"), [run.provider, view.start?.providerReason].filter(Boolean).join(": ") || "–"],
    ];
    if (view.done) facts.push([t("head.took"), duration(view.done.seconds)]);
    const off = forecastError(view);
    if (view.forecast && off !== null) {
      const error = t("result.off", { share: Math.abs(off), sign: off < 0 ? "less" : "more" });
      facts.push([t("result.forecast"), t("card.offBy", { estimate: duration(view.forecast.seconds), off: error })]);
    }
    return facts;
  };
}
