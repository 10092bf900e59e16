"use client";
import type { Formulas } from "./formulas";
import { rewardNumbers } from "./numbers";
import { type Step, Steps } from "./Steps";
import { useMaths } from "./useMaths";

interface Props {
  formulas: Formulas;
  rewards: { readonly chosen: number; readonly rejected: number };
  label: number;
  centering: number;
}

export function RewardNumbers({ formulas, rewards, label, centering }: Props) {
  const { number, term, percent, setting } = useMaths();
  const { chosen, rejected } = rewards;
  const { margin, probability, centre, loss } = rewardNumbers(rewards, { label, centering });
  const steps: Step[] = [
    { key: "chosen", value: number(chosen) },
    { key: "rejected", value: number(rejected) },
    { key: "margin", working: `${number(chosen)} − ${term(rejected)}`, value: number(margin) },
    { key: "probability", working: `σ(${number(margin)})`, value: percent(probability) },
    {
      key: "centre",
      working: `${setting(centering)} × (${number(chosen)} + ${term(rejected)})²`,
      value: number(centre),
    },
    {
      key: "loss",
      working: `${number(loss - centre)} + ${number(centre)}`,
      value: number(loss),
      values: { label: percent(label) },
    },
  ];
  return <Steps section="reward" formulas={formulas} steps={steps} />;
}
