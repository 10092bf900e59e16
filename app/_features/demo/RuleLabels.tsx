"use client";
import { Ruler } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";

interface Labels {
  readonly judgements: number;
  /** How many of them a rule made. */
  readonly ruleJudgements: number;
}

/** Says that a rule made labels, wherever what was made of them shows: a sentence that stays in sight. */
export function RuleLabelsNote({ judgements, ruleJudgements }: Labels) {
  const t = useTranslations("demo.byRule");
  if (ruleJudgements === 0) return null;
  return (
    <p className="flex items-start gap-2 rounded-md border border-line bg-sunken px-3 py-2 text-[13px]">
      <Ruler aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      {ruleJudgements === judgements ? t("all") : t("some", { rule: ruleJudgements, all: judgements })}
    </p>
  );
}

/** The same in a list. */
export function RuleLabelsBadge({ ruleJudgements }: Pick<Labels, "ruleJudgements">) {
  const t = useTranslations("demo.byRule");
  return ruleJudgements > 0 ? <Badge>{t("short")}</Badge> : null;
}
