"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card } from "@/app/_ui/Card";
import { Formula } from "./Formula";
import { type FormulaKey, type Formulas, keysOf, type Section } from "./formulas";

interface Props {
  section: Section;
  formulas: Formulas;
  /** Beside the objective. */
  more?: readonly FormulaKey[];
  children: ReactNode;
}

/** One objective: its formula, a sentence for each term, and the pair's numbers. */
export function SectionCard({ section, formulas, more = [], children }: Props) {
  const t = useTranslations("learn");
  const objectives: readonly FormulaKey[] = [`${section}.objective`, ...more];
  return (
    <Card title={t(`${section}.title`)} description={t(`${section}.lead`)}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <div className="rounded-md bg-sunken px-3 py-2">
          {objectives.map((key) => (
            <Formula key={key} markup={formulas[key]} label={t("formula", { name: t(`${section}.title`) })} />
          ))}
        </div>
        <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[minmax(9rem,auto)_minmax(0,1fr)]">
          {keysOf(section, "term").map((key) => (
            <div key={key} className="contents">
              <dt className="overflow-x-auto overflow-y-hidden">
                <Formula markup={formulas[`${section}.term.${key}` as FormulaKey]} />
              </dt>
              <dd className="max-w-[72ch] max-sm:-mt-2">{t(`${section}.terms.${key}`)}</dd>
            </div>
          ))}
        </dl>
        <div className="border-t border-line pt-4">
          <h3 className="mb-3 font-semibold">{t("numbers")}</h3>
          {children}
        </div>
      </div>
    </Card>
  );
}
