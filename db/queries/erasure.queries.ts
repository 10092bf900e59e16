import { and, asc, eq, getTableColumns, inArray, notExists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { DbTx } from "../client";
import { audit } from "../schema/audit";
import { guidelineReading, practiceAnswer } from "../schema/guidance";
import { account, membership, session, signInLink, user } from "../schema/identity";
import { scoring } from "../schema/inference";
import { apiToken } from "../schema/integrations";
import { generation } from "../schema/runs";
import { assignment, claimCursor, itemFlag, judgement } from "../schema/tasks";

/** A person in one project. */
export interface Someone {
  readonly projectId: string;
  readonly userId: string;
}

const said = ({ projectId, userId }: Someone) =>
  and(eq(judgement.projectId, projectId), eq(judgement.annotatorId, userId));
const given = ({ projectId, userId }: Someone) =>
  and(eq(assignment.projectId, projectId), eq(assignment.annotatorId, userId));
const reported = ({ projectId, userId }: Someone) =>
  and(eq(itemFlag.projectId, projectId), eq(itemFlag.annotatorId, userId));
const asked = ({ projectId, userId }: Someone) =>
  and(eq(generation.projectId, projectId), eq(generation.userId, userId));
const read = ({ projectId, userId }: Someone) =>
  and(eq(guidelineReading.projectId, projectId), eq(guidelineReading.userId, userId));
const practised = ({ projectId, userId }: Someone) =>
  and(eq(practiceAnswer.projectId, projectId), eq(practiceAnswer.userId, userId));
const scored = ({ projectId, userId }: Someone) => and(eq(scoring.projectId, projectId), eq(scoring.userId, userId));

const later = alias(judgement, "later");

/** Everything that a person said, oldest first, with whether it stands. */
export const listSaid = (tx: DbTx, who: Someone) =>
  tx
    .select({
      ...getTableColumns(judgement),
      superseded: sql<number>`exists (select 1 from judgement later where later.supersedes_id = ${judgement.id})`,
    })
    .from(judgement)
    .where(said(who))
    .orderBy(asc(judgement.createdAt), asc(judgement.id))
    .all();

/** The items that a person has a vote on that stands, with when it was said first. */
export const listVotedItems = (tx: DbTx, who: Someone) =>
  tx
    .select({ itemId: judgement.itemId, createdAt: judgement.createdAt })
    .from(judgement)
    .where(
      and(
        said(who),
        eq(judgement.action, "judge"),
        eq(judgement.purpose, "vote"),
        eq(judgement.late, false),
        notExists(tx.select({ one: sql`1` }).from(later).where(eq(later.supersedesId, judgement.id))),
      ),
    )
    .all();

export const listReported = (tx: DbTx, who: Someone) => tx.select().from(itemFlag).where(reported(who)).all();
export const listGiven = (tx: DbTx, who: Someone) => tx.select().from(assignment).where(given(who)).all();
export const listAsked = (tx: DbTx, who: Someone) => tx.select().from(generation).where(asked(who)).all();
export const listRead = (tx: DbTx, who: Someone) => tx.select().from(guidelineReading).where(read(who)).all();
export const listPractised = (tx: DbTx, who: Someone) => tx.select().from(practiceAnswer).where(practised(who)).all();
export const listTokensOf = (tx: DbTx, { projectId, userId }: Someone) =>
  tx
    .select({ name: apiToken.name, createdAt: apiToken.createdAt, lastUsedAt: apiToken.lastUsedAt })
    .from(apiToken)
    .where(and(eq(apiToken.projectId, projectId), eq(apiToken.createdBy, userId)))
    .all();
export const listDone = (tx: DbTx, { projectId, userId }: Someone) =>
  tx
    .select({ action: audit.action, subject: audit.subject, createdAt: audit.createdAt })
    .from(audit)
    .where(and(eq(audit.projectId, projectId), eq(audit.actorId, userId)))
    .orderBy(asc(audit.id))
    .all();

/** Whether a person ever belonged to another project. */
export const belongsToOthers = (tx: DbTx, { projectId, userId }: Someone): boolean =>
  tx
    .select({ one: sql`1` })
    .from(membership)
    .where(and(eq(membership.userId, userId), sql`${membership.projectId} <> ${projectId}`))
    .limit(1)
    .get() !== undefined;

/** Hands all that a person said to somebody who is nobody. What they wrote in their own words goes, `keptReasons` stay. */
export function giveAway(tx: DbTx, who: Someone, to: string, keptReasons: readonly string[]): void {
  const written = keptReasons.length > 0 ? inArray(judgement.reason, [...keptReasons]) : sql`0`;
  tx.update(judgement)
    .set({
      annotatorId: to,
      annotatorKey: to,
      reason: sql`case when ${written} then ${judgement.reason} else null end`,
    })
    .where(said(who))
    .run();
  tx.update(assignment).set({ annotatorId: to }).where(given(who)).run();
  tx.update(itemFlag).set({ annotatorId: to, note: null }).where(reported(who)).run();
}

/** Deletes all that a person said. In one statement: rows that supersede one another go together. */
export function deleteSaid(tx: DbTx, who: Someone): void {
  tx.delete(itemFlag).where(reported(who)).run();
  tx.delete(judgement).where(said(who)).run();
  tx.delete(assignment).where(given(who)).run();
}

/** What ties a person to a project besides what they said of pairs. */
export function deletePlace(tx: DbTx, who: Someone): void {
  const { projectId, userId } = who;
  tx.delete(claimCursor)
    .where(and(eq(claimCursor.projectId, projectId), eq(claimCursor.annotatorId, userId)))
    .run();
  tx.update(itemFlag)
    .set({ resolvedBy: null })
    .where(and(eq(itemFlag.projectId, projectId), eq(itemFlag.resolvedBy, userId)))
    .run();
  tx.delete(apiToken)
    .where(and(eq(apiToken.projectId, projectId), eq(apiToken.createdBy, userId)))
    .run();
  tx.delete(guidelineReading).where(read(who)).run();
  tx.delete(practiceAnswer).where(practised(who)).run();
  tx.delete(generation).where(asked(who)).run();
  tx.delete(scoring).where(scored(who)).run();
  tx.delete(membership)
    .where(and(eq(membership.projectId, projectId), eq(membership.userId, userId)))
    .run();
}

/** Takes away a person's way in and their name. The row stays: what they made as an admin points to it. */
export function emptyAccount(tx: DbTx, userId: string, name: string): void {
  tx.delete(session).where(eq(session.userId, userId)).run();
  tx.delete(account).where(eq(account.userId, userId)).run();
  tx.delete(signInLink).where(eq(signInLink.userId, userId)).run();
  tx.update(user)
    .set({ name, email: `erased-${userId}@erased.invalid`, emailVerified: false, image: null })
    .where(eq(user.id, userId))
    .run();
}
