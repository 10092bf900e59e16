import { and, eq, inArray, sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { project } from "../schema/identity";
import { item, response } from "../schema/items";
import { judgement } from "../schema/tasks";

export type Item = typeof item.$inferSelect;
export type NewItem = typeof item.$inferInsert;
export type Response = typeof response.$inferSelect;
export type NewResponse = typeof response.$inferInsert;

/** Rows in one INSERT: SQLite allows 32,766 variables in a statement. */
const insertAtMost = 500;

/** Hands out `count` places at the end of a project's queue; returns the first. */
export function takeQueuePositions(tx: DbTx, projectId: string, count: number): number {
  const { last } = tx
    .update(project)
    .set({ queueSequence: sql`${project.queueSequence} + ${count}` })
    .where(eq(project.id, projectId))
    .returning({ last: project.queueSequence })
    .get() as { last: number };
  return last - count + 1;
}

/** Items of these hashes with their responses. */
export function findByContent(tx: DbTx, projectId: string, contentHashes: readonly string[]) {
  if (contentHashes.length === 0) return [];
  const items = tx
    .select({ id: item.id, contentHash: item.contentHash, importId: item.importId })
    .from(item)
    .where(and(eq(item.projectId, projectId), inArray(item.contentHash, [...contentHashes])))
    .all();
  const responses = findResponses(
    tx,
    items.map(({ id }) => id),
  );
  return items.map((row) => ({ ...row, ...sidesOf(responses.get(row.id) ?? []) }));
}

/** The responses of these items, by item. */
export function findResponses(tx: DbTx, itemIds: readonly string[]): Map<string, Response[]> {
  const rows =
    itemIds.length === 0
      ? []
      : tx
          .select()
          .from(response)
          .where(inArray(response.itemId, [...itemIds]))
          .all();
  return groupByItem(rows);
}

export function groupByItem<T extends { readonly itemId: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.itemId);
    if (group) group.push(row);
    else groups.set(row.itemId, [row]);
  }
  return groups;
}

export function sidesOf(responses: readonly Response[]): { a: Response; b: Response } {
  const [a, b] = (["a", "b"] as const).map((slot) => responses.find((r) => r.slot === slot));
  if (!a || !b) throw new Error(`item ${a?.itemId ?? b?.itemId ?? "?"} lacks a response`);
  return { a, b };
}

export function findTakenExternalIds(tx: DbTx, projectId: string, externalIds: readonly string[]): Set<string> {
  if (externalIds.length === 0) return new Set();
  const rows = tx
    .select({ externalId: item.externalId })
    .from(item)
    .where(and(eq(item.projectId, projectId), inArray(item.externalId, [...externalIds])))
    .all();
  return new Set(rows.flatMap((row) => row.externalId ?? []));
}

/** What these submissions said, by submission id. */
export function findSubmissions(tx: DbTx, submissionIds: readonly string[]) {
  const { submissionId, verdict, bothBad, importId } = judgement;
  const rows =
    submissionIds.length === 0
      ? []
      : tx
          .select({ submissionId, verdict, bothBad, importId })
          .from(judgement)
          .where(inArray(submissionId, [...submissionIds]))
          .all();
  return new Map(rows.map((row) => [row.submissionId, row]));
}

function* inPieces<T>(rows: readonly T[]): Generator<T[]> {
  for (let from = 0; from < rows.length; from += insertAtMost) yield rows.slice(from, from + insertAtMost);
}

export function insertItems(
  tx: DbTx,
  rows: {
    readonly items: readonly NewItem[];
    readonly responses: readonly NewResponse[];
    readonly judgements: readonly (typeof judgement.$inferInsert)[];
  },
): void {
  for (const piece of inPieces(rows.items)) tx.insert(item).values(piece).run();
  for (const piece of inPieces(rows.responses)) tx.insert(response).values(piece).run();
  for (const piece of inPieces(rows.judgements)) tx.insert(judgement).values(piece).run();
}
