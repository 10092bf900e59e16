"use client";
import type { inferRouterOutputs } from "@trpc/server";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { AppRouter } from "@/server/trpc/appRouter";
import type { PresetName } from "@/trainer/contracts/preset";
import { useFigures } from "./useFigures";

type Plan = inferRouterOutputs<AppRouter>["runs"]["plan"];

/** What a preset is for, and what it will do with this snapshot: steps and time; and why it is the right one, if it is. */
export function PresetText({ name, plan, why }: { name: PresetName; plan: Plan | undefined; why: string | null }) {
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
      {why ? <span className="mt-1 block text-[13px]">{why}</span> : null}
    </>
  );
}

export function PresetTitle({ name, recommended }: { name: PresetName; recommended: boolean }) {
  const t = useTranslations("runs.form");
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      {t(`presets.${name}`)}
      {recommended ? <Badge tone="accent">{t("recommended")}</Badge> : null}
    </span>
  );
}
