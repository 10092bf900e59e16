import type { ProblemKind, SkipReason } from "@/server/domain/judging";
import { mostLeases } from "@/server/domain/leases";
import { type AnnotateState, currentPair, isHeld, mustRead, spentMs } from "./annotateState";
import type { Entry, Pair } from "./outbox";
import { judged } from "./pace";
import { leaseOf, settle, shownAgain, tell, unsettle, withClock, without, withPairs } from "./showing";
import { type Verdict, verdictAllowed } from "./verdicts";

/** A second press this soon belongs to the first one: nobody judges a pair in a quarter of a second. */
const doublePressMs = 250;
const toastMs = 6_000;
const rememberDone = 20;

const nextOrder = (state: AnnotateState, now: number): number => Math.max(now, (state.outbox.at(-1)?.order ?? 0) + 1);

/** The pair on the page is answered: the entry waits in the outbox, the next pair shows at once. */
function answer(state: AnnotateState, entry: Entry, pair: Pair, done: AnnotateState["done"][number], now: number) {
  // What was said of this pair's report gives way to what is said of its answer.
  const notice = state.notice?.kind === "reported" ? null : state.notice;
  const filed = {
    ...state,
    notice,
    outbox: [...state.outbox, entry],
    done: [...state.done, done].slice(-rememberDone),
  };
  return withPairs(settle(filed, pair.assignmentId, now), without(filed.pairs, pair.assignmentId), now);
}

const tooSoon = ({ shownAt, steppedAt }: AnnotateState, now: number): boolean =>
  now - Math.max(shownAt, steppedAt) < doublePressMs;

/** The reason as written, or as chosen where the project has a list. */
function reasonOf({ reason, rules }: AnnotateState): string {
  const text = reason.text.trim();
  return rules.reasonChoices.length > 0 && !rules.reasonChoices.includes(text) ? "" : text;
}

export function judge(state: AnnotateState, verdict: Verdict, id: string, now: number): AnnotateState {
  const pair = currentPair(state);
  if (!pair || !verdictAllowed(verdict, state.rules) || tooSoon(state, now)) return state;
  if (!state.seen.left || !state.seen.right) return { ...state, hint: true };
  const { criteria } = state.rules;
  if (verdict !== "bad" && state.given.length < criteria.length) {
    return { ...state, given: [...state.given, verdict], steppedAt: now };
  }
  const text = reasonOf(state);
  if (state.rules.reasonRequired && !text) {
    return { ...state, reason: { ...state.reason, open: true, pending: verdict } };
  }
  const entry: Entry = {
    kind: "vote",
    submissionId: id,
    order: nextOrder(state, now),
    attempts: 0,
    ...leaseOf(pair),
    verdict,
    reason: text || null,
    criteria: Object.fromEntries(state.given.map((value, i) => [criteria[i] ?? "", value])),
    durationMs: Math.round(spentMs(state, now)),
    guidelineVersion: state.guidelinesRead || null,
  };
  const done = { kind: "vote" as const, submissionId: id, pair, verdict, reason: text };
  const next = {
    ...answer(state, entry, pair, done, now),
    toast: { kind: "saved" as const, verdict, until: now + toastMs },
  };
  const { pace, notice } = judged(state.pace, pair, entry.durationMs, now);
  return notice ? tell({ ...next, pace }, notice, now) : { ...next, pace };
}

/** Something is wrong with the pair on the page, which stays there. */
export function report(
  state: AnnotateState,
  problem: ProblemKind,
  note: string,
  id: string,
  now: number,
): AnnotateState {
  const pair = currentPair(state);
  if (!pair) return state;
  const { assignmentId } = pair;
  const entry: Entry = {
    kind: "report",
    submissionId: id,
    order: nextOrder(state, now),
    attempts: 0,
    assignmentId,
    problem,
    note: note.trim() || null,
  };
  return tell({ ...state, outbox: [...state.outbox, entry] }, "reported", now);
}

/** The guidelines on the page were read: the next claim comes after the server has heard so. */
export function read(state: AnnotateState, id: string, now: number): AnnotateState {
  if (!state.guidelines || !mustRead(state)) return state;
  const { version } = state.guidelines;
  const order = nextOrder(state, now);
  const entry: Entry = { kind: "read", submissionId: id, order, attempts: 0, assignmentId: null, version, readAt: now };
  const next = { ...state, outbox: [...state.outbox, entry], guidelinesRead: version, drained: false };
  return withClock(next, now);
}

export function skip(state: AnnotateState, reason: SkipReason | null, id: string, now: number): AnnotateState {
  const pair = currentPair(state);
  if (!pair || tooSoon(state, now)) return state;
  const entry: Entry = {
    kind: "skip",
    submissionId: id,
    order: nextOrder(state, now),
    attempts: 0,
    ...leaseOf(pair),
    reason,
  };
  return {
    ...answer(state, entry, pair, { kind: "skip" }, now),
    toast: { kind: "skipped", verdict: null, until: now + toastMs },
  };
}

export function undo(state: AnnotateState, id: string, now: number): AnnotateState {
  if (state.paused || isHeld(state) || now - state.undoneAt < doublePressMs) return state;
  if (state.given.length > 0) return { ...state, given: state.given.slice(0, -1), undoneAt: now };
  const last = state.done.at(-1);
  if (last?.kind === "skip") {
    return tell({ ...state, done: state.done.slice(0, -1), undoneAt: now }, "skipIsFinal", now);
  }
  if (state.pairs.length >= mostLeases) return tell(state, "undoneTooMany", now);
  const entry = { kind: "undo" as const, submissionId: id, order: nextOrder(state, now), attempts: 0 };
  if (!last) {
    // A vote from before a reload: the server knows it, and brings the pair with its answer.
    if (state.outbox.some((other) => other.kind === "undo" && other.target === null)) return state;
    const asked: Entry = { ...entry, target: null, assignmentId: null };
    return tell({ ...state, outbox: [...state.outbox, asked], undoneAt: now }, "undoPending", now);
  }
  const { pair, verdict, reason, submissionId } = last;
  const taken: Entry = { ...entry, target: submissionId, assignmentId: pair.assignmentId };
  const back = unsettle(
    { ...state, outbox: [...state.outbox, taken], done: state.done.slice(0, -1), undoneAt: now },
    pair.assignmentId,
  );
  return {
    ...shownAgain(withPairs(back, [pair, ...without(back.pairs, pair.assignmentId)], now), verdict, reason),
    // What was said before is no answer to this; a word about the pace comes again with the next verdict.
    notice: null,
    pace: state.notice?.kind === "tooQuick" ? { ...state.pace, warned: false } : state.pace,
    toast: { kind: "undone", verdict, until: now + toastMs },
  };
}
