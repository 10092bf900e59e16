import { and, asc, desc, eq, inArray, lte, sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { user } from "../schema/identity";
import { item } from "../schema/items";
import { judgement } from "../schema/tasks";
import { findResponses, groupByItem, sidesOf } from "./items.queries";

export type StoredJudgement = typeof judgement.$inferSelect;

/** These items with their responses and everything said of them until a moment, oldest first. */
export function findJudgedUntil(tx: DbTx, itemIds: readonly string[], until: Date) {
  const ids = [...itemIds];
  const items = tx.select({ id: item.id, externalId: item.externalId }).from(item).where(inArray(item.id, ids)).all();
  const responses = findResponses(tx, ids);
  const said = tx
    .select()
    .from(judgement)
    .where(and(inArray(judgement.itemId, ids), lte(judgement.createdAt, until)))
    .orderBy(asc(judgement.createdAt), sql`${judgement}.rowid`)
    .all();
  const byItem = groupByItem(said);
  return new Map(
    items.map((row) => [
      row.id,
      { ...row, ...sidesOf(responses.get(row.id) ?? []), judgements: byItem.get(row.id) ?? [] },
    ]),
  );
}
export type JudgedUntil = ReturnType<typeof findJudgedUntil>;

/** Everybody who said something in a project, most first; no name for people of a file. */
export const listAnnotatorKeys = (tx: DbTx, projectId: string) =>
  tx
    .select({ annotatorKey: judgement.annotatorKey, name: user.name, count: sql<number>`count(*)` })
    .from(judgement)
    .leftJoin(user, eq(user.id, judgement.annotatorId))
    .where(and(eq(judgement.projectId, projectId), eq(judgement.action, "judge")))
    .groupBy(judgement.annotatorKey)
    .orderBy(desc(sql`count(*)`), asc(judgement.annotatorKey))
    .limit(1_000)
    .all();
