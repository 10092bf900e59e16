import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { versionRead } from "@/db/queries/guidelines.queries";
import { findAssignment, findBySubmission, findOwnStanding, insertJudgement } from "@/db/queries/judgements.queries";
import { countVotesOf, listVotesOf, paceOf } from "@/db/queries/projects.queries";
import { changeMinutesOf, getRules } from "@/db/queries/queue.queries";
import { DomainError } from "../domain/errors";
import { breachOf, type Said } from "../domain/judging";
import { positionalToStored } from "../domain/preference";
import type { Access } from "./access";
import { toPair, turned } from "./annotate.service";

/** Characters of a prompt in the list of what was judged. */
const historyExcerpt = 300;
const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Until when a vote may be changed; null where it came too late to count. */
const changeableUntil = (judgedAt: Date | null, late: boolean, minutes: number): Date | null =>
  judgedAt === null || late ? null : new Date(judgedAt.getTime() + minutes * minuteMs);

/** What the annotator judged last, by the sides they saw, how much today (UTC) and at all, and how fast today. */
export function listHistory(db: DbTx, { projectId, userId }: Access, limit: number, now = new Date()) {
  const today = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  const minutes = changeMinutesOf(db, projectId);
  const votes = listVotesOf(db, projectId, userId, limit).map(({ vote, prompt, judgedAt }) => {
    const until = changeableUntil(judgedAt, vote.late, minutes);
    return {
      judgementId: vote.id,
      itemId: vote.itemId,
      prompt: (prompt.findLast((m) => m.role === "user") ?? prompt.at(-1))?.content.slice(0, historyExcerpt) ?? "",
      verdict: vote.verdict === null ? null : positionalToStored(vote.verdict, vote.leftSlot ?? "a"),
      bothBad: vote.bothBad,
      reason: vote.reason,
      createdAt: vote.createdAt,
      late: vote.late,
      changed: vote.supersedesId !== null,
      changeable: until !== null && now < until,
    };
  });
  return {
    votes,
    today: countVotesOf(db, projectId, userId, today),
    total: countVotesOf(db, projectId, userId, new Date(0)),
    /** Middle time on a pair today, in milliseconds; null before the first. */
    medianMs: paceOf(db, projectId, userId, today),
  };
}

function getChangeable(tx: DbTx, { projectId, userId }: Access, judgementId: string, now: Date) {
  const found = findOwnStanding(tx, projectId, userId, judgementId);
  const lease = found?.vote.assignmentId ? findAssignment(tx, projectId, userId, found.vote.assignmentId) : undefined;
  if (!found || !lease) throw new DomainError("not_found", { what: "vote" });
  const until = changeableUntil(found.judgedAt, found.vote.late, changeMinutesOf(tx, projectId));
  if (until === null || now >= until) throw new DomainError("change_too_late");
  return { vote: found.vote, lease, until };
}

/** A vote of one's own with its pair as it was shown, while it may be changed. */
export function getOwnVote(db: DbTx, access: Access, judgementId: string, now = new Date()) {
  const { vote, lease, until } = getChangeable(db, access, judgementId, now);
  const { prompt, left, right } = toPair(db, lease);
  return {
    judgementId: vote.id,
    prompt,
    left,
    right,
    verdict: vote.verdict === null ? null : positionalToStored(vote.verdict, lease.leftSlot),
    bothBad: vote.bothBad,
    reason: vote.reason,
    criteria: turned(vote.criteria, lease.leftSlot),
    changeableUntil: until,
  };
}

export interface Change extends Said {
  readonly judgementId: string;
  /** Made by the client; sending it again returns what is stored. */
  readonly submissionId: string;
}

/** Changes a vote while the project lets people: a new row supersedes it, what was said before stays on record. */
export function changeVote(db: Db, access: Access, change: Change, now = new Date()): { judgementId: string } {
  const { projectId, userId: annotatorId } = access;
  return writeTx(db, (tx) => {
    const stored = findBySubmission(tx, change.submissionId);
    if (stored) {
      if (stored.annotatorId !== annotatorId) throw new DomainError("conflict");
      return { judgementId: stored.id };
    }
    const { vote, lease } = getChangeable(tx, access, change.judgementId, now);
    const breach = breachOf(change, getRules(tx, projectId));
    if (breach) throw new DomainError("invalid_input", { ...breach });
    const row = insertJudgement(tx, {
      id: randomUUID(),
      projectId,
      itemId: vote.itemId,
      annotatorId,
      annotatorKey: annotatorId,
      assignmentId: lease.id,
      supersedesId: vote.id,
      verdict: change.verdict === null ? null : positionalToStored(change.verdict, lease.leftSlot),
      bothBad: change.bothBad,
      reason: change.reason,
      criteria: turned(change.criteria, lease.leftSlot),
      leftSlot: lease.leftSlot,
      durationMs: vote.durationMs,
      guidelineVersion: versionRead(tx, projectId, annotatorId) || null,
      submissionId: change.submissionId,
      createdAt: now,
    });
    return { judgementId: row.id };
  });
}
