import { mostLeases } from "@/server/domain/leases";
import type { AnnotateCalls } from "./annotateCalls";
import type { AnnotateEvent, Effect, Lease } from "./annotateEvents";
import { annotateMachine } from "./annotateMachine";
import { type AnnotateState, isReached, nextDue, pairsAhead, type Start, startState } from "./annotateState";
import type { AnnotateStorage } from "./annotateStorage";
import { leaseOf } from "./showing";

type WithoutTime<T> = T extends unknown ? Omit<T, "now"> : never;
export type Told = WithoutTime<AnnotateEvent>;

const reportEveryMs = 30_000;

interface Options extends Pick<Start, "rules" | "today" | "guidelines" | "guidelinesRead"> {
  readonly storage: AnnotateStorage;
  readonly calls: AnnotateCalls;
  /** The browser refused to keep an outbox entry. */
  readonly onNotKept: () => void;
}

/**
 * Runs the machine: keeps its state, stores the outbox before anything is sent, carries out its effects, and wakes it
 * when something is due. Holds nothing that the machine decides by.
 */
export function createAnnotator({ rules, today, guidelines, guidelinesRead, storage, calls, onNotKept }: Options) {
  const listeners = new Set<() => void>();
  let state: AnnotateState = startState({
    rules,
    today,
    guidelines,
    guidelinesRead: Math.max(guidelinesRead, storage.guidelinesRead()),
    outbox: storage.outbox,
    pairs: storage.pairs,
    wanted: storage.stock() ?? pairsAhead,
    now: Date.now(),
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function tell(event: Told): void {
    if (stopped) return;
    const before = state;
    const step = annotateMachine(state, { ...event, now: Date.now() } as AnnotateEvent);
    state = step.state;
    void storage.saveOutbox(before.outbox, state.outbox).then((isKept) => isKept || onNotKept());
    if (before.pairs !== state.pairs) {
      storage.savePairs(before.pairs, state.pairs);
      report();
    }
    if (before.wanted !== state.wanted) storage.keepStock(state.wanted);
    if (before.guidelinesRead !== state.guidelinesRead) storage.keepGuidelinesRead(state.guidelinesRead);
    for (const effect of step.effects) void carryOut(effect);
    wake();
    if (before !== state) for (const listener of listeners) listener();
  }

  async function carryOut(effect: Effect): Promise<void> {
    if (effect.do === "release") return giveBack(effect.leases);
    try {
      if (effect.do === "claim") tell({ type: "claimed", ...(await calls.claim(effect.want, effect.holding)) });
      else if (effect.do === "renew") {
        const asked = effect.leases.map((lease) => lease.assignmentId);
        tell({ type: "renewed", asked, alive: await calls.renew(effect.leases) });
      } else {
        tell({ type: "sent", submissionId: effect.entry.submissionId, answer: await calls.send(effect.entry) });
      }
    } catch (error) {
      const failed = { failure: await calls.failureOf(error), random: Math.random() };
      if (effect.do === "claim") tell({ type: "claimFailed", ...failed });
      else if (effect.do === "renew") tell({ type: "renewFailed", ...failed });
      else tell({ type: "sendFailed", submissionId: effect.entry.submissionId, ...failed });
    }
  }

  function giveBack(leases: readonly Lease[]): void {
    const shared = storage.heldElsewhere(Date.now());
    calls.release(leases.filter((lease) => !shared.has(lease.assignmentId)).slice(0, mostLeases));
  }

  function report(): void {
    storage.reportTab(
      state.pairs.map((pair) => pair.assignmentId),
      Date.now(),
    );
  }

  function wake(): void {
    clearTimeout(timer);
    const due = nextDue(state);
    if (due !== null) timer = setTimeout(() => tell({ type: "tick" }), Math.max(20, due - Date.now()));
  }

  storage.onElsewhere((change) => tell({ type: "elsewhere", ...change }));
  const reporting = setInterval(report, reportEveryMs);
  report();

  return {
    getState: (): AnnotateState => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell,
    /** The page goes away: its pairs go back to the others. One that nobody can hear keeps them for its next opening. */
    leave(): void {
      storage.leaveTab();
      if (state.pairs.length === 0 || !isReached(state)) return;
      giveBack(state.pairs.map(leaseOf));
      storage.forgetPairs();
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
      clearInterval(reporting);
      storage.leaveTab();
    },
  };
}

export type Annotator = ReturnType<typeof createAnnotator>;
