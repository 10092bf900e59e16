import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { requestCancel } from "@/db/queries/lease.queries";
import { findPairBatch, listPairBatches } from "@/db/queries/pairBatches.queries";
import { workerOnline } from "@/db/queries/runs.queries";
import { audit } from "@/db/schema/audit";
import { pairBatch } from "@/db/schema/inference";
import { type SamplingInput, samplingSchema } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { checkModel } from "./scorings.service";

export interface PairBatchRequest {
  readonly prompts: readonly Message[][];
  readonly modelIds: readonly string[];
  readonly perPrompt: number;
  readonly sampling: SamplingInput;
}

/** As many as a page shows; older ones are in the database. */
const shown = 50;

/** Queues pairs to be made in the background; without a worker they wait for one. */
export function createPairBatch(
  db: Db,
  { projectId, userId }: Access<"admin">,
  { prompts, perPrompt, ...request }: PairBatchRequest,
  now = new Date(),
): { batchId: string } {
  return writeTx(db, (tx) => {
    const modelIds = [...new Set(request.modelIds)];
    const modelNames = modelIds.map((id) => checkModel(tx, projectId, id, "policy"));
    const id = randomUUID();
    tx.insert(pairBatch)
      .values({
        id,
        projectId,
        userId,
        prompts: [...prompts],
        promptCount: prompts.length,
        modelIds,
        modelNames,
        perPrompt,
        sampling: samplingSchema.parse(request.sampling),
        state: "queued",
        createdAt: now,
      })
      .run();
    const details = { prompts: prompts.length, perPrompt, models: modelNames.join(", ") };
    tx.insert(audit).values({ projectId, actorId: userId, action: "pairs.requested", subject: id, details }).run();
    return { batchId: id };
  });
}

/** The newest first. */
export function listBatches(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  const batches = listPairBatches(db, projectId, shown).map((b) => ({
    id: b.id,
    state: b.state,
    modelNames: b.modelNames,
    perPrompt: b.perPrompt,
    promptCount: b.promptCount,
    promptsDone: b.promptsDone,
    pairsAdded: b.pairsAdded,
    pairsKnown: b.pairsKnown,
    pairsLeftOut: b.pairsLeftOut,
    etaSeconds: b.state === "running" && b.promptsDone > 0 ? b.etaSeconds : null,
    error: b.error,
    cancelRequested: b.cancelRequestedAt !== null,
    createdAt: b.createdAt,
    finishedAt: b.finishedAt,
  }));
  return { batches, workerOnline: workerOnline(db, now) };
}

/** Stops between two tokens. Pairs that were written stay; a batch that has ended already stays as it is. */
export function cancelBatch(db: Db, { projectId }: Access<"admin">, batchId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    if (!findPairBatch(tx, projectId, batchId)) throw new DomainError("not_found", { what: "pair batch" });
    requestCancel(tx, "pairBatch", batchId, now);
  });
}
