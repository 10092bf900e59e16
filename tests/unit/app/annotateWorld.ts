import type { AnnotateEvent, Answer, Effect } from "@/app/_features/annotate/annotateEvents";
import { annotateMachine } from "@/app/_features/annotate/annotateMachine";
import { type AnnotateState, pairsAhead, type Rules, startState } from "@/app/_features/annotate/annotateState";
import type { Entry, Pair } from "@/app/_features/annotate/outbox";
import type { Verdict } from "@/app/_features/annotate/verdicts";
import type { Guidelines } from "@/server/domain/reference";

type Told<T> = T extends unknown ? Omit<T, "now"> : never;
export type Event = Told<AnnotateEvent>;

export const rules: Rules = {
  verdictSteps: 7,
  allowBothBad: true,
  reasonRequired: false,
  reasonChoices: [],
  criteria: [],
  leaseMs: 900_000,
};

/** A server small enough to be checked by eye: leases that never run out, votes by submission id, undo of the newest. */
export class PlainServer {
  readonly leases = new Map<string, { state: "leased" | "submitted" | "skipped" | "released"; token: number }>();
  readonly votes: { id: string; assignmentId: string; verdict: Verdict; undone: boolean }[] = [];
  /** Guidelines that a claim gives in place of new pairs. */
  unread: Guidelines | null = null;
  readonly undos = new Map<string, string>();
  constructor(readonly items: number) {}

  pair(assignmentId: string): Pair {
    const text = (role: "user" | "assistant", content: string) => [{ role, content }];
    return {
      assignmentId,
      leaseToken: String(this.leases.get(assignmentId)?.token ?? 0),
      itemId: `item-${assignmentId}`,
      prompt: text("user", assignmentId),
      left: text("assistant", "left"),
      right: text("assistant", "right"),
    };
  }

  claim(want: number, holding: readonly string[]): Pair[] {
    if (this.unread) return [];
    const live = [...this.leases].filter(([, lease]) => lease.state === "leased").map(([id]) => id);
    const given = live.filter((id) => !holding.includes(id));
    let held = live.length;
    for (let i = 0; i < this.items && held < want; i++) {
      const lease = this.leases.get(`a${i}`);
      if (lease && lease.state !== "released") continue;
      this.leases.set(`a${i}`, { state: "leased", token: (lease?.token ?? 0) + 1 });
      given.push(`a${i}`);
      held++;
    }
    return given.map((id) => this.pair(id));
  }

  /** An answer, or the code of a refusal. */
  take(entry: Entry): Answer | "already_judged" | "nothing_to_undo" {
    if (entry.kind === "undo") return this.undo(entry.submissionId);
    if (entry.kind === "read") {
      this.unread = null;
      return { kind: "read" };
    }
    const lease = this.leases.get(entry.assignmentId);
    if (!lease) throw new Error(`no lease ${entry.assignmentId}`);
    if (entry.kind === "report") return { kind: "report" };
    if (entry.kind === "skip") {
      if (lease.state === "submitted") return "already_judged";
      lease.state = "skipped";
      return { kind: "skip" };
    }
    if (this.votes.some((vote) => vote.id === entry.submissionId))
      return { kind: "vote", stored: "counted", replayed: true };
    if (lease.state === "submitted") return "already_judged";
    lease.state = "submitted";
    const { submissionId: id, assignmentId, verdict } = entry;
    this.votes.push({ id, assignmentId, verdict, undone: false });
    return { kind: "vote", stored: "counted", replayed: false };
  }

  private undo(submissionId: string): Answer | "nothing_to_undo" {
    const before = this.undos.get(submissionId);
    if (before) return { kind: "undo", pair: this.pair(before), previous: null };
    const vote = this.votes.findLast((other) => !other.undone);
    const lease = vote && this.leases.get(vote.assignmentId);
    if (!vote || !lease) return "nothing_to_undo";
    vote.undone = true;
    lease.state = "leased";
    this.undos.set(submissionId, vote.assignmentId);
    return {
      kind: "undo",
      pair: this.pair(vote.assignmentId),
      previous: { verdict: vote.verdict, reason: null },
    };
  }
}

/** The machine with its effects kept in a list, a clock that only moves when told, and what the browser would store. */
export class Page {
  now = 1_000_000;
  state: AnnotateState;
  pending: Effect[] = [];
  private ids = 0;
  /** Every entry in the order the annotator made it. */
  readonly made: Entry[] = [];
  readonly acknowledged: string[] = [];

