import {
  and,
  asc,
  desc,
  eq,
  exists,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  notExists,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { alias, type SQLiteTable } from "drizzle-orm/sqlite-core";
import type { DbTx } from "../client";
import { project, user } from "../schema/identity";
import { item, response } from "../schema/items";
import { itemFlag, judgement } from "../schema/tasks";

export type Item = typeof item.$inferSelect;
export type NewItem = typeof item.$inferInsert;
export type Response = typeof response.$inferSelect;
export type NewResponse = typeof response.$inferInsert;

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

/** Inserts rows one by one through one prepared statement: a quarter of the time that long lists of values take. */
function insertAll<T extends SQLiteTable>(tx: DbTx, table: T, rows: readonly T["$inferInsert"][]): void {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const values = Object.fromEntries(columns.map((name) => [name, sql.placeholder(name)]));
  const statement = tx
    .insert(table)
    .values(values as T["$inferInsert"])
    .prepare();
  for (const row of rows) statement.run(row);
}

/** New items with all that belongs to them. The rows of one list name the same columns. */
export function insertItems(
  tx: DbTx,
  rows: {
    readonly items: readonly NewItem[];
    readonly responses: readonly NewResponse[];
    readonly judgements: readonly (typeof judgement.$inferInsert)[];
  },
): void {
  insertAll(tx, item, rows.items);
  insertAll(tx, response, rows.responses);
  insertAll(tx, judgement, rows.judgements);
}

const later = alias(judgement, "later");

/** Of what annotators and files said, the rows that stand: judged, in time, not taken back. */
export const standing = (tx: DbTx): SQL | undefined =>
  and(
    eq(judgement.action, "judge"),
    eq(judgement.purpose, "vote"),
    eq(judgement.late, false),
    notExists(tx.select({ one: sql`1` }).from(later).where(eq(later.supersedesId, judgement.id))),
  );

export type ItemFilter = "all" | "open" | "complete" | "disputed" | "reported" | "retired";

export interface ItemQuery {
  readonly projectId: string;
  readonly state: ItemFilter;
  readonly search: string;
}

/** What `%` and `_` mean to LIKE is not meant by somebody who types them; JSON writes quotes and line breaks its own way. */
const likeInJson = (text: string): string =>
  `%${JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\\%_]/g, (c) => `\\${c}`)}%`;

function itemWhere(tx: DbTx, { projectId, state, search }: ItemQuery): SQL | undefined {
  const said = (sign: SQL) =>
    exists(
      tx
        .select({ one: sql`1` })
        .from(judgement)
        .where(and(eq(judgement.itemId, item.id), sign, standing(tx))),
    );
  const byState: Record<ItemFilter, SQL | undefined> = {
    all: undefined,
    open: and(isNull(item.retiredAt), lt(item.votes, project.overlap)),
    complete: and(isNull(item.retiredAt), gte(item.votes, project.overlap)),
    disputed: and(isNull(item.retiredAt), said(sql`${judgement.verdict} < 0`), said(sql`${judgement.verdict} > 0`)),
    reported: exists(
      tx
        .select({ one: sql`1` })
        .from(itemFlag)
        .where(and(eq(itemFlag.itemId, item.id), isNull(itemFlag.resolvedAt))),
    ),
    retired: isNotNull(item.retiredAt),
  };
  const found =
    search === ""
      ? undefined
      : or(sql`${item.prompt} LIKE ${likeInJson(search)} ESCAPE '\\'`, eq(item.externalId, search));
  return and(eq(item.projectId, projectId), byState[state], found);
}

/** One page, newest first; `after` is the last row of the page before. */
export function listItemRows(tx: DbTx, query: ItemQuery, after: { createdAt: Date; id: string } | null, limit: number) {
  const beyond = after
    ? or(lt(item.createdAt, after.createdAt), and(eq(item.createdAt, after.createdAt), lt(item.id, after.id)))
    : undefined;
  const { id, externalId, prompt, votes, createdAt, retiredAt } = item;
  return tx
    .select({ id, externalId, prompt, votes, createdAt, retiredAt, overlap: project.overlap })
    .from(item)
    .innerJoin(project, eq(project.id, item.projectId))
    .where(and(itemWhere(tx, query), beyond))
    .orderBy(desc(item.createdAt), desc(item.id))
    .limit(limit)
    .all();
}

export const countItems = (tx: DbTx, query: ItemQuery): number =>
  tx
    .select({ n: sql<number>`count(*)` })
    .from(item)
    .innerJoin(project, eq(project.id, item.projectId))
    .where(itemWhere(tx, query))
    .get()?.n ?? 0;

/** What stands about these items, by item. */
export function findStanding(tx: DbTx, itemIds: readonly string[]) {
  const { itemId, verdict, bothBad, importId, annotatorId, annotatorKey } = judgement;
  const rows =
    itemIds.length === 0
      ? []
      : tx
          .select({ itemId, verdict, bothBad, importId, annotatorId, annotatorKey })
          .from(judgement)
          .where(and(inArray(itemId, [...itemIds]), standing(tx)))
          .orderBy(asc(judgement.createdAt), asc(judgement.id))
          .all();
  return groupByItem(rows);
}

export const findItem = (tx: DbTx, projectId: string, id: string): Item | undefined =>
  tx
    .select()
    .from(item)
    .where(and(eq(item.id, id), eq(item.projectId, projectId)))
    .get();

/** Everything anybody said of an item, oldest first, also what no longer stands. */
export const listJudgements = (tx: DbTx, itemId: string) =>
  tx
    .select({ row: judgement, name: user.name, supersededBy: later.id })
    .from(judgement)
    .leftJoin(user, eq(user.id, judgement.annotatorId))
    .leftJoin(later, eq(later.supersedesId, judgement.id))
    .where(eq(judgement.itemId, itemId))
    .orderBy(asc(judgement.createdAt), sql`${judgement}.rowid`)
    .all();

export function setRetired(
  tx: DbTx,
  id: string,
  change: { retiredAt: Date } | { retiredAt: null; queuePosition: number },
): void {
  tx.update(item).set(change).where(eq(item.id, id)).run();
}
