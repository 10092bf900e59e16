import { sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { run } from "../schema/runs";
import { claimable, type Held, isHeld } from "./lease.queries";

/**
 * Asks for a pause. A run that no worker holds now is paused here; one that is held pauses when its worker has seen the wish.
 * False when the run had ended or was paused already.
 */
export function requestPause(tx: DbTx, id: string, now: Date): boolean {
  const paused = tx.run(
    sql`update ${run} set state = 'paused', lease_token = null, lease_expires_at = null where ${run.id} = ${id} and ${claimable("run", now)}`,
  );
  if (paused.changes > 0) return true;
  const asked = tx.run(
    sql`update ${run} set pause_requested_at = coalesce(pause_requested_at, ${now.getTime()}) where id = ${id} and state = 'running'`,
  );
  return asked.changes > 0;
}

export const pauseRequested = (tx: DbTx, held: Held): boolean =>
  tx.get(sql`select 1 from ${run} where ${isHeld(held)} and pause_requested_at is not null`) !== undefined;

/** The worker lets go of a run that somebody wants paused. False, and nothing written, when the lease is lost. */
export const settlePause = (tx: DbTx, held: Held): boolean =>
  tx.run(
    sql`update ${run} set state = 'paused', pause_requested_at = null, lease_token = null, lease_expires_at = null, attempts = 0, eta_seconds = null where ${isHeld(held)}`,
  ).changes > 0;

/** Puts a paused run back to where it was in the queue. False when it is not paused. */
export const resume = (tx: DbTx, id: string): boolean =>
  tx.run(sql`update ${run} set state = 'queued', pause_requested_at = null where id = ${id} and state = 'paused'`)
    .changes > 0;
