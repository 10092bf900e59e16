import Database from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import * as schema from "./schema/all";

export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };
/** What a query needs: the database or a transaction on it. */
export type DbTx = Pick<
  Db,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "query" | "run" | "get" | "all"
>;

export interface OpenOptions {
  /** `full` where a vote is acknowledged: an answered request survives a power cut. `normal` elsewhere. */
  readonly durability: "full" | "normal";
}

/** Opens the SQLite file the one way everybody does: WAL, foreign keys, fifteen seconds of patience. */
export function openDb(file: string, { durability }: OpenOptions): Db {
  const client = new Database(file, { timeout: 15_000 });
  client.pragma("journal_mode = WAL");
  client.pragma(`synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
  client.pragma("foreign_keys = ON");
  return drizzle(client, { schema });
}

/**
 * Runs `work` in one BEGIN IMMEDIATE transaction. `work` must be synchronous: better-sqlite3 commits when it returns.
 * Immediate because a read that later turns into a write fails at once with SQLITE_BUSY under drizzle's default.
 */
export function writeTx<T>(db: Db, work: (tx: DbTx) => T): T {
  // On the connection itself: prepared queries stay prepared, which drizzle's transaction objects would not let them.
  return db.$client.transaction(() => work(db)).immediate();
}

/**
 * A query built and compiled at its first use on a connection and kept: for those that a vote waits for, where building
 * the same SQL anew takes several times as long as running it.
 */
export function prepared<Q>(make: (tx: DbTx) => Q): (tx: DbTx) => Q {
  const made = new WeakMap<DbTx, Q>();
  return (tx) => {
    const query = made.get(tx) ?? make(tx);
    made.set(tx, query);
    return query;
  };
}
