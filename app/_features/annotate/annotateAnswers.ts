import type { AnnotateEvent, Answer, Claimed } from "./annotateEvents";
import { type AnnotateState, isHeld, type NoticeKind, recheckMs } from "./annotateState";
import { answered, backoffMs, type Entry, type Failure, type Pair } from "./outbox";
import { sameLease, settle, shownAgain, tell, unsettle, withClock, without, withPairs } from "./showing";

/** A vote did not come to count, so taking it back has no object: the server would take back the one before it. */
function forgetVote(state: AnnotateState, vote: Entry & { kind: "vote" }, now: number): AnnotateState {
  const undone = state.outbox.some((entry) => entry.kind === "undo" && entry.target === vote.submissionId);
  const forgotten = {
    ...state,
    outbox: state.outbox.filter((entry) => entry.kind !== "undo" || entry.target !== vote.submissionId),
    done: state.done.filter((done) => done.kind === "skip" || done.submissionId !== vote.submissionId),
  };
  if (!undone) return forgotten;
  return withPairs(settle(forgotten, vote.assignmentId, now), without(forgotten.pairs, vote.assignmentId), now);
}

/** Left over from an earlier visit: when the server had stored it by then, its count of today has it already. */
const isRestored = (state: AnnotateState, entry: Entry): boolean => entry.order < state.startedAt;

function takenBack(
  state: AnnotateState,
  entry: Entry & { kind: "undo" },
  result: Answer & { kind: "undo" },
  now: number,
) {
  const { pair, previous } = result;
  const known = previous === null && isRestored(state, entry);
  let next = known ? state : { ...state, counted: Math.max(0, state.counted - 1) };
  if (entry.assignmentId && entry.assignmentId !== pair.assignmentId) {
    // A newer vote was made in another tab: that is the one the server took back.
    next = withPairs(settle(next, entry.assignmentId, now), without(next.pairs, entry.assignmentId), now);
    next = tell(next, "undidAnother", now);
  }
  if (answered(next.outbox).has(pair.assignmentId)) return next;
  next = unsettle(next, pair.assignmentId);
  const held = next.pairs.find((other) => other.assignmentId === pair.assignmentId);
  if (sameLease(held, pair)) return next;
  return shownAgain(
    withPairs(next, [pair, ...without(next.pairs, pair.assignmentId)], now),
    previous?.verdict ?? null,
    previous?.reason ?? "",
  );
}

export function sent(state: AnnotateState, submissionId: string, result: Answer, now: number): AnnotateState {
  const entry = state.outbox.find((other) => other.submissionId === submissionId);
  if (!entry) return state;
  const filed = {
    ...state,
    outbox: state.outbox.filter((other) => other !== entry),
    sending: null,
    sendAt: now,
    claimAt: now,
    drained: false,
    failures: 0,
  };
  if (entry.kind === "vote" && result.kind === "vote") {
    if (result.stored === "late") return tell(forgetVote(filed, entry, now), "late", now);
    return result.replayed && isRestored(state, entry) ? filed : { ...filed, counted: filed.counted + 1 };
  }
  return entry.kind === "undo" && result.kind === "undo" ? takenBack(filed, entry, result, now) : filed;
}

function refused(state: AnnotateState, entry: Entry, failure: Failure & { kind: "refused" }, now: number) {
  const filed = {
    ...state,
    outbox: state.outbox.filter((other) => other !== entry),
    sending: null,
    sendAt: now,
    claimAt: now,
    drained: false,
    failures: 0,
  };
  const kind: NoticeKind = failure.code === "already_judged" ? "alreadyJudged" : "refused";
  if (entry.kind === "vote") return tell(forgetVote(filed, entry, now), kind, now);
  if (entry.kind === "report" || entry.kind === "read") return filed;
  if (entry.kind === "skip") return failure.code === "already_judged" ? tell(filed, kind, now) : filed;
  const kept = entry.assignmentId
    ? withPairs(settle(filed, entry.assignmentId, now), without(filed.pairs, entry.assignmentId), now)
    : filed;
  return tell(kept, "nothingToUndo", now);
}

export function sendFailed(state: AnnotateState, submissionId: string, failure: Failure, random: number, now: number) {
  const entry = state.outbox.find((other) => other.submissionId === submissionId);
  if (!entry) return state;
  if (failure.kind === "refused") return refused(state, entry, failure, now);
  const attempts = entry.attempts + 1;
  return {
    ...state,
    outbox: state.outbox.map((other) => (other === entry ? { ...entry, attempts } : other)),
    sending: null,
    sendAt: now + backoffMs(attempts, random),
    failures: failure.kind === "network" ? state.failures + 1 : state.failures,
    problem: failure.kind === "blocked" ? failure.code : state.problem,
  };
}

export function claimed(before: AnnotateState, { pairs: arrived, unread, practice }: Claimed, now: number) {
  const asked = { ...before, guidelines: unread ?? before.guidelines, practice };
  const state = isHeld(asked) === isHeld(before) ? asked : withClock(asked, now);
  const taken = answered(state.outbox);
  for (const [id, until] of Object.entries(state.settled)) if (now < until) taken.add(id);
  const fresh = arrived.filter((pair) => !taken.has(pair.assignmentId));
  const known = state.pairs.map((pair) => fresh.find((other) => other.assignmentId === pair.assignmentId) ?? pair);
  const added = fresh.filter((pair) => !state.pairs.some((other) => other.assignmentId === pair.assignmentId));
  const drained = known.length + added.length < state.wanted;
  const next = {
    ...state,
    claiming: false,
    failures: 0,
    drained,
    claimAt: drained ? now + recheckMs : now,
    renewAt: state.pairs.length === 0 ? now + state.rules.leaseMs / 2 : state.renewAt,
  };
  return withPairs(next, [...known, ...added], now);
}

export function renewed(
  state: AnnotateState,
  asked: readonly string[],
  alive: readonly string[],
  now: number,
): AnnotateState {
  const waiting = new Set(state.outbox.map((entry) => entry.assignmentId));
  const lost = (pair: Pair) =>
    asked.includes(pair.assignmentId) && !alive.includes(pair.assignmentId) && !waiting.has(pair.assignmentId);
  const [first, ...others] = state.pairs;
  const kept = others.filter((pair) => !lost(pair));
  const next = { ...state, failures: 0, claimAt: kept.length < others.length ? now : state.claimAt };
  if (!first) return next;
  // The pair being read stays: a vote on it still counts while its place is free.
  const shown = withPairs(next, [first, ...kept], now);
  return lost(first) && !state.leaseLost ? tell({ ...shown, leaseLost: true }, "leaseLost", now) : shown;
}

export function callFailed(
  state: AnnotateState,
  { type, failure, random }: AnnotateEvent & { type: "claimFailed" | "renewFailed" },
  now: number,
): AnnotateState {
  const failures = failure.kind === "network" ? state.failures + 1 : state.failures;
  const problem = failure.kind === "network" ? state.problem : failure.code;
  const again = now + backoffMs(failures, random);
  return type === "claimFailed"
    ? { ...state, failures, problem, claiming: false, claimAt: again }
    : { ...state, failures, problem, renewAt: again };
}
