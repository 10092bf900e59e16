"use client";
import { useTranslations } from "next-intl";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { Formulas } from "./formulas";
import { dpoNumbers } from "./numbers";
import { type Step, Steps } from "./Steps";
import { useMaths } from "./useMaths";

interface Two {
  readonly chosen: number;
  readonly rejected: number;
}

interface Props {
  formulas: Formulas;
  /** Summed log-probabilities of the two answers. */
  policy: Two;
  reference: Two;
  names: { readonly policy: string; readonly reference: string };
  label: number;
  beta: number;
}

export function DpoNumbers({ formulas, policy, reference, names, label, beta }: Props) {
  const t = useTranslations("learn");
  const { number, term, percent, setting } = useMaths();
  const { implicit, margin, probability, loss } = dpoNumbers(policy, reference, { label, beta });
  const ratio = (side: keyof Two) => `${setting(beta)} × (${number(policy[side])} − ${term(reference[side])})`;
  const steps: Step[] = [
    { key: "implicitChosen", working: ratio("chosen"), value: number(implicit.chosen) },
    { key: "implicitRejected", working: ratio("rejected"), value: number(implicit.rejected) },
    { key: "margin", working: `${number(implicit.chosen)} − ${term(implicit.rejected)}`, value: number(margin) },
    { key: "probability", working: `σ(${number(margin)})`, value: percent(probability) },
    { key: "loss", value: number(loss), values: { label: percent(label) } },
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="rounded-md border border-line">
        <Table label={t("dpo.table")}>
          <thead>
            <tr>
              <Th>{t("dpo.model")}</Th>
              <Th>{t("chosen")}</Th>
              <Th>{t("rejected")}</Th>
            </tr>
          </thead>
          <tbody>
            {[
              { name: t("dpo.policyRow", { name: names.policy }), side: policy },
              { name: t("dpo.referenceRow", { name: names.reference }), side: reference },
            ].map(({ name, side }) => (
              <tr key={name}>
                <Td>{name}</Td>
                <Td>{number(side.chosen)}</Td>
                <Td>{number(side.rejected)}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      <Steps section="dpo" formulas={formulas} steps={steps} />
    </div>
  );
}
