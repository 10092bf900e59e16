"use client";
import { useCallback, useState } from "react";

interface Chosen {
  readonly of: string | null;
  readonly diff: boolean;
  readonly promptOpen: boolean | null;
  readonly asking: Asking | null;
}

/** What the page asks besides the verdict: why the pair is skipped, or what is wrong with it. */
export type Asking = "skip" | "report";

/** From this width on an undecided prompt is open, as its classes have it. */
const wide = "(min-width: 48rem)";

/** How the pair on the page is read, as chosen for this pair; the next one begins anew. */
export function useReading(assignmentId: string | null) {
  const anew: Chosen = { of: assignmentId, diff: false, promptOpen: null, asking: null };
  const [chosen, setChosen] = useState(anew);
  const { diff, promptOpen, asking } = chosen.of === assignmentId ? chosen : anew;
  const change = useCallback(
    (to: (now: Chosen) => Partial<Chosen>) =>
      setChosen((before) => {
        const now =
          before.of === assignmentId ? before : { of: assignmentId, diff: false, promptOpen: null, asking: null };
        return { ...now, ...to(now) };
      }),
    [assignmentId],
  );
  const toggleDiff = useCallback(() => change((now) => ({ diff: !now.diff })), [change]);
  const fold = useCallback(
    () => change(({ promptOpen: open }) => ({ promptOpen: !(open ?? window.matchMedia(wide).matches) })),
    [change],
  );
  const ask = useCallback((what: Asking | null) => change(() => ({ asking: what })), [change]);
  return { diff, promptOpen, asking, toggleDiff, fold, ask };
}
