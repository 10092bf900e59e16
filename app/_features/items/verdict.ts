/** How a stored verdict (−3 … +3, negative prefers answer A) is said and drawn. */
const verdictWords = ["a3", "a2", "a1", "tie", "b1", "b2", "b3", "bothBad", "none"] as const;
export type VerdictWord = (typeof verdictWords)[number];

/** The word for a judgement; `none` is one that was taken back. */
export function verdictWord(verdict: number | null, bothBad: boolean): VerdictWord {
  if (bothBad) return "bothBad";
  if (verdict === null) return "none";
  const steps = Math.min(3, Math.max(-3, Math.round(verdict)));
  return verdictWords[steps + 3] as VerdictWord;
}

export interface BarSegment {
  /** Both in percent of the whole bar; its middle is at 50. */
  readonly from: number;
  readonly width: number;
}

/** A bar that grows from the middle towards the preferred answer. A tie has no width: the middle mark alone says it. */
export function verdictBar(verdict: number): BarSegment {
  const share = (Math.min(3, Math.max(-3, verdict)) / 3) * 50;
  return share < 0 ? { from: 50 + share, width: -share } : { from: 50, width: share };
}

export interface Tally {
  readonly forA: number;
  readonly ties: number;
  readonly forB: number;
}

export const tally = (verdicts: readonly number[]): Tally => ({
  forA: verdicts.filter((v) => v < 0).length,
  ties: verdicts.filter((v) => v === 0).length,
  forB: verdicts.filter((v) => v > 0).length,
});

/** Votes of those wanted, in percent. More votes than wanted (the overlap was lowered) are still just done. */
export const voteProgress = (votes: number, overlap: number): number =>
  overlap <= 0 ? 100 : Math.min(100, Math.round((votes / overlap) * 100));