  constructor(
    readonly server: PlainServer,
    readonly pageRules: Rules = rules,
  ) {
    this.state = startState({
      ...{ rules: pageRules, today: 0, guidelines: null, guidelinesRead: 0 },
      ...{ outbox: [], pairs: [], wanted: pairsAhead, now: this.now },
    });
    this.tell({ type: "tick" });
  }

  tell(event: Event, after = 0): void {
    this.now += after;
    const before = new Set(this.state.outbox.map((entry) => entry.submissionId));
    const step = annotateMachine(this.state, { ...event, now: this.now } as AnnotateEvent);
    this.state = step.state;
    this.made.push(...step.state.outbox.filter((entry) => !before.has(entry.submissionId)));
    for (const effect of step.effects) {
      if (effect.do !== "release") this.pending.push(effect);
      else for (const lease of effect.leases) this.release(lease.assignmentId);
    }
  }

  private release(id: string): void {
    const lease = this.server.leases.get(id);
    if (lease?.state === "leased") lease.state = "released";
  }

  see(): void {
    const assignmentId = this.state.pairs[0]?.assignmentId;
    if (!assignmentId) return;
    this.tell({ type: "seen", assignmentId, side: "left" });
    this.tell({ type: "seen", assignmentId, side: "right" });
  }

  id = (): string => `s${++this.ids}`;
  verdict(verdict: Verdict, after = 1_000): void {
    this.see();
    this.tell({ type: "verdict", verdict, id: this.id() }, after);
  }
  undo = (after = 1_000): void => this.tell({ type: "undo", id: this.id() }, after);
  skip = (after = 1_000): void => this.tell({ type: "skip", reason: null, id: this.id() }, after);

  /** Lets the oldest call reach the server, or not, and its answer reach the page, or not. */
  deliver(fate: "ok" | "lostRequest" | "lostAnswer" = "ok"): boolean {
    const effect = this.pending.shift();
    if (!effect) return false;
    const failed = { failure: { kind: "network" as const }, random: 0.5 };
    if (effect.do === "claim") {
      const pairs = fate === "lostRequest" ? [] : this.server.claim(effect.want, effect.holding);
      this.tell(
        fate === "ok"
          ? { type: "claimed", pairs, rules: this.state.rules, unread: this.server.unread, practice: null }
          : { type: "claimFailed", ...failed },
      );
    } else if (effect.do === "renew") {
      const asked = effect.leases.map((lease) => lease.assignmentId);
      const alive = asked.filter((id) => this.server.leases.get(id)?.state === "leased");
      this.tell(fate === "ok" ? { type: "renewed", asked, alive } : { type: "renewFailed", ...failed });
    } else if (effect.do === "send") {
      this.answerEntry(effect.entry, fate);
    }
    return true;
  }

  private answerEntry(entry: Entry, fate: "ok" | "lostRequest" | "lostAnswer"): void {
    const { submissionId } = entry;
    const answer = fate === "lostRequest" ? null : this.server.take(entry);
    if (answer === null || fate === "lostAnswer") {
      this.tell({ type: "sendFailed", submissionId, failure: { kind: "network" }, random: 0.5 });
      return;
    }
    this.acknowledged.push(submissionId);
    if (typeof answer === "string") {
      this.tell({ type: "sendFailed", submissionId, failure: { kind: "refused", code: answer }, random: 0.5 });
    } else this.tell({ type: "sent", submissionId, answer });
  }

  /** Answers every call, waiting out the back-off, until nothing is left to do. */
  calm(): void {
    for (let i = 0; i < 500; i++) {
      if (this.deliver()) continue;
      if (this.state.outbox.length === 0) return;
      this.tell({ type: "tick" }, 40_000);
    }
    throw new Error("never calm");
  }

  /** The page goes away; calls under way reach the server or not, and nobody hears their answers. */
  reload(callsArrive: boolean): void {
    for (const effect of this.pending.splice(0)) {
      if (!callsArrive) continue;
      if (effect.do === "send") this.server.take(effect.entry);
      if (effect.do === "claim") this.server.claim(effect.want, effect.holding);
    }
    const stored = JSON.parse(JSON.stringify({ outbox: this.state.outbox, pairs: this.state.pairs }));
    const known = { rules: this.pageRules, today: 0, guidelines: null, guidelinesRead: 0 };
    this.state = startState({ ...known, ...stored, wanted: this.state.wanted, now: this.now });
    this.tell({ type: "tick" });
  }
}
