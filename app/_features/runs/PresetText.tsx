"use client";
import type { inferRouterOutputs } from "@trpc/server";
import { useTranslations } from "next-intl";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { AppRouter } from "@/server/trpc/appRouter";
import type { PresetName } from "@/trainer/contracts/preset";
import { useFigures } from "./useFigures";

type Plan = inferRouterOutputs<AppRouter>["runs"]["plan"];

/** What a preset is for, and what it will do with this snapshot: steps and time. */
export function PresetText({ name, plan }: { name: PresetName; plan: Plan | undefined }) {
  const t = useTranslations("runs.form");
  const { duration } = useFigures();
  return (
    <>
      <span className="block">{t(`presetTexts.${name}`)}</span>
      {plan ? (
        <span className="tabular mt-1 block text-[13px] text-muted">
          {t("steps", { steps: plan.steps })}
          {", "}
          {plan.estimatedSeconds === null
            ? t("noEstimate")
            : t("estimate", { duration: duration(plan.estimatedSeconds) })}
        </span>
      ) : (
        <Skeleton className="mt-2 h-4 w-3/4" />
      )}
    </>
  );
}
