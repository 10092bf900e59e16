import type { Lease } from "./annotateEvents";
import { type AnnotateState, isHeld, type NoticeKind, spentMs } from "./annotateState";
import type { Pair } from "./outbox";
import type { Verdict } from "./verdicts";

const noticeMs = 8_000;
/** How long a claim that still brings an answered pair is not believed: another tab may not have sent its vote yet. */
const disbeliefMs = 60_000;

export const leaseOf = ({ assignmentId, leaseToken }: Lease): Lease => ({ assignmentId, leaseToken });
export const sameLease = (a: Lease | undefined, b: Lease | undefined): boolean =>
  a?.assignmentId === b?.assignmentId && a?.leaseToken === b?.leaseToken;
export const without = (pairs: readonly Pair[], assignmentId: string | null): Pair[] =>
  pairs.filter((pair) => pair.assignmentId !== assignmentId);

export const tell = (state: AnnotateState, kind: NoticeKind, now: number): AnnotateState => ({
  ...state,
  notice: { kind, until: now + noticeMs },
});

/** Since when the clock of the pair on the page runs: only while somebody can see it. */
const clockFrom = (state: AnnotateState, now: number): number | null => (state.visible && !isHeld(state) ? now : null);

/** Stops or starts the pair's clock where what can be seen has changed. */
export const withClock = (state: AnnotateState, now: number): AnnotateState => ({
  ...state,
  spentMs: spentMs(state, now),
  runningSince: clockFrom(state, now),
});

/** Puts pairs on the page. When the first one changes, everything about it starts anew. */
export function withPairs(state: AnnotateState, pairs: readonly Pair[], now: number): AnnotateState {
  if (sameLease(state.pairs[0], pairs[0])) return { ...state, pairs };
  return {
    ...state,
    pairs,
    shownAt: now,
    spentMs: 0,
    runningSince: clockFrom(state, now),
    seen: { left: false, right: false },
    hint: false,
    given: [],
    reason: { text: "", open: false, pending: null },
    earlier: null,
    leaseLost: false,
  };
}

export const settle = (state: AnnotateState, assignmentId: string, now: number): AnnotateState => ({
  ...state,
  settled: { ...state.settled, [assignmentId]: now + disbeliefMs },
});
export const unsettle = (state: AnnotateState, assignmentId: string): AnnotateState => ({
  ...state,
  settled: Object.fromEntries(Object.entries(state.settled).filter(([id]) => id !== assignmentId)),
});

/** A pair that was judged before has been seen, and its reason is there to be kept. */
export const shownAgain = (state: AnnotateState, verdict: Verdict | null, reason: string): AnnotateState => ({
  ...state,
  seen: { left: true, right: true },
  earlier: verdict,
  reason: { text: reason, open: false, pending: null },
});
