import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { findCompression, isBeingCompressed, listCompressions } from "@/db/queries/compressions.queries";
import { requestCancel } from "@/db/queries/lease.queries";
import { findModel, findModelById } from "@/db/queries/models.queries";
import { workerOnline } from "@/db/queries/runs.queries";
import { findSnapshot } from "@/db/queries/snapshots.queries";
import { audit } from "@/db/schema/audit";
import { modelCompression } from "@/db/schema/compressions";
import { type CompressionSettings, compressionSettingsSchema } from "@/trainer/contracts/compression";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { type ModelPlaces, modelFolder, readModelShape } from "./modelFolder";

export interface CompressionRequest {
  readonly modelId: string;
  /** What it was tuned from; of a model that a run made, the run knows. */
  readonly baseModelId?: string | undefined;
  readonly snapshotId: string;
  readonly settings: Partial<CompressionSettings>;
}

/** As many as a page shows. */
const shown = 5;

/** Queues a model to become a delta on its base; without a worker it waits for one. */
export function requestCompression(
  db: Db,
  { projectId, userId }: Access<"admin">,
  request: CompressionRequest,
  places: ModelPlaces,
  now = new Date(),
): { compressionId: string } {
  const { modelId, snapshotId } = request;
  const settings = compressionSettingsSchema.parse(request.settings);
  return writeTx(db, (tx) => {
    const source = findModel(tx, projectId, modelId);
    const baseModelId = request.baseModelId ?? source?.baseModelId;
    const base = baseModelId && baseModelId !== modelId ? findModel(tx, projectId, baseModelId) : undefined;
    if (!source || !base) throw new DomainError("not_found", { what: source ? "base model" : "model" });
    if (!findSnapshot(tx, projectId, snapshotId)) throw new DomainError("not_found", { what: "snapshot" });
    // An adapter or a delta has no weights of its own to compress.
    if (source.projectId !== projectId || !readModelShape(modelFolder(source.path, places)))
      throw new DomainError("invalid_input", { field: "modelId" });
    if (isBeingCompressed(tx, modelId)) throw new DomainError("conflict", { what: "model compression" });
    const id = randomUUID();
    tx.insert(modelCompression)
      .values({
        id,
        projectId,
        userId,
        sourceModelId: modelId,
        baseModelId: base.id,
        snapshotId,
        settings,
        totalSteps: settings.steps,
        state: "queued",
        createdAt: now,
      })
      .run();
    const details = { name: source.name, base: base.name };
    tx.insert(audit)
      .values({ projectId, actorId: userId, action: "model.compressed", subject: modelId, details })
      .run();
    return { compressionId: id };
  });
}

/** What became of a model's compressions, and of a delta the one that made it. */
export function listModelCompressions(db: DbTx, { projectId }: Access<"admin">, modelId: string, now = new Date()) {
  const named = (id: string) => {
    const found = findModelById(db, id);
    return { id, name: found?.name ?? null, removed: !found || found.deletedAt !== null };
  };
  const compressions = listCompressions(db, projectId, modelId, shown).map(({ compression: c, snapshotNumber }) => ({
    id: c.id,
    state: c.state,
    step: c.step,
    totalSteps: c.totalSteps,
    etaSeconds: c.state === "running" ? c.etaSeconds : null,
    cancelRequested: c.cancelRequestedAt !== null,
    error: c.error,
    report: c.report,
    source: named(c.sourceModelId),
    base: named(c.baseModelId),
    model: c.modelId === null ? null : named(c.modelId),
    snapshotNumber,
    createdAt: c.createdAt,
  }));
  return { compressions, workerOnline: workerOnline(db, now) };
}

/** Stops between two steps; one that has ended stays as it is. */
export function cancelCompression(db: Db, { projectId }: Access<"admin">, id: string, now = new Date()): void {
  writeTx(db, (tx) => {
    if (!findCompression(tx, projectId, id)) throw new DomainError("not_found", { what: "model compression" });
    requestCancel(tx, "modelCompression", id, now);
  });
}
