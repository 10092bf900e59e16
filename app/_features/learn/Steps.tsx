"use client";
import { useTranslations } from "next-intl";
import { Formula } from "./Formula";
import type { FormulaKey, Formulas, Section } from "./formulas";

export interface Step {
  readonly key: string;
  /** What it is computed from, in numbers. */
  readonly working?: string;
  readonly value: string;
  /** What the sentence is told. */
  readonly values?: Readonly<Record<string, string | number>>;
}

interface Props {
  section: Section;
  formulas: Formulas;
  steps: readonly Step[];
}

/** The walk through one objective: a sentence and its number, one after the other. */
export function Steps({ section, formulas, steps }: Props) {
  const t = useTranslations("learn");
  return (
    <ol className="divide-y divide-line rounded-md border border-line">
      {steps.map(({ key, working, value, values }) => (
        <li key={key} className="grid gap-x-6 gap-y-1 px-3 py-2.5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          <p className="max-w-[72ch]">{t(`${section}.steps.${key}`, values)}</p>
          <p className="tabular flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <Formula markup={formulas[`${section}.step.${key}` as FormulaKey]} />
            {working ? <span>= {working}</span> : null}
            <span>
              = <strong className="font-semibold">{value}</strong>
            </span>
          </p>
        </li>
      ))}
    </ol>
  );
}
