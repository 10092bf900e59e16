"use client";
import { CircleCheck, CircleDashed, CircleDot } from "lucide-react";
import { useTranslations } from "next-intl";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { cx } from "@/app/_ui/cx";
import { type Step, type StepKey, votesToStart } from "./nextSteps";

const paths: Record<StepKey, string> = {
  import: "/import",
  invite: "/people",
  compare: "/compare",
  snapshot: "/datasets",
  train: "/runs/new",
  try: "/playground",
};
const icons = { done: CircleCheck, next: CircleDot, later: CircleDashed };

/** From an empty project to a trained model: what is done, and the one thing to do now. */
export function NextStepsCard({ projectId, steps }: { projectId: string; steps: readonly Step[] }) {
  const t = useTranslations("overview");
  return (
    <Card title={t("stepsTitle")}>
      <ol className="flex flex-col gap-3">
        {steps.map(({ key, state }) => {
          const Icon = icons[state];
          return (
            <li key={key} className="flex items-start gap-3" aria-current={state === "next" ? "step" : undefined}>
              <Icon
                aria-hidden
                className={cx("mt-0.5 size-[18px] shrink-0", state === "later" ? "text-muted" : "text-accent")}
              />
              <div className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <div className="min-w-0 flex-1 basis-56">
                  <p className={cx(state === "next" ? "font-semibold" : "text-muted")}>
                    {t(`steps.${key}.title`)}
                    <span className="sr-only"> – {t(`state.${state}`)}</span>
                  </p>
                  {state === "next" ? (
                    <p className="max-w-[64ch] text-muted">{t(`steps.${key}.text`, { count: votesToStart })}</p>
                  ) : null}
                </div>
                {state === "next" ? (
                  <ButtonLink variant="primary" href={`/projects/${projectId}${paths[key]}`}>
                    {t(`steps.${key}.action`)}
                  </ButtonLink>
                ) : null}
              </div>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
