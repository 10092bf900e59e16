import { randomBytes, randomUUID } from "node:crypto";
import { eq, inArray } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { versionRead } from "@/db/queries/guidelines.queries";
import {
  countVote,
  findAssignment,
  findBySubmission,
  findCurrent,
  findLatestCounted,
  insertJudgement,
  type Judgement,
} from "@/db/queries/judgements.queries";
import {
  type Assignment,
  findTexts,
  getRules,
  giveBack,
  leaseNext,
  leaseSecondsOf,
  listLiveLeases,
  retake,
  sweepExpired,
} from "@/db/queries/queue.queries";
import { assignment } from "@/db/schema/tasks";
import type { Message } from "@/trainer/contracts/message";
import { DomainError } from "../domain/errors";
import { breachOf, type JudgingRules, type Said } from "../domain/judging";
import { otherSlot, positionalToStored, type Slot } from "../domain/preference";
import type { Guidelines } from "../domain/reference";
import type { Access } from "./access";
import { findUnread } from "./guidelines.service";
import { type Progress, practiceDue } from "./practice.service";

/** All that an annotator's browser learns of an item: no model, no meta, nobody else's votes. */
export interface Pair {
  readonly assignmentId: string;
  readonly leaseToken: string;
  readonly leaseExpiresAt: Date;
  readonly itemId: string;
  readonly prompt: Message[];
  readonly left: Message[];
  readonly right: Message[];
}

export interface Lease {
  readonly assignmentId: string;
  readonly leaseToken: string;
}

export interface Submission extends Lease {
  /** Made by the client; sending it again returns what is stored. */
  readonly submissionId: string;
  /** −3 (left much better) … +3 (right much better); null when both are bad. */
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly reason: string | null;
  /** By name; the same signs as the verdict. */
  readonly criteria: Readonly<Record<string, number>>;
  readonly durationMs: number;
  /** The guidelines that the page had shown and the person had read by then; left out, those they read last. */
  readonly guidelineVersion?: number | null | undefined;
}

export interface Receipt {
  readonly judgementId: string;
  readonly stored: "counted" | "late";
  readonly replayed: boolean;
}

/** The pair of an assignment, the way round it was shown. */
export function toPair(tx: DbTx, lease: Assignment): Pair {
  const { prompt, a, b } = findTexts(tx, lease.itemId);
  const shown: Record<Slot, Message[]> = { a, b };
  const { id, itemId, leaseToken, leaseExpiresAt, leftSlot } = lease;
  return {
    assignmentId: id,
    leaseToken,
    leaseExpiresAt,
    itemId,
    prompt,
    left: shown[leftSlot],
    right: shown[otherSlot(leftSlot)],
  };
}

const expiry = (tx: DbTx, projectId: string, now: Date): Date =>
  new Date(now.getTime() + leaseSecondsOf(tx, projectId) * 1000);

export interface Claim {
  readonly pairs: Pair[];
  readonly rules: JudgingRules & { readonly leaseSeconds: number };
  /** Guidelines that must be read, or practice that must be done, before there are new pairs. */
  readonly unread: Guidelines | null;
  readonly practice: Progress | null;
}

/**
 * Gives an annotator pairs to judge until they have `want` in hand: first what they hold already and did not name in
 * `holding` (a reload lost it), then new ones. New ones only once the guidelines in force are read and a newcomer's
 * practice is done. One immediate transaction: overlap is never exceeded.
 */
