import { and, asc, eq, isNotNull, isNull } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { DbTx } from "../client";
import { user } from "../schema/identity";
import { assignment, itemFlag } from "../schema/tasks";

const settler = alias(user, "settler");

/** Stores a report; one with a known submission id is there already. */
export function insertFlag(tx: DbTx, row: typeof itemFlag.$inferInsert): void {
  tx.insert(itemFlag).values(row).onConflictDoNothing({ target: itemFlag.submissionId }).run();
}

/** What was reported about an item, oldest first, also what has been seen to. */
export const listFlags = (tx: DbTx, itemId: string) =>
  tx
    .select({ flag: itemFlag, name: user.name, settledBy: settler.name })
    .from(itemFlag)
    .innerJoin(user, eq(user.id, itemFlag.annotatorId))
    .leftJoin(settler, eq(settler.id, itemFlag.resolvedBy))
    .where(eq(itemFlag.itemId, itemId))
    .orderBy(asc(itemFlag.createdAt), asc(itemFlag.id))
    .all();

/** Who passed an item on, and why if they said so. */
export const listSkips = (tx: DbTx, itemId: string) =>
  tx
    .select({ name: user.name, reason: assignment.skipReason, at: assignment.endedAt })
    .from(assignment)
    .innerJoin(user, eq(user.id, assignment.annotatorId))
    .where(and(eq(assignment.itemId, itemId), eq(assignment.state, "skipped"), isNotNull(assignment.endedAt)))
    .orderBy(asc(assignment.endedAt))
    .all();

/** Notes that somebody has seen to a report; false when there is none open. */
export const resolveFlag = (tx: DbTx, projectId: string, id: string, by: string, now: Date): boolean =>
  tx
    .update(itemFlag)
    .set({ resolvedAt: now, resolvedBy: by })
    .where(and(eq(itemFlag.id, id), eq(itemFlag.projectId, projectId), isNull(itemFlag.resolvedAt)))
    .run().changes > 0;
