import { and, asc, desc, eq, exists, gt, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { snapshot } from "../schema/datasets";
import { item, labelledResponse } from "../schema/items";
import { model, run } from "../schema/runs";
import { judgement } from "../schema/tasks";
import { findResponses, findStanding, sidesOf, standing } from "./items.queries";

export type Snapshot = typeof snapshot.$inferSelect;

/** One page of a project's live items in the order of their hashes, with what stands about each. */
export function listJudgedItems(tx: DbTx, projectId: string, afterHash: string, limit: number) {
  const where = and(eq(item.projectId, projectId), isNull(item.retiredAt), gt(item.contentHash, afterHash));
  return judgedItems(tx, where, limit);
}

/** The first live items in the order of their hashes about which somebody said something. */
export const listItemsWithVerdict = (tx: DbTx, projectId: string, limit: number) =>
  judgedItems(tx, and(eq(item.projectId, projectId), isNull(item.retiredAt), hasVerdict(tx)), limit);

/** One live item with what stands about it. */
export const findJudgedItem = (tx: DbTx, projectId: string, itemId: string): JudgedItem | undefined =>
  judgedItems(tx, and(eq(item.projectId, projectId), isNull(item.retiredAt), eq(item.id, itemId)), 1)[0];

const hasVerdict = (tx: DbTx) =>
  exists(
    tx
      .select({ one: sql`1` })
      .from(judgement)
      .where(and(eq(judgement.itemId, item.id), isNotNull(judgement.verdict), standing(tx))),
  );

function judgedItems(tx: DbTx, where: SQL | undefined, limit: number) {
  const { id, prompt, promptHash, contentHash } = item;
  const items = tx
    .select({ id, prompt, promptHash, contentHash })
    .from(item)
    .where(where)
    .orderBy(asc(contentHash))
    .limit(limit)
    .all();
  const ids = items.map((row) => row.id);
  const [responses, judgements] = [findResponses(tx, ids), findStanding(tx, ids)];
  return items.map((row) => {
    const { a, b } = sidesOf(responses.get(row.id) ?? []);
    return { ...row, a: a.messages, b: b.messages, judgements: judgements.get(row.id) ?? [] };
  });
}
export type JudgedItem = ReturnType<typeof listJudgedItems>[number];

/** One page of a project's labelled responses in the order of their hashes. */
export const listLabelled = (tx: DbTx, projectId: string, afterHash: string, limit: number) =>
  tx
    .select({
      id: labelledResponse.id,
      contentHash: labelledResponse.contentHash,
      promptHash: labelledResponse.promptHash,
      prompt: labelledResponse.prompt,
      response: labelledResponse.response,
      desirable: labelledResponse.desirable,
    })
    .from(labelledResponse)
    .where(and(eq(labelledResponse.projectId, projectId), gt(labelledResponse.contentHash, afterHash)))
    .orderBy(asc(labelledResponse.contentHash))
    .limit(limit)
    .all();

export const findNewest = (tx: DbTx, projectId: string): Snapshot | undefined =>
  tx.select().from(snapshot).where(eq(snapshot.projectId, projectId)).orderBy(desc(snapshot.number)).limit(1).get();

export const findSnapshot = (tx: DbTx, projectId: string, id: string): Snapshot | undefined =>
  tx
    .select()
    .from(snapshot)
    .where(and(eq(snapshot.id, id), eq(snapshot.projectId, projectId)))
    .get();

/** Some project's snapshot has these files. */
export const isContentUsed = (tx: DbTx, contentHash: string): boolean =>
  tx.select({ id: snapshot.id }).from(snapshot).where(eq(snapshot.contentHash, contentHash)).limit(1).get() !==
  undefined;

/** The runs on a snapshot, newest first, and the models in the registry that came from it. */
export function findSnapshotUse(tx: DbTx, snapshotId: string) {
  const { id, kind, state, modelId } = run;
  return {
    runs: tx
      .select({ id, kind, state, modelId })
      .from(run)
      .where(eq(run.snapshotId, snapshotId))
      .orderBy(desc(run.createdAt), desc(id))
      .all(),
    models: tx
      .select({ id: model.id, name: model.name, kind: model.kind })
      .from(model)
      .where(and(eq(model.snapshotId, snapshotId), isNull(model.deletedAt)))
      .orderBy(desc(model.createdAt), desc(model.id))
      .all(),
  };
}

/** Newest first, with how many runs trained on each. */
export function listSnapshotRows(tx: DbTx, projectId: string): (Snapshot & { runs: number })[] {
  const runs = tx
    .select({ snapshotId: run.snapshotId, n: sql<number>`count(*)` })
    .from(run)
    .where(eq(run.projectId, projectId))
    .groupBy(run.snapshotId)
    .all();
  const byId = new Map(runs.map(({ snapshotId, n }) => [snapshotId, n]));
  const rows = tx.select().from(snapshot).where(eq(snapshot.projectId, projectId)).orderBy(desc(snapshot.number)).all();
  return rows.map((row) => ({ ...row, runs: byId.get(row.id) ?? 0 }));
}
