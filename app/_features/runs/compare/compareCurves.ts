import type { CurveLine } from "../curveData";
import { meanOf } from "../curveStates";
import { metricNames } from "../metrics";
import type { HeldOutPoint, RunView } from "../runEvents";
import type { RunDetail } from "../runTypes";
import { letterOf } from "./runChoice";

/** A run with what its events say so far. */
export interface Compared {
  readonly run: RunDetail;
  readonly view: RunView;
}

export const comparedCurves = ["loss", "accuracy", "margin", "kl", "drift"] as const;
export type ComparedCurve = (typeof comparedCurves)[number];
export type Part = "heldOut" | "train";

/** Which way is better; how far from the base model is for people to judge. */
const better: Readonly<Record<ComparedCurve, "low" | "high" | null>> = {
  loss: "low",
  accuracy: "high",
  margin: "high",
  kl: null,
  drift: null,
};

/** What a kind of run calls a measure; null where it has none. */
export const nameOf = (curve: ComparedCurve, { kind }: Pick<RunDetail, "kind">): string | null =>
  curve === "loss" ? "loss" : metricNames[kind][curve];

function pointsOf(curve: ComparedCurve, part: Part, { run, view }: Compared) {
  const name = nameOf(curve, run);
  return name === null ? [] : (view[part][name] ?? []);
}

/** One line a run, in the run's colour. */
export const comparedLines = (curve: ComparedCurve, part: Part, runs: readonly Compared[]): CurveLine[] =>
  runs.map((one, index) => ({
    label: letterOf(index),
    colour: ((index % 4) + 1) as CurveLine["colour"],
    points: pointsOf(curve, part, one),
    heldOut: part === "heldOut",
  }));

/** Whether values of a curve mean the same in all these runs: a loss only beside the same loss, a margin beside the same score. */
export function comparable(curve: ComparedCurve, runs: readonly RunDetail[]): boolean {
  const scale = ({ config }: RunDetail): string => {
    const own = config.kind === "dpo" ? JSON.stringify([config.loss, config.beta]) : config.kind;
    return curve === "loss" || curve === "margin" ? own : "";
  };
  return new Set(runs.map(scale)).size <= 1;
}

interface Present {
  readonly letter: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What a curve shows of the runs now; the page has a sentence for each. */
export type Comparison =
  | { readonly id: "none" | "unlike"; readonly first: null; readonly rest: readonly [] }
  | {
      readonly id: "even" | "apart" | "overlap" | "ranked" | "listed";
      /** The best, or just the largest where none is better. */
      readonly first: Present;
      readonly rest: readonly Present[];
    };

/** Training steps scatter: so many of the newest are averaged. */
const newest = 20;

/** The present value: the newest held-out figure, or the mean of the newest training steps. */
function presentOf(curve: ComparedCurve, part: Part, one: Compared, index: number): Present[] {
  const points = pointsOf(curve, part, one);
  const last = points.at(-1);
  if (!last) return [];
  const letter = letterOf(index);
  if (part === "train") return [{ letter, value: meanOf(points.slice(-newest)), low: null, high: null }];
  const { value, low, high } = last as HeldOutPoint;
  return [{ letter, value, low, high }];
}

/** Whether an interval says how sure a value is: where all held-out pairs came out alike there is none. */
const isSure = ({ low, high }: Present): boolean => low !== null && high !== null && low < high;

/** Ranks the runs by their present values. Intervals that do not overlap show a difference; overlapping ones show none. */
export function compareNow(curve: ComparedCurve, part: Part, runs: readonly Compared[]): Comparison {
  const now = runs.flatMap((one, index) => presentOf(curve, part, one, index));
  if (now.length < 2) return { id: "none", first: null, rest: [] };
  if (
    !comparable(
      curve,
      runs.map(({ run }) => run),
    )
  )
    return { id: "unlike", first: null, rest: [] };
  const sign = better[curve] === "low" ? 1 : -1;
  const [first, ...rest] = now.sort((a, b) => sign * (a.value - b.value)) as [Present, ...Present[]];
  if (rest.every(({ value }) => value === first.value)) return { id: "even", first, rest };
  if (better[curve] === null) return { id: "listed", first, rest };
  if (![first, ...rest].every(isSure)) return { id: "ranked", first, rest };
  const clear = rest.every((other) =>
    sign > 0 ? (first.high as number) < (other.low as number) : (first.low as number) > (other.high as number),
  );
  return { id: clear ? "apart" : "overlap", first, rest };
}
