import type { ErrorCode } from "@/server/domain/errors";
import type { JudgingRules } from "@/server/domain/judging";
import { type Guidelines, saysSomething } from "@/server/domain/reference";
import { answered, byOrder, type Entry, type Pair, unsentVotes } from "./outbox";
import { type Pace, type PaceNotice, startPace } from "./pace";
import type { Verdict } from "./verdicts";

export type Side = "left" | "right";

export interface Rules extends JudgingRules {
  readonly leaseMs: number;
}

export interface PracticeProgress {
  readonly done: number;
  readonly wanted: number;
}

/** What this page can take back. A skip cannot be; it is here so that undo does not silently reach behind it. */
type Done =
  | { readonly kind: "skip" }
  | {
      readonly kind: "vote";
      readonly submissionId: string;
      readonly pair: Pair;
      readonly verdict: Verdict;
      readonly reason: string;
    };

/** Short news for the annotator. */
export type NoticeKind =
  | "late"
  | "alreadyJudged"
  | "refused"
  | "elsewhere"
  | "leaseLost"
  | "nothingToUndo"
  | "skipIsFinal"
  | "undoPending"
  | "undidAnother"
  | "undoneTooMany"
  | "reported"
  | PaceNotice;

export interface AnnotateState {
  readonly rules: Rules;
  /** The first is on the page, the others are ready. */
  readonly pairs: readonly Pair[];
  /** How many pairs the page likes to have in hand. */
  readonly wanted: number;
  readonly outbox: readonly Entry[];
  /** The entry on its way to the server. */
  readonly sending: string | null;
  readonly sendAt: number;
  readonly claiming: boolean;
  readonly claimAt: number;
  /** The last claim brought nothing new. */
  readonly drained: boolean;
  readonly renewAt: number;
  /** Calls in a row that got no answer. */
  readonly failures: number;
  readonly browserOnline: boolean;
  readonly visible: boolean;
  readonly lastActiveAt: number;
  readonly paused: boolean;
  /** What the person must see to before anything can be sent. */
  readonly problem: ErrorCode | null;
  /** Votes of today that the server has counted. */
  readonly counted: number;
  readonly done: readonly Done[];
  /** Pairs answered lately, here or in another tab, and until when a claim that still brings them is not believed. */
  readonly settled: Readonly<Record<string, number>>;
  readonly startedAt: number;
  /** The newest that this page knows, or null. */
  readonly guidelines: Guidelines | null;
  /** The newest version that this person has said to have read, sent or not; 0 for none. */
  readonly guidelinesRead: number;
  /** What a newcomer has to practise first. */
  readonly practice: PracticeProgress | null;
  readonly pace: Pace;

  readonly shownAt: number;
  readonly undoneAt: number;
  readonly spentMs: number;
  readonly runningSince: number | null;
  readonly seen: Readonly<Record<Side, boolean>>;
  /** A verdict was tried before both answers were seen. */
  readonly hint: boolean;
  /** Verdicts on the criteria so far, in their order; the whole comes last. */
  readonly given: readonly number[];
  readonly steppedAt: number;
  readonly reason: { readonly text: string; readonly open: boolean; readonly pending: Verdict | null };
  /** The verdict that was taken back, when the page shows a pair again. */
  readonly earlier: Verdict | null;
  /** The lease of the pair on the page ran out; a vote still counts while its place is free. */
  readonly leaseLost: boolean;
  readonly toast: {
    readonly kind: "saved" | "skipped" | "undone";
    readonly verdict: Verdict | null;
    readonly until: number;
  } | null;
  readonly notice: { readonly kind: NoticeKind; readonly until: number } | null;
}

/** The page holds this pair and two more, unless the person takes more along. */
export const pairsAhead = 3;
export const recheckMs = 20_000;
const shortestIdleMs = 300_000;

export interface Start {
  readonly rules: Rules;
  readonly today: number;
  readonly guidelines: Guidelines | null;
  readonly guidelinesRead: number;
  readonly outbox: readonly Entry[];
  readonly pairs: readonly Pair[];
  readonly wanted: number;
  readonly now: number;
}

