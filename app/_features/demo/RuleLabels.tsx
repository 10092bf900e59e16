"use client";
import { Ruler } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";

interface Labels {
  readonly judgements: number;
  /** How many of them a rule made. */
  readonly ruleJudgements: number;
}

/** The sentence that says that a rule made labels, all or some; null where people made all of them. */
export function useRuleLabels({ judgements, ruleJudgements }: Labels): string | null {
  const t = useTranslations("demo.byRule");
  if (ruleJudgements === 0) return null;
  return ruleJudgements === judgements ? t("all") : t("some", { rule: ruleJudgements, all: judgements });
}

/** Says it where what was made of the labels shows: a sentence that stays in sight. */
export function RuleLabelsNote({ judgements, ruleJudgements }: Labels) {
  const sentence = useRuleLabels({ judgements, ruleJudgements });
  if (sentence === null) return null;
  return (
    <p className="flex items-start gap-2 rounded-md border border-line bg-sunken px-3 py-2 text-[13px]">
      <Ruler aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      {sentence}
    </p>
  );
}

/** The same in a list. */
export function RuleLabelsBadge({ ruleJudgements }: Pick<Labels, "ruleJudgements">) {
  const t = useTranslations("demo.byRule");
  return ruleJudgements > 0 ? <Badge>{t("short")}</Badge> : null;
}
