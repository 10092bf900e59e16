import { type SQL, sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { modelAddition } from "../schema/additions";
import { modelCompression } from "../schema/compressions";
import { pairBatch, scoring } from "../schema/inference";
import { generation, preflight, run } from "../schema/runs";

/** Work that one worker at a time does under a lease, all kinds of it the same way. */
const tables = { modelAddition, modelCompression, run, generation, preflight, scoring, pairBatch };
export type Work = keyof typeof tables;
export type FinalState = "finished" | "failed" | "cancelled";

/** A claim: as long as the row carries this token, its holder and nobody else writes about it. */
export interface Held {
  readonly work: Work;
  readonly id: string;
  readonly token: string;
}

export const claimable = (work: Work, now: Date): SQL =>
  sql`${tables[work].state} in ('queued', 'running') and (${tables[work].leaseExpiresAt} is null or ${tables[work].leaseExpiresAt} <= ${now.getTime()})`;

export const isHeld = ({ work, id, token }: Held): SQL =>
  sql`${tables[work].id} = ${id} and ${tables[work].leaseToken} = ${token} and ${tables[work].state} = 'running'`;

/** Whether a claim would find something; a read, so that an idle worker never takes the write lock. */
export const hasClaimable = (tx: DbTx, work: Work, now: Date): boolean =>
  tx.get(sql`select 1 from ${tables[work]} where ${claimable(work, now)} limit 1`) !== undefined;

/**
 * Leases the next piece of work and returns its id: first what another worker left behind, then the oldest in the queue.
 * `attempts` counts the claim. Call it in an immediate transaction.
 */
export function claimNext(
  tx: DbTx,
  work: Work,
  lease: { readonly token: string; readonly expiresAt: Date },
  now: Date,
): Held | null {
  const table = tables[work];
  const row = tx.get<{ id: string } | undefined>(
    sql`update ${table} set state = 'running', lease_token = ${lease.token}, lease_expires_at = ${lease.expiresAt.getTime()}, attempts = attempts + 1
      where id = (select id from ${table} where ${claimable(work, now)} order by state desc, created_at, rowid limit 1) returning id`,
  );
  return row ? { work, id: row.id, token: lease.token } : null;
}

export const holds = (tx: DbTx, held: Held): boolean =>
  tx.get(sql`select 1 from ${tables[held.work]} where ${isHeld(held)}`) !== undefined;

/** False when the lease is lost: somebody else claimed the work, or it was ended from outside. */
export const renew = (tx: DbTx, held: Held, expiresAt: Date): boolean =>
  tx.run(sql`update ${tables[held.work]} set lease_expires_at = ${expiresAt.getTime()} where ${isHeld(held)}`).changes >
  0;

export const cancelRequested = (tx: DbTx, held: Held): boolean =>
  tx.get(sql`select 1 from ${tables[held.work]} where ${isHeld(held)} and cancel_requested_at is not null`) !==
  undefined;

/** Ends the work. False, and nothing written, when the lease is lost. */
export const finish = (tx: DbTx, held: Held, state: FinalState, now: Date): boolean =>
  tx.run(
    sql`update ${tables[held.work]} set state = ${state}, finished_at = ${now.getTime()}, lease_token = null, lease_expires_at = null where ${isHeld(held)}`,
  ).changes > 0;

/** Gives the work back after a crash: anybody may claim it at once, and the attempt stays counted. */
export const abandon = (tx: DbTx, held: Held): boolean =>
  tx.run(sql`update ${tables[held.work]} set lease_token = null, lease_expires_at = null where ${isHeld(held)}`)
    .changes > 0;

/** Gives the work back untouched when a worker is asked to stop: not an attempt. */
export const release = (tx: DbTx, held: Held): boolean =>
  tx.run(
    sql`update ${tables[held.work]} set state = 'queued', lease_token = null, lease_expires_at = null, attempts = max(0, attempts - 1) where ${isHeld(held)}`,
  ).changes > 0;

/**
 * Asks for a stop. What no worker holds now ends here; what one holds ends when it has seen the wish. False when the work
 * had ended already.
 */
export function requestCancel(tx: DbTx, work: Work, id: string, now: Date): boolean {
  const table = tables[work];
  const ended = tx.run(
    sql`update ${table} set state = 'cancelled', finished_at = ${now.getTime()}, cancel_requested_at = ${now.getTime()}, lease_token = null, lease_expires_at = null
      where ${table.id} = ${id} and (state = 'paused' or ${claimable(work, now)})`,
  );
  if (ended.changes > 0) return true;
  const asked = tx.run(
    sql`update ${table} set cancel_requested_at = coalesce(cancel_requested_at, ${now.getTime()}) where id = ${id} and state = 'running'`,
  );
  return asked.changes > 0;
}
