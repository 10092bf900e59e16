import { and, desc, eq, getTableColumns, sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { pairBatch } from "../schema/inference";
import { type FinalState, finish, type Held } from "./lease.queries";

export type PairBatch = typeof pairBatch.$inferSelect;

export const findPairBatch = (tx: DbTx, projectId: string, id: string): PairBatch | undefined =>
  tx
    .select()
    .from(pairBatch)
    .where(and(eq(pairBatch.projectId, projectId), eq(pairBatch.id, id)))
    .get();

// A list may be megabytes long, and a page asks for this every second.
const { prompts: _, ...withoutPrompts } = getTableColumns(pairBatch);

/** Newest first, without their prompts. */
export const listPairBatches = (tx: DbTx, projectId: string, limit: number) =>
  tx
    .select(withoutPrompts)
    .from(pairBatch)
    .where(eq(pairBatch.projectId, projectId))
    .orderBy(desc(pairBatch.createdAt), desc(pairBatch.id))
    .limit(limit)
    .all();

export interface PairProgress {
  readonly promptsDone: number;
  readonly added: number;
  readonly known: number;
  readonly leftOut: number;
  readonly etaSeconds: number;
}

/**
 * Counts pairs that the caller, who holds the lease, wrote in the same transaction. A crash cannot take them away, so the
 * count of attempts in vain starts again.
 */
export function recordPairs(tx: DbTx, { id }: Held, made: PairProgress): void {
  const { promptsDone, etaSeconds } = made;
  const { pairsAdded, pairsKnown, pairsLeftOut } = pairBatch;
  tx.update(pairBatch)
    .set({
      promptsDone,
      etaSeconds,
      pairsAdded: sql`${pairsAdded} + ${made.added}`,
      pairsKnown: sql`${pairsKnown} + ${made.known}`,
      pairsLeftOut: sql`${pairsLeftOut} + ${made.leftOut}`,
      attempts: 1,
    })
    .where(eq(pairBatch.id, id))
    .run();
}

/** Ends a batch; a failed one says why. */
export function finishPairBatch(tx: DbTx, held: Held, state: FinalState, error: string | null, now: Date): void {
  if (finish(tx, held, state, now)) tx.update(pairBatch).set({ error }).where(eq(pairBatch.id, held.id)).run();
}
