import { mostLeases } from "@/server/domain/leases";
import { judge, read, report, skip, undo } from "./annotateActions";
import { callFailed, claimed, renewed, sendFailed, sent } from "./annotateAnswers";
import type { AnnotateEvent, Effect, Step } from "./annotateEvents";
import { type AnnotateState, currentPair, idleAt, mayClaim, mayRenew, maySend, type Rules } from "./annotateState";
import { leaseOf, settle, tell, unsettle, withClock, without, withPairs } from "./showing";

function visibility(state: AnnotateState, visible: boolean, now: number): AnnotateState {
  if (visible === state.visible) return state;
  const next = withClock({ ...state, visible }, now);
  // The machine may have slept: look at the leases and for new pairs at once.
  return visible ? { ...next, renewAt: now, claimAt: now } : next;
}

/** The project may ask differently from one claim to the next: what was said of criteria it no longer has is void. */
const withRules = (state: AnnotateState, rules: Rules): AnnotateState =>
  JSON.stringify(rules) === JSON.stringify(state.rules) ? state : { ...state, rules, given: [] };

function apply(state: AnnotateState, event: AnnotateEvent): AnnotateState {
  const { now } = event;
  switch (event.type) {
    case "verdict":
      return judge(state, event.verdict, event.id, now);
    case "skip":
      return skip(state, event.reason, event.id, now);
    case "report":
      return report(state, event.problem, event.note, event.id, now);
    case "criterion":
      return { ...state, given: state.given.slice(0, event.at) };
    case "undo":
      return undo(state, event.id, now);
    case "reasonOpened":
      return currentPair(state) ? { ...state, reason: { ...state.reason, open: true } } : state;
    case "reasonClosed":
      return { ...state, reason: { ...state.reason, open: false, pending: null } };
    case "reasonWritten":
      return { ...state, reason: { ...state.reason, text: event.text } };
    case "reasonEntered": {
      if (state.reason.pending !== null) return judge(state, state.reason.pending, event.id, now);
      return { ...state, reason: { ...state.reason, open: false } };
    }
    case "seen": {
      if (state.pairs[0]?.assignmentId !== event.assignmentId || state.seen[event.side]) return state;
      const seen = { ...state.seen, [event.side]: true };
      return { ...state, seen, hint: state.hint && !(seen.left && seen.right) };
    }
    case "claimed":
      return claimed(withRules(state, event.rules), event, now);
    case "guidelinesRead":
      return read(state, event.id, now);
    case "practised":
      return withClock({ ...state, practice: null, claimAt: now, drained: false }, now);
    case "claimFailed":
    case "renewFailed":
      return callFailed(state, event, now);
    case "sent":
      return sent(state, event.submissionId, event.answer, now);
    case "sendFailed":
      return sendFailed(state, event.submissionId, event.failure, event.random, now);
    case "renewed":
      return renewed(state, event.asked, event.alive, now);
    case "elsewhere": {
      if (!event.answered) return unsettle(state, event.assignmentId);
      const showed = currentPair(state)?.assignmentId === event.assignmentId;
      const next = withPairs(settle(state, event.assignmentId, now), without(state.pairs, event.assignmentId), now);
      return showed ? tell(next, "elsewhere", now) : next;
    }
    case "visibility":
      return visibility(state, event.visible, now);
    case "network":
      return event.online
        ? {
            ...state,
            browserOnline: true,
            sendAt: now,
            claimAt: now,
            renewAt: state.failures > 0 ? now : state.renewAt,
          }
        : { ...state, browserOnline: false };
    case "active":
      return { ...state, lastActiveAt: now };
    case "resume":
      return { ...state, paused: false, problem: null, lastActiveAt: now, claimAt: now, sendAt: now, drained: false };
    case "returned":
      return { ...withPairs(state, [], now), lastActiveAt: now, claimAt: now, sendAt: now, drained: false };
    case "recheck":
      return { ...state, problem: null, claimAt: now, sendAt: now };
    case "stockWanted":
      return { ...state, wanted: event.pairs, claimAt: now, drained: false };
    case "toastClosed":
      return { ...state, toast: null };
    case "tick":
      return state;
  }
}

/** What is due after every event, whatever it was: nothing depends on a timer having been set in time. */
function whatIsDue(before: AnnotateState, now: number): Step {
  const effects: Effect[] = [];
  let state = before;
  const away = idleAt(state);
  if (away !== null && now >= away) {
    effects.push({ do: "release", leases: state.pairs.map(leaseOf).slice(0, mostLeases) });
    state = { ...withPairs(state, [], now), paused: true, toast: null, notice: null };
  }
  if (state.toast && now >= state.toast.until) state = { ...state, toast: null };
  if (Object.values(state.settled).some((until) => now >= until)) {
    state = { ...state, settled: Object.fromEntries(Object.entries(state.settled).filter(([, until]) => now < until)) };
  }
  if (state.notice && now >= state.notice.until) state = { ...state, notice: null };
  const [head] = state.outbox;
  if (head && maySend(state) && now >= state.sendAt) {
    effects.push({ do: "send", entry: head });
    state = { ...state, sending: head.submissionId };
  }
  if (mayClaim(state) && now >= state.claimAt && (state.visible || state.pairs.length > 0)) {
    const settled = Object.keys(state.settled).filter((id) => now < (state.settled[id] ?? 0));
    const holding = [...state.pairs.map((pair) => pair.assignmentId), ...settled].slice(0, mostLeases);
    effects.push({ do: "claim", want: state.wanted, holding });
    state = { ...state, claiming: true };
  }
  if (mayRenew(state) && now >= state.renewAt) {
    effects.push({ do: "renew", leases: state.pairs.map(leaseOf).slice(0, mostLeases) });
    state = { ...state, renewAt: now + state.rules.leaseMs / 2 };
  }
  return { state, effects };
}

/** The page's whole behaviour: a state and an event give the next state and what is to be done. */
export function annotateMachine(state: AnnotateState, event: AnnotateEvent): Step {
  return whatIsDue(apply(state, event), event.now);
}
