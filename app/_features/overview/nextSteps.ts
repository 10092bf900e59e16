const stepKeys = ["import", "invite", "compare", "snapshot", "train", "try"] as const;
export type StepKey = (typeof stepKeys)[number];

export interface Step {
  readonly key: StepKey;
  readonly state: "done" | "next" | "later";
}

export interface Counts {
  readonly items: number;
  readonly annotators: number;
  readonly votes: number;
  readonly votesWanted: number;
  readonly snapshots: number;
  readonly runs: number;
  readonly models: number;
}

/** Below this, held-out figures say nothing; a project with fewer pairs is ready when all its votes are in. */
export const votesToStart = 50;

/**
 * The way from an empty project to a model, with the first thing not yet done marked. Nobody must invite who votes alone, and
 * nobody is invited to a demo: whoever looks at it tries it out.
 */
export function nextSteps(counts: Counts, { demo }: { readonly demo: boolean }): readonly Step[] {
  const done: Record<StepKey, boolean> = {
    import: counts.items > 0,
    invite: counts.annotators > 1 || counts.votes > 0,
    compare: counts.snapshots > 0 || (counts.votes > 0 && counts.votes >= Math.min(votesToStart, counts.votesWanted)),
    snapshot: counts.snapshots > 0,
    train: counts.runs > 0,
    try: false,
  };
  const steps = stepKeys.filter((key) => !(demo && key === "invite"));
  const next = steps.find((key) => !done[key]);
  return steps.map((key) => ({ key, state: done[key] ? "done" : key === next ? "next" : "later" }));
}