export function claimPairs(
  db: Db,
  access: Access,
  request: { want: number; holding: readonly string[] },
  now = new Date(),
): Claim {
  const claimer = { projectId: access.projectId, annotatorId: access.userId };
  return writeTx(db, (tx) => {
    sweepExpired(tx, claimer.projectId, now);
    const expiresAt = expiry(tx, claimer.projectId, now);
    const mine = listLiveLeases(tx, claimer, now);
    const held = mine.filter((lease) => request.holding.includes(lease.id)).length;
    const leases = mine
      .filter((lease) => !request.holding.includes(lease.id))
      .map((lease) => ({ ...lease, leaseExpiresAt: expiresAt }));
    if (leases.length > 0) {
      tx.update(assignment)
        .set({ leaseExpiresAt: expiresAt })
        .where(
          inArray(
            assignment.id,
            leases.map((l) => l.id),
          ),
        )
        .run();
    }
    const { rulesChangedAt: _, practicePairs, ...rules } = getRules(tx, claimer.projectId);
    const unread = findUnread(tx, access);
    const practice = practiceDue(tx, access, { ...rules, practicePairs });
    while (!unread && !practice && held + leases.length < request.want) {
      const token = randomBytes(32).toString("base64url");
      const next = leaseNext(tx, claimer, { id: randomUUID(), token, expiresAt });
      if (!next) break;
      leases.push(next);
    }
    return { pairs: leases.map((lease) => toPair(tx, lease)), rules, unread, practice };
  });
}

const receipt = (row: Judgement, replayed: boolean): Receipt => ({
  judgementId: row.id,
  stored: row.late ? "late" : "counted",
  replayed,
});

/** Refuses what the project does not ask for. A pair given out before it asked differently is judged as it was asked then. */
function checkRules(tx: DbTx, lease: Assignment, said: Said): void {
  const rules = getRules(tx, lease.projectId);
  if (rules.rulesChangedAt && lease.createdAt < rules.rulesChangedAt) return;
  const breach = breachOf(said, rules);
  if (breach) throw new DomainError("invalid_input", { ...breach });
}

/** Criteria by position in stored order, or the other way round. */
export const turned = (criteria: Readonly<Record<string, number>>, leftSlot: Slot): Record<string, number> =>
  Object.fromEntries(Object.entries(criteria).map(([name, value]) => [name, positionalToStored(value, leftSlot)]));

/** Whether the vote counts: the lease is live, or its slot is still free and is taken back now. */
function holdsSlot(tx: DbTx, lease: Assignment): boolean {
  return lease.state === "leased" || retake(tx, lease);
}

/**
 * Stores a vote. The same submission id returns the stored one. A lease that ran out still counts while its slot is free;
 * if somebody took it the vote is kept as late and not counted. A second vote on the same item is refused with
 * `already_judged`: undo comes first.
 */
export function submitVote(db: Db, access: Access, submission: Submission, now = new Date()): Receipt {
  const { projectId, userId: annotatorId } = access;
  return writeTx(db, (tx) => {
    const stored = findBySubmission(tx, submission.submissionId);
    if (stored) {
      if (stored.annotatorId !== annotatorId) throw new DomainError("conflict");
      return receipt(stored, true);
    }
    const lease = findAssignment(tx, projectId, annotatorId, submission.assignmentId);
    if (!lease) throw new DomainError("not_found", { what: "assignment" });
    const current = findCurrent(tx, lease);
    if (current?.action === "judge")
      throw new DomainError("already_judged", { judgementId: current.id, verdict: current.verdict });
    checkRules(tx, lease, submission);
    const counted = holdsSlot(tx, lease);
    const row = insertJudgement(tx, {
      id: randomUUID(),
      projectId,
      itemId: lease.itemId,
      annotatorId,
      annotatorKey: annotatorId,
      assignmentId: lease.id,
      supersedesId: current?.id ?? null,
      verdict: submission.verdict === null ? null : positionalToStored(submission.verdict, lease.leftSlot),
      bothBad: submission.bothBad,
      reason: submission.reason,
      criteria: turned(submission.criteria, lease.leftSlot),
      leftSlot: lease.leftSlot,
      durationMs: submission.durationMs,
      guidelineVersion: versionRead(tx, projectId, annotatorId, submission.guidelineVersion ?? undefined) || null,
      submissionId: submission.submissionId,
      late: !counted,
      createdAt: now,
    });
    if (counted) {
      tx.update(assignment).set({ state: "submitted", endedAt: now }).where(eq(assignment.id, lease.id)).run();
      countVote(tx, lease.itemId, 1);
    }
    return receipt(row, false);
  });
}

