import { join } from "node:path";
import { type Db, writeTx } from "@/db/client";
import { requestCancel } from "@/db/queries/lease.queries";
import { requestPause, resume } from "@/db/queries/pause.queries";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { removeWorkings } from "./runFolder";
import { getRunView } from "./runs.service";
import { tellRunEnd } from "./runs.webhooks";

/** Ends a run without a model: at once when no worker holds it, else as soon as its worker has seen the wish. */
export function cancelRun(
  db: Db,
  { projectId }: Access<"admin">,
  runId: string,
  dataDir: string,
  now = new Date(),
): void {
  const ended = writeTx(db, (tx) => {
    const { run: before } = getRunView(tx, projectId, runId);
    if (!requestCancel(tx, "run", runId, now)) throw new DomainError("run_not_cancellable", { state: before.state });
    const over = getRunView(tx, projectId, runId).run.state === "cancelled";
    if (over) tellRunEnd(tx, runId);
    return over;
  });
  // What no worker holds no worker clears away.
  if (ended) removeWorkings(join(dataDir, "runs", runId));
}

/** Stops a run after its step with a checkpoint and frees the worker for the next one. */
export function pauseRun(db: Db, { projectId }: Access<"admin">, runId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    getRunView(tx, projectId, runId);
    if (!requestPause(tx, runId, now)) throw new DomainError("conflict", { reason: "run_state" });
  });
}

/** A paused run waits in line again, in its old place; it goes on from its checkpoint on the same bits. */
export function resumeRun(db: Db, { projectId }: Access<"admin">, runId: string): void {
  writeTx(db, (tx) => {
    getRunView(tx, projectId, runId);
    if (!resume(tx, runId)) throw new DomainError("conflict", { reason: "run_state" });
  });
}
