import { type JudgingRules, verdictsOf } from "@/server/domain/judging";

/** −3 (left much better) … +3 (right much better) by position, or that neither answer is any good. */
export type Verdict = number | "bad";

export type VerdictRules = Pick<JudgingRules, "verdictSteps" | "allowBothBad">;

export interface VerdictChoice {
  readonly verdict: number;
  /** The keys that give it, the one shown on the button first. */
  readonly keys: readonly string[];
}

const seven: readonly VerdictChoice[] = [
  { verdict: -3, keys: ["1"] },
  { verdict: -2, keys: ["2", "ArrowLeft"] },
  { verdict: -1, keys: ["3"] },
  { verdict: 0, keys: ["4", "="] },
  { verdict: 1, keys: ["5"] },
  { verdict: 2, keys: ["6", "ArrowRight"] },
  { verdict: 3, keys: ["7"] },
];
const three: readonly VerdictChoice[] = [
  { verdict: -2, keys: ["ArrowLeft", "1"] },
  { verdict: 0, keys: ["=", "2"] },
  { verdict: 2, keys: ["ArrowRight", "3"] },
];
const two: readonly VerdictChoice[] = [
  { verdict: -2, keys: ["ArrowLeft", "1"] },
  { verdict: 2, keys: ["ArrowRight", "2"] },
];

/** The steps of the verdict bar from far left to far right, symmetrical about the middle. */
export function verdictChoices(steps: number): readonly VerdictChoice[] {
  if (steps === 2) return two;
  return steps === 3 ? three : seven;
}

export const verdictAllowed = (verdict: Verdict, { verdictSteps, allowBothBad }: VerdictRules): boolean =>
  verdict === "bad" ? allowBothBad : verdictsOf(verdictSteps).includes(verdict);

const verdictWords = ["left3", "left2", "left1", "equal", "right1", "right2", "right3", "bothBad"] as const;
export type VerdictWord = (typeof verdictWords)[number];

/** The message key that says a verdict. */
export const verdictWord = (verdict: Verdict): VerdictWord =>
  verdict === "bad" ? "bothBad" : (verdictWords[verdict + 3] ?? "equal");
