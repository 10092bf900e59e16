"use client";
import { useTranslations } from "next-intl";
import { DetailsTable } from "@/app/_ui/DetailsTable";
import type { ScoredToken } from "@/trainer/contracts/inference";
import type { Formulas } from "./formulas";
import { type PpoToken, ppoNumbers } from "./numbers";
import { type Step, Steps } from "./Steps";
import { useMaths } from "./useMaths";

interface Side {
  readonly policy: readonly ScoredToken[];
  readonly reference: readonly ScoredToken[];
}

interface Props {
  formulas: Formulas;
  rewards: { readonly chosen: number; readonly rejected: number };
  chosen: Side;
  rejected: Side;
  settings: { readonly beta: number; readonly clip: number };
}

const zip = ({ policy, reference }: Side) =>
  policy.map(({ text, logProb }, i) => ({ text, policy: logProb, reference: reference[i]?.logProb ?? logProb }));

export function PpoNumbers({ formulas, rewards, chosen, rejected, settings }: Props) {
  const t = useTranslations("learn");
  const { number, term, setting } = useMaths();
  const { beta, clip } = settings;
  const numbers = ppoNumbers(rewards, { chosen: zip(chosen), rejected: zip(rejected) }, settings);
  const { logRatio, shaped, advantage, tokens, objective } = numbers;
  const moved = tokens.reduce((a, b) => (Math.abs(Math.log(b.ratio)) > Math.abs(Math.log(a.ratio)) ? b : a));
  const nameOf = ({ text }: Pick<PpoToken, "text">) => (text === "" ? t("endOfText") : text.trim() || "␣");
  const steps: Step[] = [
    { key: "reward", value: number(rewards.chosen) },
    { key: "logRatio", value: number(logRatio.chosen) },
    { key: "penalty", working: `${setting(beta)} × ${term(logRatio.chosen)}`, value: number(beta * logRatio.chosen) },
    {
      key: "shaped",
      working: `${number(rewards.chosen)} − ${term(beta * logRatio.chosen)}`,
      value: number(shaped.chosen),
    },
    { key: "other", value: number(shaped.rejected) },
    {
      key: "advantage",
      working: `${number(shaped.chosen)} − ½ (${number(shaped.chosen)} + ${term(shaped.rejected)})`,
      value: number(advantage),
    },
    { key: "ratio", value: number(moved.ratio), values: { count: tokens.length, token: nameOf(moved) } },
    {
      key: "clipped",
      working: `min(${number(moved.ratio * advantage)}, ${number(moved.clipped * advantage)})`,
      value: number(moved.objective),
      values: { low: setting(1 - clip), high: setting(1 + clip) },
    },
    { key: "objective", value: number(objective), values: { count: tokens.length } },
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="max-w-[72ch] text-muted">{t("ppo.assumptions", { beta: setting(beta), clip: setting(clip) })}</p>
      <Steps section="ppo" formulas={formulas} steps={steps} />
      <DetailsTable
        summary={t("ppo.everyToken")}
        label={t("ppo.everyToken")}
        head={[t("ppo.token"), t("ppo.ratio"), t("ppo.afterClip"), t("ppo.tokenObjective")]}
        rows={() =>
          tokens.map((token) => [
            <code key="token" className="font-mono text-[13px] whitespace-pre">
              {nameOf(token)}
            </code>,
            number(token.ratio),
            number(token.clipped),
            number(token.objective),
          ])
        }
      />
    </div>
  );
}
