"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Table, Td, Th } from "@/app/_ui/Table";
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
      <TokenTable tokens={tokens} nameOf={nameOf} />
    </div>
  );
}

function TokenTable({ tokens, nameOf }: { tokens: readonly PpoToken[]; nameOf: (token: PpoToken) => string }) {
  const t = useTranslations("learn");
  const { number } = useMaths();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-6 items-center text-[13px] text-muted hover:text-ink pointer-coarse:min-h-11">
        {t("ppo.everyToken")}
      </summary>
      {open ? (
        <div className="mt-1 max-h-96 overflow-y-auto rounded-md border border-line">
          <Table label={t("ppo.everyToken")}>
            <thead>
              <tr>
                <Th>{t("ppo.token")}</Th>
                <Th>{t("ppo.ratio")}</Th>
                <Th>{t("ppo.afterClip")}</Th>
                <Th>{t("ppo.tokenObjective")}</Th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
                <tr key={i}>
                  <Td className="font-mono text-[13px] whitespace-pre">{nameOf(token)}</Td>
                  <Td>{number(token.ratio)}</Td>
                  <Td>{number(token.clipped)}</Td>
                  <Td>{number(token.objective)}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </details>
  );
}
