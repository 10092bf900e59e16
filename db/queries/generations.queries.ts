import { and, asc, eq, gt, isNull, lt, max } from "drizzle-orm";
import type { DbTx } from "../client";
import { type GenerationEvent, generation, generationEvent } from "../schema/runs";
import { type FinalState, finish, type Held, holds, requestCancel } from "./lease.queries";

export type Generation = typeof generation.$inferSelect;

export const listGenerationEvents = (tx: DbTx, generationId: string, after: number) =>
  tx
    .select({ seq: generationEvent.seq, event: generationEvent.event })
    .from(generationEvent)
    .where(and(eq(generationEvent.generationId, generationId), gt(generationEvent.seq, after)))
    .orderBy(asc(generationEvent.seq))
    .all();

const lastSeq = (tx: DbTx, generationId: string): number =>
  tx
    .select({ seq: max(generationEvent.seq) })
    .from(generationEvent)
    .where(eq(generationEvent.generationId, generationId))
    .get()?.seq ?? 0;

export const hasEvents = (tx: DbTx, generationId: string): boolean => lastSeq(tx, generationId) > 0;

function insertEvents(tx: DbTx, generationId: string, events: readonly GenerationEvent[]): void {
  let seq = lastSeq(tx, generationId);
  for (const event of events) {
    seq += 1;
    tx.insert(generationEvent).values({ generationId, seq, event }).run();
  }
}

/** Stores what a worker streamed, in the caller's transaction. False, and nothing written, when the lease is lost. */
export function appendGenerationEvents(tx: DbTx, held: Held, events: readonly GenerationEvent[]): boolean {
  if (!holds(tx, held)) return false;
  insertEvents(tx, held.id, events);
  return true;
}

/** Ends a question, its last event included; a failed one says why. */
export function finishGeneration(tx: DbTx, held: Held, state: FinalState, error: string | null, now: Date): boolean {
  if (!finish(tx, held, state, now)) return false;
  insertEvents(tx, held.id, [error === null ? { type: "done" } : { type: "failed", message: error }]);
  if (error !== null) tx.update(generation).set({ error }).where(eq(generation.id, held.id)).run();
  return true;
}

/** Asks for a stop; a question that no worker holds ends here, its last event included. */
export function cancelQuestion(tx: DbTx, generationId: string, now: Date): void {
  if (!requestCancel(tx, "generation", generationId, now)) return;
  const row = tx.select({ state: generation.state }).from(generation).where(eq(generation.id, generationId)).get();
  if (row?.state === "cancelled") insertEvents(tx, generationId, [{ type: "done" }]);
}

const stale = (before: Date) =>
  and(eq(generation.state, "queued"), isNull(generation.leaseToken), lt(generation.createdAt, before));

/** Whether somebody waits since before `before`; a read, so that nobody takes the write lock for nothing. */
export const hasStale = (tx: DbTx, before: Date): boolean =>
  tx.select({ id: generation.id }).from(generation).where(stale(before)).limit(1).get() !== undefined;

/** Questions that nobody took up in time: whoever asked has left. */
export function failStale(tx: DbTx, before: Date, message: string, now: Date): void {
  const failed = tx
    .update(generation)
    .set({ state: "failed", error: message, finishedAt: now })
    .where(stale(before))
    .returning({ id: generation.id })
    .all();
  for (const { id } of failed) insertEvents(tx, id, [{ type: "failed", message }]);
}
