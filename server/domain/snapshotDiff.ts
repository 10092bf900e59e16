/** How a pair can differ between two snapshots; one that differs in several ways counts by the first that holds. */
export const diffKinds = ["added", "removed", "swapped", "reweighed", "moved"] as const;
export type DiffKind = (typeof diffKinds)[number];

/** How a snapshot has a pair. */
export interface PairState {
  readonly split: "train" | "test";
  readonly probability: number;
  readonly strength: number;
  /** Which answer is the better one, in any form that compares. */
  readonly chosen: string;
}

/** `swapped`: the other answer is the better one now; `reweighed`: surer or less sure; `moved`: into the other split. */
export function kindOfChange(was: PairState, is: PairState): Exclude<DiffKind, "added" | "removed"> | "same" {
  if (was.chosen !== is.chosen) return "swapped";
  if (was.probability !== is.probability || was.strength !== is.strength) return "reweighed";
  return was.split === is.split ? "same" : "moved";
}
