import { rmSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { descentOf } from "@/db/queries/descent.queries";
import { findModel, findUser, type Model } from "@/db/queries/models.queries";
import type { Run } from "@/db/queries/runs.queries";
import { audit } from "@/db/schema/audit";
import { model, run } from "@/db/schema/runs";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { runBytes } from "./diskUse";
import { getRunView, isFinal } from "./runs.service";

/** The model that a run made and that is still in the registry. */
const modelOf = (tx: DbTx, { projectId, modelId }: Run): Model | undefined =>
  modelId === null ? undefined : findModel(tx, projectId, modelId);

/** Why a run cannot be deleted now; null when it can. */
function obstacle(tx: DbTx, row: Run, made: Model | undefined): DomainError | null {
  if (!isFinal(row.state)) return new DomainError("conflict", { reason: "run_active" });
  const user = made ? findUser(tx, made.id) : null;
  return user ? new DomainError("model_in_use", { reason: user }) : null;
}

/** What goes with a run, and what comes from its model and stays: for the question before it is deleted. */
export async function getRunRemoval(db: DbTx, { projectId }: Access<"admin">, runId: string, dataDir: string) {
  const { run: row } = getRunView(db, projectId, runId);
  const made = modelOf(db, row);
  const bytes = await runBytes(dataDir, runId);
  return { bytes, model: made ? { name: made.name, ...descentOf(db, projectId, made) } : null };
}

/**
 * Deletes a run that has ended: its row with events and figures, its model's place in the registry, then its folder. A crash
 * in between leaves files that nobody lists.
 */
export function removeRun(db: Db, access: Access<"admin">, runId: string, dataDir: string, now = new Date()): void {
  const { projectId, userId: actorId } = access;
  writeTx(db, (tx) => {
    const { run: row, snapshotNumber } = getRunView(tx, projectId, runId);
    const made = modelOf(tx, row);
    const refusal = obstacle(tx, row, made);
    if (refusal) throw refusal;
    if (made) tx.update(model).set({ deletedAt: now }).where(eq(model.id, made.id)).run();
    // Models that went before point to the run as well.
    tx.update(model).set({ runId: null }).where(eq(model.runId, runId)).run();
    tx.delete(run).where(eq(run.id, runId)).run();
    const details = { kind: row.kind, state: row.state, snapshotNumber, model: made?.name ?? null };
    tx.insert(audit).values({ projectId, actorId, action: "run.removed", subject: runId, details }).run();
  });
  rmSync(join(dataDir, "runs", runId), { recursive: true, force: true });
}
