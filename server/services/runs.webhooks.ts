import { eq } from "drizzle-orm";
import type { DbTx } from "@/db/client";
import { run } from "@/db/schema/runs";
import { emitWebhooks } from "./webhooks.emit";

/** Tells the project's webhooks how a run ended, in the transaction that ended it. */
export function tellRunEnd(tx: DbTx, runId: string): void {
  const row = tx.select().from(run).where(eq(run.id, runId)).get();
  if (row?.state !== "finished" && row?.state !== "failed" && row?.state !== "cancelled") return;
  const { id, kind, state, snapshotId, modelId, error } = row;
  const data = { runId: id, kind, snapshotId, modelId, error: error?.message ?? null };
  emitWebhooks(tx, row.projectId, `run.${state}`, data);
}
