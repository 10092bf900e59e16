"use client";
import { useTranslations } from "next-intl";
import type { RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { useFigures } from "./useFigures";

/** What a run trains, and how many parameters of how many that is; empty before it has said so. */
export function useTrains(): (run: Pick<RunDetail, "adapter">, view: Pick<RunView, "start">) => string {
  const t = useTranslations("runs");
  const { compact } = useFigures();
  return ({ adapter }, { start }) => {
    if (!start) return "";
    const { trainableParameters: trained, parameters: all } = start;
    const what = t(`adapter.kinds.${adapter ?? "full"}.title`);
    return t("head.trainsShare", { what, trained: compact(trained), all: compact(all), share: trained / all });
  };
}
