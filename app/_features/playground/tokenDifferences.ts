import type { ScoredToken } from "@/trainer/contracts/inference";

/** One token of an answer as two models find it; log-probabilities in nats. */
export interface TokenDifference {
  readonly text: string;
  readonly base: number;
  readonly tuned: number;
  /** tuned − base: above 0 the tuned model finds the token likelier. */
  readonly difference: number;
}

/** Token by token; null when the two models cut the text differently, so that there is nothing to subtract. */
export function tokenDifferences(
  base: readonly ScoredToken[],
  tuned: readonly ScoredToken[],
): TokenDifference[] | null {
  if (base.length !== tuned.length || base.some(({ id }, i) => id !== tuned[i]?.id)) return null;
  return base.map(({ text, logProb }, i) => {
    const other = (tuned[i] as ScoredToken).logProb;
    return { text, base: logProb, tuned: other, difference: other - logProb };
  });
}

/** Differences from this on, either way, have the full colour: seven times as likely, or a seventh. */
export const fullHeat = 2;
/** Smaller ones have none. */
const noHeat = 0.05;

/** How strongly a difference is coloured, −1 … +1. */
export const heatOf = (difference: number): number =>
  Math.abs(difference) < noHeat ? 0 : Math.max(-1, Math.min(1, difference / fullHeat));

export const totalDifference = (tokens: readonly TokenDifference[]): number =>
  tokens.reduce((sum, { difference }) => sum + difference, 0);
