import type { CombinationRule } from "@/server/domain/preference";

/** One sentence about a rule: a message under `datasets.words` and its arguments. */
export type RuleSentence =
  | { readonly key: "minJudgements"; readonly values: { readonly count: number } }
  | { readonly key: "soft" | "hard" | "noAgreement" | "noTest" | "imported" | "notImported"; readonly values: object }
  | { readonly key: "softPrior"; readonly values: { readonly prior: number } }
  | { readonly key: "agreement"; readonly values: { readonly share: number } }
  | { readonly key: "test"; readonly values: { readonly share: number; readonly seed: number } };

/** A rule in words, in the order in which it is applied. */
export function ruleWords(rule: CombinationRule): RuleSentence[] {
  return [
    { key: rule.useImported ? "imported" : "notImported", values: {} },
    { key: "minJudgements", values: { count: rule.minJudgements } },
    // Half of the decided votes is what a majority has anyway.
    rule.minAgreement > 0.5
      ? { key: "agreement", values: { share: rule.minAgreement } }
      : { key: "noAgreement", values: {} },
    rule.labels === "hard"
      ? { key: "hard", values: {} }
      : rule.prior > 0
        ? { key: "softPrior", values: { prior: rule.prior } }
        : { key: "soft", values: {} },
    rule.testShare > 0
      ? { key: "test", values: { share: rule.testShare, seed: rule.splitSeed } }
      : { key: "noTest", values: {} },
  ];
}
