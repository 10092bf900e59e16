import { and, asc, eq, isNull, or } from "drizzle-orm";
import type { DbTx } from "../client";
import { modelCompression } from "../schema/compressions";
import { snapshot } from "../schema/datasets";
import { model, run } from "../schema/runs";

/** A model of the project, or the one that belongs to nobody, with the run and the snapshot it came of; removed ones too. */
const origin = (tx: DbTx) =>
  tx
    .select({
      id: model.id,
      name: model.name,
      kind: model.kind,
      baseModelId: model.baseModelId,
      createdAt: model.createdAt,
      deletedAt: model.deletedAt,
      runId: run.id,
      runKind: run.kind,
      snapshotId: snapshot.id,
      snapshotNumber: snapshot.number,
      judgements: snapshot.judgements,
      ruleJudgements: snapshot.ruleJudgements,
      /** Of a delta: what made it of the model before. */
      compressionId: modelCompression.id,
    })
    .from(model)
    .leftJoin(modelCompression, eq(modelCompression.modelId, model.id))
    .leftJoin(run, eq(run.id, model.runId))
    .leftJoin(snapshot, eq(snapshot.id, model.snapshotId));

const seenBy = (projectId: string) => or(eq(model.projectId, projectId), isNull(model.projectId));

const findOrigin = (tx: DbTx, projectId: string, modelId: string) =>
  origin(tx)
    .where(and(seenBy(projectId), eq(model.id, modelId)))
    .get();
export type Origin = NonNullable<ReturnType<typeof findOrigin>>;

/** A model and what it came from, the oldest first; the model itself is the last. Empty when the project has no such model. */
export function listAncestors(tx: DbTx, projectId: string, modelId: string): Origin[] {
  const line: Origin[] = [];
  for (let id: string | null = modelId; id !== null && !line.some((one) => one.id === id); ) {
    const found = findOrigin(tx, projectId, id);
    if (!found) break;
    line.unshift(found);
    id = found.baseModelId;
  }
  return line;
}

/** The models that were trained from a model and are in the registry, in the order in which they were made. */
export const listChildren = (tx: DbTx, projectId: string, modelId: string): Origin[] =>
  origin(tx)
    .where(and(eq(model.projectId, projectId), eq(model.baseModelId, modelId), isNull(model.deletedAt)))
    .orderBy(asc(model.createdAt), asc(model.id))
    .all();
