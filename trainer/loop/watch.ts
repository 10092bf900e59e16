import { meanOf } from "../data/sequences";

/** Steps whose mean loss is compared. */
const window = 20;

/** The losses that tell whether a run has diverged; part of a checkpoint, so that a resumed run judges as an uninterrupted one. */
export interface LossWindows {
  readonly first: readonly number[];
  readonly last: readonly number[];
}

export const noLosses: LossWindows = { first: [], last: [] };

export const withLoss = ({ first, last }: LossWindows, loss: number): LossWindows => ({
  first: first.length < window ? [...first, loss] : first,
  last: [...last, loss].slice(-window),
});

/** Whether the newest losses are `factor` times the first ones, and both means. False while there are too few, or where the first are not positive. */
export function divergence({ first, last }: LossWindows, factor: number) {
  const [before, now] = [meanOf(first), meanOf(last)];
  return { diverged: last.length === window && before > 0 && now > factor * before, before, now };
}
