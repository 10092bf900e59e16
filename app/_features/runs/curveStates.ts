import type { HeldOutPoint, TrainPoint } from "./runEvents";

/** What a curve shows now. The page has a sentence for each; `values` are the numbers in it. */
export type CurveState =
  | { readonly id: "tooEarly"; readonly values: { readonly steps: number } }
  | {
      readonly id:
        | "lossFalling"
        | "lossFlat"
        | "lossDiverging"
        | "accuracyRising"
        | "accuracyFlat"
        | "accuracyFalling"
        | "marginGrowing"
        | "marginFlat"
        | "marginShrinking";
      readonly values: { readonly first: number; readonly now: number };
    }
  | {
      readonly id: "lossOverfitting";
      readonly values: {
        readonly best: number;
        readonly bestStep: number;
        readonly now: number;
        readonly train: number;
      };
    }
  | { readonly id: "accuracyOverfitting"; readonly values: { readonly train: number; readonly heldOut: number } }
  | {
      readonly id: "accuracyAbove" | "accuracyGuessing" | "accuracyBelow";
      readonly values: { readonly now: number; readonly low: number; readonly high: number };
    }
  | {
      readonly id: "rewardsApart" | "rewardsChosenFalling" | "rewardsTogether";
      readonly values: { readonly chosen: number; readonly rejected: number; readonly margin: number };
    }
  | {
      readonly id: "scoreAbove" | "scoreSame" | "scoreBelow";
      readonly values: { readonly now: number; readonly low: number; readonly high: number };
    }
  | {
      readonly id: "entropyHeld" | "entropyCollapsed" | "lengthHeld" | "lengthDrifted";
      readonly values: { readonly first: number; readonly now: number };
    }
  | {
      readonly id: "clippedLittle" | "clippedMuch" | "explainedSome" | "explainedNone";
      readonly values: { readonly now: number };
    }
  | { readonly id: "klSmall" | "klLarge"; readonly values: { readonly now: number } }
  | {
      readonly id: "driftTowards" | "driftAway";
      /** Mean size of the log-ratios, and their mean. */
      readonly values: { readonly now: number; readonly mean: number };
    };

type Points = readonly TrainPoint[];
type HeldOut = readonly HeldOutPoint[];

/** Below this many training steps nothing is said about a trend. */
const enoughSteps = 12;
/** Training accuracy this far above the held-out one, and above its interval, counts as learning by heart. */
const overfitGap = 0.15;
/** A held-out loss has turned when it takes back this share of its fall, and at least this share of itself. */
const turned = { ofFall: 0.1, ofLoss: 0.01 };
/** Nats an answer. PPO is usually steered to 3 to 12 (Rafailov et al. 2023, section 6.1). */
const largeKl = 12;

export const meanOf = (points: Points): number => points.reduce((sum, p) => sum + p.value, 0) / points.length;

interface Trend {
  readonly first: number;
  readonly now: number;
  readonly direction: "up" | "down" | "none";
}

/**
 * Means of the first and the last quarter, and whether they differ by more than the steps scatter: by two standard errors of
 * the difference of the two means (Welch). Null while there are too few steps.
 */
export function trendOf(points: Points): Trend | null {
  if (points.length < enoughSteps) return null;
  const size = Math.floor(points.length / 4);
  const [early, late] = [points.slice(0, size), points.slice(-size)];
  const [first, now] = [meanOf(early), meanOf(late)];
  const noise = 2 * Math.sqrt((varianceOf(early) + varianceOf(late)) / size);
  const change = now - first;
  if (Math.abs(change) <= Math.max(noise, 1e-6 * Math.abs(first))) return { first, now, direction: "none" };
  return { first, now, direction: change > 0 ? "up" : "down" };
}

/** Unbiased, of at least two points. */
function varianceOf(points: Points): number {
  const mean = meanOf(points);
  return points.reduce((sum, p) => sum + (p.value - mean) ** 2, 0) / (points.length - 1);
}

export const tooEarly = (points: Points): CurveState => ({ id: "tooEarly", values: { steps: points.length } });

