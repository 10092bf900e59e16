import { isOnline, type SnapshotRunKind } from "@/trainer/contracts/runConfig";
import { klState, meanOf, overfitOf } from "./curveStates";
import { metricNames, samplingNames } from "./metrics";
import type { HeldOutPoint, RunView, TrainPoint } from "./runEvents";
import { collapsed, endsOf, judgeFall, lengthDrift, scoreState } from "./samplingStates";

/** Something a person should know about a run. The page words each with advice; `values` fill the sentence. */
export type Alarm =
  | {
      readonly id: "notFinite" | "diverged";
      readonly values: { readonly learningRate: number; readonly suggested: number };
    }
  | { readonly id: "marginNotGrowing"; readonly values: { readonly first: number; readonly now: number } }
  | {
      readonly id: "chanceLevel" | "worseThanChance";
      readonly values: { readonly accuracy: number; readonly low: number; readonly high: number };
    }
  | { readonly id: "overfitting"; readonly values: { readonly train: number; readonly heldOut: number } }
  | { readonly id: "klLarge"; readonly values: { readonly kl: number } }
  | {
      readonly id: "judgeFalling";
      readonly values: { readonly best: number; readonly bestStep: number; readonly now: number };
    }
  | {
      readonly id: "lengthDrifting" | "entropyCollapsed";
      readonly values: { readonly first: number; readonly now: number };
    }
  | {
      readonly id: "scoreNotRising";
      readonly values: { readonly now: number; readonly low: number; readonly high: number };
    }
  | { readonly id: "noHeldOut"; readonly values: Record<string, never> }
  | { readonly id: "fewHeldOut"; readonly values: { readonly pairs: number } }
  | { readonly id: "pairsDropped"; readonly values: { readonly dropped: number; readonly used: number } };

export interface AlarmInput {
  readonly kind: SnapshotRunKind;
  readonly errorCode: string | null;
  readonly learningRate: number;
  readonly totalSteps: number | null;
  readonly view: RunView;
}

/** Below this many held-out pairs a 95 % interval of the accuracy is wider than about ± 14 points. */
const enoughHeldOut = 50;
/** Before this share of the steps it is too early to judge margin or accuracy. */
const judgeAfter = 0.4;

/** What deserves a sentence now, gravest first. Quiet while it is too early to tell. */
export function alarmsOf(input: AlarmInput): Alarm[] {
  const alarms = [
    brokenOff(input),
    marginNotGrowing(input),
    overfitting(input),
    ...sampling(input),
    klLarge(input),
    chanceLevel(input),
    ...data(input),
  ];
  return alarms.filter((alarm) => alarm !== null);
}

function brokenOff({ errorCode, learningRate }: AlarmInput): Alarm | null {
  if (errorCode !== "not_finite" && errorCode !== "diverged") return null;
  const id = errorCode === "diverged" ? "diverged" : "notFinite";
  return { id, values: { learningRate, suggested: learningRate / 3 } };
}

function marginNotGrowing(input: AlarmInput): Alarm | null {
  if (!lateEnough(input)) return null;
  const name = metricNames[input.kind].margin;
  if (name === null) return null;
  const heldOut = input.view.heldOut[name] ?? [];
  const [first, now] =
    heldOut.length >= 3
      ? [(heldOut[0] as HeldOutPoint).value, (heldOut.at(-1) as HeldOutPoint).value]
      : quarters(input.view.train[name] ?? []);
  if (first === null || now === null || now > first) return null;
  return { id: "marginNotGrowing", values: { first, now } };
}

/** Means of the first and the last quarter of at least twenty points. */
function quarters(points: readonly TrainPoint[]): [number, number] | [null, null] {
  if (points.length < 20) return [null, null];
  const size = Math.floor(points.length / 4);
  return [meanOf(points.slice(0, size)), meanOf(points.slice(-size))];
}

function chanceLevel(input: AlarmInput): Alarm | null {
  if (!lateEnough(input)) return null;
  const point = input.view.heldOut[metricNames[input.kind].accuracy ?? ""]?.at(-1);
  if (!point || point.step === 0 || point.low === null || point.high === null) return null;
  if (point.low > 0.5) return null;
  return {
    id: point.high < 0.5 ? "worseThanChance" : "chanceLevel",
    values: { accuracy: point.value, low: point.low, high: point.high },
  };
}

function overfitting({ kind, view }: AlarmInput): Alarm | null {
  const name = metricNames[kind].accuracy ?? "";
  const values = overfitOf(view.train[name] ?? [], view.heldOut[name] ?? []);
  return values && { id: "overfitting", values };
}

/** What tells that a reward is being gamed, or not even earned, in runs that learn from answers of their own. */
function sampling(input: AlarmInput): (Alarm | null)[] {
  const { kind, view } = input;
  if (!isOnline(kind)) return [];
  const { heldOut, train } = view;
  const fall = judgeFall(heldOut.judge ?? [], heldOut.score ?? []);
  const length = lengthDrift(heldOut.length ?? []);
  const entropy = endsOf(train[samplingNames[kind].entropy] ?? []);
  const rise = lateEnough(input) ? scoreState(heldOut.score_rise ?? []) : null;
  return [
    fall && { id: "judgeFalling", values: fall },
    length && { id: "lengthDrifting", values: length },
    entropy && collapsed(entropy) ? { id: "entropyCollapsed", values: entropy } : null,
    rise?.id === "scoreSame" || rise?.id === "scoreBelow" ? { id: "scoreNotRising", values: rise.values } : null,
  ];
}

function klLarge({ kind, view }: AlarmInput): Alarm | null {
  const state = klState(view.train[metricNames[kind].kl ?? ""] ?? []);
  return state.id === "klLarge" ? { id: "klLarge", values: { kl: state.values.now } } : null;
}

function data({ view }: AlarmInput): (Alarm | null)[] {
  if (!view.start) return [];
  const { train, test } = view.start;
  const dropped = Object.values(train.dropped).reduce((sum, n) => sum + n, 0);
  return [
    test.used === 0
      ? { id: "noHeldOut", values: {} }
      : test.used < enoughHeldOut
        ? { id: "fewHeldOut", values: { pairs: test.used } }
        : null,
    dropped > 0 ? { id: "pairsDropped", values: { dropped, used: train.used } } : null,
  ];
}

const lateEnough = ({ view, totalSteps }: AlarmInput): boolean =>
  view.done !== null ||
  (view.latest !== null && view.latest.step >= judgeAfter * (totalSteps ?? view.latest.totalSteps));