/** The page as it opens: with what an earlier visit left unsent, and the pairs it showed if this is a reload. */
export function startState({
  rules,
  today,
  guidelines,
  guidelinesRead,
  outbox,
  pairs,
  wanted,
  now,
}: Start): AnnotateState {
  const sorted = [...outbox].sort(byOrder);
  const done = answered(sorted);
  const read = sorted.reduce(
    (most, entry) => (entry.kind === "read" ? Math.max(most, entry.version) : most),
    guidelinesRead,
  );
  const state: AnnotateState = {
    rules,
    pairs: pairs.filter((pair) => !done.has(pair.assignmentId)),
    wanted,
    outbox: sorted,
    sending: null,
    sendAt: now,
    claiming: false,
    claimAt: now,
    drained: false,
    // Restored leases are checked at once.
    renewAt: now,
    failures: 0,
    browserOnline: true,
    visible: true,
    lastActiveAt: now,
    paused: false,
    problem: null,
    counted: today,
    done: [],
    settled: {},
    startedAt: now,
    guidelines,
    guidelinesRead: read,
    practice: null,
    pace: startPace,
    shownAt: now,
    undoneAt: 0,
    spentMs: 0,
    runningSince: now,
    seen: { left: false, right: false },
    hint: false,
    given: [],
    steppedAt: 0,
    reason: { text: "", open: false, pending: null },
    earlier: null,
    leaseLost: false,
    toast: null,
    notice: null,
  };
  return mustRead(state) ? { ...state, runningSince: null } : state;
}

/** Whether the guidelines in force are still to be read. */
export const mustRead = ({ guidelines, guidelinesRead }: AnnotateState): boolean =>
  guidelines !== null && guidelines.version > guidelinesRead && saysSomething(guidelines);

/** Whether something comes before the pairs. */
export const isHeld = (state: AnnotateState): boolean => mustRead(state) || state.practice !== null;

export type Phase = "loading" | "guidelines" | "practice" | "judging" | "empty" | "paused" | "cutOff";

export function phaseOf(state: AnnotateState): Phase {
  if (state.paused) return "paused";
  if (mustRead(state)) return "guidelines";
  if (state.practice) return "practice";
  if (state.pairs.length > 0) return "judging";
  if (!isReached(state)) return "cutOff";
  return state.drained && state.outbox.length === 0 ? "empty" : "loading";
}

/** Whether the server answered the last call. */
export const isReached = (state: AnnotateState): boolean => state.failures === 0;

export type Connection = "online" | "saving" | "retrying" | "offline" | "stopped";

/** `navigator.onLine` only words it: a server on the same machine is reached without a network. */
export function connectionOf(state: AnnotateState): Connection {
  if (state.problem) return "stopped";
  if (state.failures > 0) return state.browserOnline ? "retrying" : "offline";
  return state.outbox.length > 0 ? "saving" : "online";
}

export const votesToday = (state: AnnotateState): number => Math.max(0, state.counted + unsentVotes(state.outbox));

export const currentPair = (state: AnnotateState): Pair | null =>
  state.paused || isHeld(state) ? null : (state.pairs[0] ?? null);

/** Time spent with the pair on the page, without the time the tab was hidden. */
export const spentMs = (state: AnnotateState, now: number): number =>
  Math.max(0, state.spentMs + (state.runningSince === null ? 0 : now - state.runningSince));

export const mayClaim = (state: AnnotateState): boolean =>
  !(state.paused || isHeld(state) || state.claiming || state.problem) &&
  state.outbox.length === 0 &&
  state.pairs.length < state.wanted;

export const maySend = (state: AnnotateState): boolean =>
  state.outbox.length > 0 && state.sending === null && !state.problem;

export const mayRenew = (state: AnnotateState): boolean => !state.paused && !state.problem && state.pairs.length > 0;

/** Someone who touched nothing for a whole lease is away: their pairs go back to the others, once these can be told. */
export const idleAt = (state: AnnotateState): number | null =>
  state.paused || state.pairs.length === 0 || !isReached(state)
    ? null
    : state.lastActiveAt + Math.max(shortestIdleMs, state.rules.leaseMs);

/** When the state next changes by itself, or null. */
export function nextDue(state: AnnotateState): number | null {
  const due = [
    maySend(state) ? state.sendAt : null,
    mayClaim(state) && (state.visible || state.pairs.length > 0) ? state.claimAt : null,
    mayRenew(state) ? state.renewAt : null,
    idleAt(state),
    state.toast?.until ?? null,
    state.notice?.until ?? null,
  ].filter((at) => at !== null);
  return due.length > 0 ? Math.min(...due) : null;
}
