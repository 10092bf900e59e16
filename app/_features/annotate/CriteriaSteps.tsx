"use client";
import { useTranslations } from "next-intl";
import { verdictWord } from "./verdicts";

interface Props {
  criteria: readonly string[];
  given: readonly number[];
  onBack: (at: number) => void;
}

/** One question after the other through the same buttons: each criterion, the whole last. What was said can be said anew. */
export function CriteriaSteps({ criteria, given, onBack }: Props) {
  const t = useTranslations("annotate");
  const at = given.length;
  const steps = criteria.length + 1;
  const name = criteria[at] ?? t("criteria.whole");
  return (
    <div className="mx-auto flex w-full max-w-[1100px] flex-wrap items-center gap-x-3 gap-y-1 pb-1">
      <p role="status" className="font-medium" data-testid="question">
        {t("criteria.question", { at: at + 1, steps, name })}
      </p>
      <ol className="ml-auto flex flex-wrap gap-1 max-md:hidden">
        {criteria.slice(0, at).map((criterion, i) => (
          <li key={criterion}>
            <button
              type="button"
              title={t("criteria.again")}
              onClick={() => onBack(i)}
              className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line px-2 text-[13px] text-muted hover:bg-sunken hover:text-ink pointer-coarse:h-11"
            >
              {criterion}
              <span className="font-medium text-ink">{t(`short.${verdictWord(given[i] ?? 0)}`)}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
