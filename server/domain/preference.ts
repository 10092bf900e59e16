import { z } from "zod";

export type Slot = "a" | "b";
export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

/** −3 … +3 in stored order: negative prefers response a, 0 is a tie. */
export const verdictSchema = z.number().int().min(-3).max(3);

/** A verdict given by position (−3 = left much better … +3 = right much better), turned into stored order; its own inverse. */
export const positionalToStored = (verdict: number, leftSlot: Slot): number =>
  leftSlot === "a" ? verdict : verdict === 0 ? 0 : -verdict;

export interface CountedJudgement {
  readonly verdict: number | null;
  readonly bothBad: boolean;
}

/** How an item's judgements become one preference, and which items a snapshot leaves out. */
export const combinationRuleSchema = z.object({
  /** Items with fewer counted judgements are left out. */
  minJudgements: z.number().int().min(1).default(1),
  /** `soft`: probability (wins + ½ ties) / n with a Laplace prior of `prior` votes on each side; `hard`: 1. */
  labels: z.enum(["soft", "hard"]).default("soft"),
  prior: z.number().min(0).max(10).default(0),
  /** Items whose majority is below this share of the decided votes are left out. */
  minAgreement: z.number().min(0.5).max(1).default(0.5),
  /** Share of the prompts held out for evaluation. */
  testShare: z.number().min(0).max(0.9).default(0.1),
  splitSeed: z.number().int().min(0).default(0),
  /** Judgements that came in with a file count too. */
  useImported: z.boolean().default(true),
});
export type CombinationRule = z.infer<typeof combinationRuleSchema>;

export type ExclusionReason = "too_few_judgements" | "tie" | "both_bad" | "disagreement";

export type Combined =
  | {
      readonly kind: "preference";
      readonly chosen: Slot;
      readonly probability: number;
      readonly strength: number;
      readonly judgements: number;
    }
  | { readonly kind: "excluded"; readonly reason: ExclusionReason };

/**
 * Combines an item's current, counted judgements into one preference.
 * probability = P(chosen ≻ rejected) = (w + t/2 + prior) / (n + 2·prior) over votes with a verdict (w wins of the chosen
 * side, t ties); strength = |mean verdict|. A majority of "both bad" or an even split excludes the item.
 */
export function combine(judgements: readonly CountedJudgement[], rule: CombinationRule): Combined {
  if (judgements.length < rule.minJudgements) return { kind: "excluded", reason: "too_few_judgements" };
  const bothBad = judgements.filter((j) => j.bothBad).length;
  if (bothBad * 2 > judgements.length) return { kind: "excluded", reason: "both_bad" };
  const verdicts = judgements.flatMap((j) => (j.verdict === null ? [] : [j.verdict]));
  if (verdicts.length === 0) return { kind: "excluded", reason: "both_bad" };
  const forA = verdicts.filter((v) => v < 0).length;
  const forB = verdicts.filter((v) => v > 0).length;
  const ties = verdicts.length - forA - forB;
  if (forA === forB) return { kind: "excluded", reason: "tie" };
  const wins = Math.max(forA, forB);
  if (wins / (forA + forB) < rule.minAgreement) return { kind: "excluded", reason: "disagreement" };
  const soft = (wins + ties / 2 + rule.prior) / (verdicts.length + 2 * rule.prior);
  return {
    kind: "preference",
    chosen: forA > forB ? "a" : "b",
    probability: rule.labels === "hard" ? 1 : soft,
    strength: Math.abs(verdicts.reduce((sum, v) => sum + v, 0) / verdicts.length),
    judgements: judgements.length,
  };
}
