import { and, desc, eq, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { DbTx } from "../client";
import { modelCompression } from "../schema/compressions";
import { snapshot } from "../schema/datasets";
import { pairBatch, scoring } from "../schema/inference";
import { generation, model, run } from "../schema/runs";

export type Model = typeof model.$inferSelect;

/** A project sees its own models and those that belong to nobody: the starter. */
const visible = (projectId: string) =>
  and(or(eq(model.projectId, projectId), isNull(model.projectId)), isNull(model.deletedAt));

export const findModel = (tx: DbTx, projectId: string, modelId: string): Model | undefined =>
  tx
    .select()
    .from(model)
    .where(and(visible(projectId), eq(model.id, modelId)))
    .get();

/** Whatever became of its row: for a worker, which has the id from work that was checked when it was asked for. */
export const findModelById = (tx: DbTx, modelId: string): Model | undefined =>
  tx.select().from(model).where(eq(model.id, modelId)).get();

const listOfKind = (tx: DbTx, projectId: string, kind: Model["kind"]): Model[] =>
  tx
    .select()
    .from(model)
    .where(and(visible(projectId), eq(model.kind, kind)))
    .orderBy(desc(model.createdAt))
    .all();

export const listPolicies = (tx: DbTx, projectId: string): Model[] => listOfKind(tx, projectId, "policy");
export const listRewardModels = (tx: DbTx, projectId: string): Model[] => listOfKind(tx, projectId, "reward");

const base = alias(model, "base");

export const listModelViews = (tx: DbTx, projectId: string) =>
  tx
    .select({
      model,
      baseModelName: base.name,
      snapshotNumber: snapshot.number,
      metrics: run.metrics,
      config: run.config,
      report: modelCompression.report,
    })
    .from(model)
    .leftJoin(modelCompression, eq(modelCompression.modelId, model.id))
    .leftJoin(base, eq(base.id, model.baseModelId))
    .leftJoin(snapshot, eq(snapshot.id, model.snapshotId))
    .leftJoin(run, eq(run.id, model.runId))
    .where(visible(projectId))
    .orderBy(desc(model.createdAt), desc(model.id))
    .all();

/** A project's models with the run that made each: its kind and settings, null for the starter. Newest first. */
export const listModelRecipes = (tx: DbTx, projectId: string) =>
  tx
    .select({ model, base: { id: base.id, name: base.name }, config: run.config })
    .from(model)
    .leftJoin(base, and(eq(base.id, model.baseModelId), isNull(base.deletedAt)))
    .leftJoin(run, eq(run.id, model.runId))
    .where(visible(projectId))
    .orderBy(desc(model.createdAt), desc(model.id))
    .all();

/** A run, a question or a compression that has not ended and needs the model, or a delta that stands on it. */
export function findUser(tx: DbTx, modelId: string): "run" | "generation" | "compression" | "base" | null {
  const live = sql`state in ('queued', 'running', 'paused')`;
  const path = sql`(select path from ${model} where id = ${modelId})`;
  const scores = sql`json_extract(config, '$.reward') = ${path} or json_extract(config, '$.judge') = ${path}`;
  if (tx.get(sql`select 1 from ${run} where ${live} and (base_model_id = ${modelId} or ${scores}) limit 1`))
    return "run";
  const answers = sql`exists (select 1 from json_each(model_ids) where value = ${modelId})`;
  const judges = sql`reward_model_id = ${modelId}`;
  const asked = tx.get(
    sql`select 1 from ${generation} where ${live} and (${judges} or ${answers})
      union all select 1 from ${scoring} where ${live} and (${judges} or ${answers})
      union all select 1 from ${pairBatch} where ${live} and ${answers} limit 1`,
  );
  if (asked) return "generation";
  const compressed = sql`select 1 from ${modelCompression} where ${live} and (source_model_id = ${modelId} or base_model_id = ${modelId}) limit 1`;
  if (tx.get(compressed)) return "compression";
  const standing = sql`select 1 from ${modelCompression} c join ${model} m on m.id = c.model_id where c.base_model_id = ${modelId} and m.deleted_at is null limit 1`;
  return tx.get(standing) ? "base" : null;
}

/** `label`, or `label (2)` and so on when the project has a model of that name. */
export function freeName(tx: DbTx, projectId: string, label: string): string {
  const taken = new Set(
    tx
      .select({ name: model.name })
      .from(model)
      .where(and(eq(model.projectId, projectId), isNull(model.deletedAt)))
      .all()
      .map((row) => row.name),
  );
  for (let n = 1; ; n++) {
    const name = n === 1 ? label : `${label} (${n})`;
    if (!taken.has(name)) return name;
  }
}