/** Diverging before overfitting before the trend: the graver first. */
export function lossState(train: Points, heldOut: HeldOut): CurveState {
  const trend = trendOf(train);
  if (!trend) return tooEarly(train);
  const { first, now, direction } = trend;
  if (direction === "up") return { id: "lossDiverging", values: { first, now } };
  const turn = turnOf(heldOut);
  if (turn && direction === "down") return { id: "lossOverfitting", values: { ...turn, train: now } };
  return { id: direction === "down" ? "lossFalling" : "lossFlat", values: { first, now } };
}

/** The lowest held-out loss, when the newest two are above it by more than a trifle. */
function turnOf(heldOut: HeldOut): { best: number; bestStep: number; now: number } | null {
  const lowest = heldOut.reduce<HeldOutPoint | null>((best, p) => (best && best.value <= p.value ? best : p), null);
  const [beforeLast, last] = heldOut.slice(-2);
  if (!lowest || !beforeLast || !last || beforeLast.step <= lowest.step) return null;
  const fall = (heldOut[0] as HeldOutPoint).value - lowest.value;
  const trifle = Math.max(turned.ofFall * fall, turned.ofLoss * Math.abs(lowest.value));
  if (last.value - lowest.value <= trifle) return null;
  return { best: lowest.value, bestStep: lowest.step, now: last.value };
}

/** Whether training accuracy is far above what held-out pairs confirm; null while it is too early or there are none. */
export function overfitOf(train: Points, heldOut: HeldOut): { train: number; heldOut: number } | null {
  const point = heldOut.at(-1);
  const steps = train.slice(-20);
  if (!point || point.step === 0 || steps.length < 10) return null;
  const mean = meanOf(steps);
  if (mean - point.value < overfitGap || mean <= (point.high ?? point.value)) return null;
  return { train: mean, heldOut: point.value };
}

/** Held-out pairs judge where there are any, for only they tell about new answers; else the trend of the training steps. */
export function accuracyState(train: Points, heldOut: HeldOut): CurveState {
  const overfit = overfitOf(train, heldOut);
  if (overfit) return { id: "accuracyOverfitting", values: overfit };
  const point = heldOut.at(-1);
  if (point && point.step > 0 && point.low !== null && point.high !== null) {
    const id = point.low > 0.5 ? "accuracyAbove" : point.high < 0.5 ? "accuracyBelow" : "accuracyGuessing";
    return { id, values: { now: point.value, low: point.low, high: point.high } };
  }
  const trend = trendOf(train);
  if (!trend) return tooEarly(train);
  const id = { up: "accuracyRising", down: "accuracyFalling", none: "accuracyFlat" } as const;
  return { id: id[trend.direction], values: { first: trend.first, now: trend.now } };
}

export function marginState(train: Points): CurveState {
  const trend = trendOf(train);
  if (!trend) return tooEarly(train);
  const id = { up: "marginGrowing", down: "marginShrinking", none: "marginFlat" } as const;
  return { id: id[trend.direction], values: { first: trend.first, now: trend.now } };
}

/** The two rewards together: a falling chosen reward is no harm while the margin grows. */
export function rewardsState(chosen: Points, rejected: Points, margins: Points): CurveState {
  const [up, down, gap] = [trendOf(chosen), trendOf(rejected), trendOf(margins)];
  if (!up || !down || !gap) return tooEarly(chosen);
  const values = { chosen: up.now, rejected: down.now, margin: gap.now };
  if (gap.direction !== "up") return { id: "rewardsTogether", values };
  return { id: up.direction === "down" ? "rewardsChosenFalling" : "rewardsApart", values };
}

export function klState(train: Points): CurveState {
  const steps = train.slice(-20);
  if (steps.length === 0) return tooEarly(train);
  const now = meanOf(steps);
  return { id: now > largeKl ? "klLarge" : "klSmall", values: { now } };
}

/** How far the model is from its base on the pairs' answers, and whether it finds them likelier than the base does. */
export function driftState(drift: Points, logRatios: Points): CurveState {
  if (drift.length < enoughSteps || logRatios.length < enoughSteps) return tooEarly(drift);
  const values = { now: meanOf(drift.slice(-20)), mean: meanOf(logRatios.slice(-20)) };
  return { id: values.mean < 0 ? "driftAway" : "driftTowards", values };
}
