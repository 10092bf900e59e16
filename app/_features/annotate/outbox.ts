import type { ErrorCode } from "@/server/domain/errors";
import type { ProblemKind, SkipReason } from "@/server/domain/judging";
import type { Message } from "@/trainer/contracts/message";
import type { Verdict } from "./verdicts";

/** A pair as this page holds it. */
export interface Pair {
  readonly assignmentId: string;
  readonly leaseToken: string;
  readonly itemId: string;
  readonly prompt: readonly Message[];
  readonly left: readonly Message[];
  readonly right: readonly Message[];
}

interface EntryBase {
  /** Made once, here; sending the entry again under it never stores anything twice. */
  readonly submissionId: string;
  /** Grows from entry to entry: the outbox is sent in this order, after a reload too. */
  readonly order: number;
  readonly attempts: number;
}

interface VoteEntry extends EntryBase {
  readonly kind: "vote";
  readonly assignmentId: string;
  readonly leaseToken: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** By name, by position. */
  readonly criteria: Readonly<Record<string, number>>;
  readonly durationMs: number;
  /** The newest guidelines that the person had read. */
  readonly guidelineVersion: number | null;
}

interface SkipEntry extends EntryBase {
  readonly kind: "skip";
  readonly assignmentId: string;
  readonly leaseToken: string;
  readonly reason: SkipReason | null;
}

/** Something is wrong with a pair, which stays to be judged or skipped. */
interface ReportEntry extends EntryBase {
  readonly kind: "report";
  readonly assignmentId: string;
  readonly problem: ProblemKind;
  readonly note: string | null;
}

interface UndoEntry extends EntryBase {
  readonly kind: "undo";
  /** The vote it takes back, and its pair; null when this page does not know it (the vote was before a reload). */
  readonly target: string | null;
  readonly assignmentId: string | null;
}

/** Guidelines were read; votes that follow it in the outbox were given with them in mind. */
interface ReadEntry extends EntryBase {
  readonly kind: "read";
  readonly assignmentId: null;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** Something the annotator did that the server has not confirmed yet. */
export type Entry = VoteEntry | SkipEntry | ReportEntry | UndoEntry | ReadEntry;

/** Why a call failed, as far as what to do next is concerned. */
export type Failure =
  /** No answer, or a server that is not itself: try again with the same id. */
  | { readonly kind: "network" }
  /** Understood and refused: trying again cannot help. */
  | { readonly kind: "refused"; readonly code: ErrorCode }
  /** The person must do something first, such as sign in: kept, and not tried again by itself. */
  | { readonly kind: "blocked"; readonly code: ErrorCode };

const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

/** Exponential back-off; `random` in [0, 1) spreads everybody's return after the server was away. */
export const backoffMs = (attempts: number, random: number): number =>
  Math.round(Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, attempts - 1)) * (0.75 + random / 2));

/** Whether the pair leaves the page with this entry. */
export const endsPair = (entry: Entry): entry is VoteEntry | SkipEntry =>
  entry.kind === "vote" || entry.kind === "skip";

/** The pairs that are answered for as far as the annotator is concerned: what was voted or skipped and not undone after. */
export function answered(outbox: readonly Entry[]): Set<string> {
  const ids = new Set<string>();
  for (const entry of outbox) {
    if (endsPair(entry)) ids.add(entry.assignmentId);
    else if (entry.kind !== "undo") continue;
    else if (entry.assignmentId) ids.delete(entry.assignmentId);
  }
  return ids;
}

/** Votes not confirmed yet, less those already taken back. */
export const unsentVotes = (outbox: readonly Entry[]): number =>
  outbox.reduce((sum, entry) => sum + (entry.kind === "vote" ? 1 : entry.kind === "undo" ? -1 : 0), 0);

export const byOrder = (a: Entry, b: Entry): number =>
  a.order - b.order || (a.submissionId < b.submissionId ? -1 : a.submissionId > b.submissionId ? 1 : 0);
