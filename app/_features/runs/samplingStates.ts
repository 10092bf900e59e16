import { type CurveState, meanOf, tooEarly } from "./curveStates";
import type { HeldOutPoint, TrainPoint } from "./runEvents";

type Points = readonly TrainPoint[];

/** So many of the newest points are averaged. */
const newest = 8;
/** A rollout of which more of the tokens are held back moves the policy too far at once. */
const muchClipped = 0.3;
/** Lengths that change by more than half are a drift. */
const drift = 1.5;

/** Held-out answers judge, for the training prompts have been seen. */
export function scoreState(rise: readonly HeldOutPoint[]): CurveState | null {
  const point = rise.at(-1);
  if (!point || point.step === 0 || point.low === null || point.high === null) return null;
  const { value: now, low, high } = point;
  return { id: low > 0 ? "scoreAbove" : high < 0 ? "scoreBelow" : "scoreSame", values: { now, low, high } };
}

/** Means of the first and the newest points; null while they overlap. */
export function endsOf(points: Points): { readonly first: number; readonly now: number } | null {
  if (points.length < 2 * newest) return null;
  return { first: meanOf(points.slice(0, newest)), now: meanOf(points.slice(-newest)) };
}

/** Half of the entropy gone: the policy has settled on few ways of saying things. */
export const collapsed = ({ first, now }: { readonly first: number; readonly now: number }): boolean => now < first / 2;

export function entropyState(points: Points): CurveState {
  const ends = endsOf(points);
  if (!ends) return tooEarly(points);
  return { id: collapsed(ends) ? "entropyCollapsed" : "entropyHeld", values: ends };
}

export function clippedState(points: Points): CurveState | null {
  const last = points.slice(-newest);
  if (last.length === 0) return null;
  const now = meanOf(last);
  return { id: now > muchClipped ? "clippedMuch" : "clippedLittle", values: { now } };
}

export function explainedState(points: Points): CurveState | null {
  const last = points.slice(-3);
  if (last.length === 0) return null;
  const now = meanOf(last);
  return { id: now > 0 ? "explainedSome" : "explainedNone", values: { now } };
}

/** The first and the newest held-out length, when they differ by more than half. */
export function lengthDrift(lengths: readonly HeldOutPoint[]): { readonly first: number; readonly now: number } | null {
  const [first, now] = [lengths[0]?.value, lengths.at(-1)?.value];
  if (first === undefined || now === undefined || first === 0) return null;
  return now / first > drift || now / first < 1 / drift ? { first, now } : null;
}

export function lengthState(lengths: readonly HeldOutPoint[]): CurveState | null {
  const drifted = lengthDrift(lengths);
  if (drifted) return { id: "lengthDrifted", values: drifted };
  const [first, now] = [lengths[0]?.value, lengths.at(-1)?.value];
  return first === undefined || now === undefined || lengths.length < 2
    ? null
    : { id: "lengthHeld", values: { first, now } };
}

/**
 * The held-out judge has fallen from its best while the score that is trained on has not: answers please the reward and nobody
 * else. Only a fall beyond the interval of the newest figure counts.
 */
export function judgeFall(judge: readonly HeldOutPoint[], score: readonly HeldOutPoint[]) {
  const best = judge.reduce<HeldOutPoint | null>((top, p) => (top && top.value >= p.value ? top : p), null);
  const last = judge.at(-1);
  if (!best || !last || last.step === best.step || last.high === null || last.high >= best.value) return null;
  const scoreAt = (step: number) => score.find((p) => p.step === step)?.value;
  const [before, now] = [scoreAt(best.step), scoreAt(last.step)];
  if (before === undefined || now === undefined || now < before) return null;
  return { best: best.value, bestStep: best.step, now: last.value };
}
