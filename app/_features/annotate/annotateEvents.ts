import type { ProblemKind, SkipReason } from "@/server/domain/judging";
import type { Guidelines } from "@/server/domain/reference";
import type { AnnotateState, PracticeProgress, Rules, Side } from "./annotateState";
import type { Entry, Failure, Pair } from "./outbox";
import type { Verdict } from "./verdicts";

export interface Lease {
  readonly assignmentId: string;
  readonly leaseToken: string;
}

/** What the server said to an entry. */
export type Answer =
  | { readonly kind: "vote"; readonly stored: "counted" | "late"; readonly replayed: boolean }
  | { readonly kind: "skip" | "report" | "read" }
  | {
      readonly kind: "undo";
      readonly pair: Pair;
      readonly previous: { readonly verdict: Verdict; readonly reason: string | null } | null;
    };

/** Pairs, how the project asks now, and what has to be done before there are new pairs. */
export interface Claimed {
  readonly pairs: readonly Pair[];
  readonly rules: Rules;
  readonly unread: Guidelines | null;
  readonly practice: PracticeProgress | null;
}

type Told =
  | { readonly type: "verdict"; readonly verdict: Verdict; readonly id: string }
  | { readonly type: "skip"; readonly id: string; readonly reason: SkipReason | null }
  | { readonly type: "report"; readonly id: string; readonly problem: ProblemKind; readonly note: string }
  /** Back to a criterion, whose verdict and those after it are given anew. */
  | { readonly type: "criterion"; readonly at: number }
  | { readonly type: "undo"; readonly id: string }
  | { readonly type: "reasonOpened" }
  | { readonly type: "reasonClosed" }
  | { readonly type: "reasonWritten"; readonly text: string }
  | { readonly type: "reasonEntered"; readonly id: string }
  | { readonly type: "seen"; readonly assignmentId: string; readonly side: Side }
  | ({ readonly type: "claimed" } & Claimed)
  /** The guidelines on the page were read. */
  | { readonly type: "guidelinesRead"; readonly id: string }
  /** The practice that was due is done. */
  | { readonly type: "practised" }
  | { readonly type: "claimFailed"; readonly failure: Failure; readonly random: number }
  | { readonly type: "sent"; readonly submissionId: string; readonly answer: Answer }
  | { readonly type: "sendFailed"; readonly submissionId: string; readonly failure: Failure; readonly random: number }
  | { readonly type: "renewed"; readonly asked: readonly string[]; readonly alive: readonly string[] }
  | { readonly type: "renewFailed"; readonly failure: Failure; readonly random: number }
  /** Another tab of the same person answered a pair, or took an answer back. */
  | { readonly type: "elsewhere"; readonly assignmentId: string; readonly answered: boolean }
  | { readonly type: "visibility"; readonly visible: boolean }
  | { readonly type: "network"; readonly online: boolean }
  | { readonly type: "active" }
  | { readonly type: "resume" }
  /** The page came back from the browser's cache; its pairs were given back when it was left. */
  | { readonly type: "returned" }
  | { readonly type: "recheck" }
  /** So many pairs are wanted in hand from now on. */
  | { readonly type: "stockWanted"; readonly pairs: number }
  | { readonly type: "toastClosed" }
  | { readonly type: "tick" };

/** Everything that happens to the page, with the time it happened. */
export type AnnotateEvent = Told & { readonly now: number };

/** What is to be done in the world; each ends in an event. */
export type Effect =
  | { readonly do: "claim"; readonly want: number; readonly holding: readonly string[] }
  | { readonly do: "send"; readonly entry: Entry }
  | { readonly do: "renew"; readonly leases: readonly Lease[] }
  | { readonly do: "release"; readonly leases: readonly Lease[] };

export interface Step {
  readonly state: AnnotateState;
  readonly effects: readonly Effect[];
}