/** Takes back the annotator's newest counted vote: the vote is superseded, the slot stays theirs, the pair comes again. */
export function undoVote(db: Db, access: Access, submissionId: string, now = new Date()) {
  const { projectId, userId: annotatorId } = access;
  return writeTx(db, (tx) => {
    const replayed = findBySubmission(tx, submissionId);
    const vote = replayed ? undefined : findLatestCounted(tx, projectId, annotatorId);
    const assignmentId = replayed?.assignmentId ?? vote?.assignmentId;
    const lease = assignmentId ? findAssignment(tx, projectId, annotatorId, assignmentId) : undefined;
    if (!lease || (!replayed && !vote)) throw new DomainError("nothing_to_undo");
    if (!vote) return { pair: toPair(tx, lease), previous: null };
    insertJudgement(tx, {
      id: randomUUID(),
      projectId,
      itemId: vote.itemId,
      annotatorId,
      annotatorKey: annotatorId,
      assignmentId: lease.id,
      action: "undo",
      supersedesId: vote.id,
      leftSlot: lease.leftSlot,
      submissionId,
      createdAt: now,
    });
    countVote(tx, vote.itemId, -1);
    const again = { state: "leased" as const, leaseExpiresAt: expiry(tx, projectId, now), endedAt: null };
    tx.update(assignment).set(again).where(eq(assignment.id, lease.id)).run();
    const verdict = vote.verdict === null ? null : positionalToStored(vote.verdict, lease.leftSlot);
    return {
      pair: toPair(tx, { ...lease, ...again }),
      previous: {
        verdict,
        bothBad: vote.bothBad,
        reason: vote.reason,
        criteria: turned(vote.criteria, lease.leftSlot),
      },
    };
  });
}

/** Passes a pair on to others; it is not offered to this person again. */
export function skipPair(
  db: Db,
  access: Access,
  { assignmentId, reason }: { assignmentId: string; reason: string | null },
  now = new Date(),
): void {
  writeTx(db, (tx) => {
    const lease = findAssignment(tx, access.projectId, access.userId, assignmentId);
    if (!lease) throw new DomainError("not_found", { what: "assignment" });
    if (lease.state === "submitted") throw new DomainError("already_judged");
    if (lease.state === "leased") giveBack(tx, lease, "skipped", now, reason);
  });
}

/** Gives pairs back at once: the page was closed. */
export function releasePairs(db: Db, access: Access, leases: readonly Lease[], now = new Date()): void {
  writeTx(db, (tx) => {
    for (const { assignmentId, leaseToken } of leases) {
      const lease = findAssignment(tx, access.projectId, access.userId, assignmentId);
      if (lease?.state === "leased" && lease.leaseToken === leaseToken) giveBack(tx, lease, "released", now);
    }
  });
}

/** A lease that ended, but not by its holder's answer, lives again while its slot is free: a reload gave it back. */
const revive = (tx: DbTx, lease: Assignment): boolean =>
  (lease.state === "released" || lease.state === "expired") && retake(tx, lease);

/** Keeps leases alive while the page is open; returns those that are. */
export function renewLeases(
  db: Db,
  access: Access,
  leases: readonly Lease[],
  now = new Date(),
): { alive: string[]; leaseExpiresAt: Date } {
  return writeTx(db, (tx) => {
    const leaseExpiresAt = expiry(tx, access.projectId, now);
    const alive = leases.flatMap(({ assignmentId, leaseToken }) => {
      const lease = findAssignment(tx, access.projectId, access.userId, assignmentId);
      if (lease?.leaseToken !== leaseToken || !(lease.state === "leased" || revive(tx, lease))) return [];
      const alive = { state: "leased" as const, leaseExpiresAt, endedAt: null };
      tx.update(assignment).set(alive).where(eq(assignment.id, assignmentId)).run();
      return [assignmentId];
    });
    return { alive, leaseExpiresAt };
  });
}
