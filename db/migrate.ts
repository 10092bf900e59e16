import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import type { Db } from "./client";

/** A newer Tiebreak wrote this database; in one line for a person. */
export class NewerSchema extends Error {
  override readonly name = "NewerSchema";
  constructor(file: string) {
    super(
      `${file} was written by a newer version of Tiebreak. Start that version, or put back a copy from before it (${join(dirname(file), "backups")}).`,
    );
  }
}

/**
 * Brings the database to the newest schema. When it already holds people's work and a migration is pending, an online
 * backup is written to `<folder of the file>/backups/` first. Returns the backup's path, or null when none was needed.
 * Throws NewerSchema, and changes nothing, when the database knows migrations that this program does not.
 */
export async function migrateDatabase(db: Db, migrationsFolder: string, now = new Date()): Promise<string | null> {
  const known = knownMigrations(migrationsFolder);
  const newest = newestApplied(db);
  if (newest !== null && newest > Math.max(...known)) throw new NewerSchema(db.$client.name);
  const pending = known.some((when) => newest === null || when > newest);
  const backup = hasData(db) && pending ? await backUp(db, now) : null;
  // A migration may rebuild a table: drop it and rename its copy. With foreign keys on, the drop would delete all rows that
  // point to it, and the pragma is ignored inside the migration's own transaction.
  db.$client.pragma("foreign_keys = OFF");
  try {
    migrate(db, { migrationsFolder });
  } finally {
    db.$client.pragma("foreign_keys = ON");
  }
  return backup;
}

function tableExists(db: Db, name: string): boolean {
  return db.$client.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function hasData(db: Db): boolean {
  return tableExists(db, "user") && db.$client.prepare("SELECT 1 FROM user LIMIT 1").get() !== undefined;
}

/** Creation times (milliseconds) of the migrations in the folder; drizzle tells them apart by these. */
export function knownMigrations(migrationsFolder: string): number[] {
  const journal = readFileSync(join(migrationsFolder, "meta", "_journal.json"), "utf8");
  return (JSON.parse(journal) as { entries: { when: number }[] }).entries.map(({ when }) => when);
}

/** The creation time of the newest migration that was applied; drizzle applies those in the folder that are newer. */
export function newestApplied(db: Db): number | null {
  if (!tableExists(db, "__drizzle_migrations")) return null;
  return db.$client.prepare("SELECT max(created_at) FROM __drizzle_migrations").pluck().get() as number | null;
}

async function backUp(db: Db, now: Date): Promise<string> {
  const folder = join(dirname(db.$client.name), "backups");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `tiebreak-${now.toISOString().replace(/[:.]/g, "-")}.db`);
  try {
    await db.$client.backup(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  return file;
}
