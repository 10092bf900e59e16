import type { RunDetail } from "../runTypes";
import { type ComparedCurve, comparedCurves, nameOf } from "./compareCurves";

interface FigureRow {
  /** A measure that kinds of runs share under different names; null for one of their own. */
  readonly curve: ComparedCurve | null;
  readonly label: string;
  /** The metric's name in each run; null where its kind has no such measure. */
  readonly names: readonly (string | null)[];
}

/** Which held-out figures stand in a row: what the runs share first, then what each kind has besides. */
export function figureRows(runs: readonly Pick<RunDetail, "kind" | "metrics">[]): FigureRow[] {
  const evaluated = (name: string | null) => (name === null ? null : `eval_${name}`);
  const has = (names: FigureRow["names"]) =>
    names.some((name, i) => name !== null && runs[i]?.metrics?.[name] !== undefined);
  const shared = comparedCurves
    .map((curve) => ({ curve, label: curve, names: runs.map((run) => evaluated(nameOf(curve, run))) }))
    .filter(({ names }) => has(names));
  const known = new Set(shared.flatMap(({ names }) => names));
  const others = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics ?? {})));
  const own = [...others].filter((name) => !known.has(name)).sort();
  return [
    ...shared,
    ...own.map((name) => ({ curve: null, label: name.replace(/^eval_/, ""), names: runs.map(() => name) })),
  ];
}
