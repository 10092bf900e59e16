import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import type { Db } from "./client";

/**
 * Brings the database to the newest schema. When it already holds people's work and a migration is pending, an online
 * backup is written to `<folder of the file>/backups/` first. Returns the backup's path, or null when none was needed.
 */
export async function migrateDatabase(db: Db, migrationsFolder: string, now = new Date()): Promise<string | null> {
  const backup = hasData(db) && pendingMigrations(db, migrationsFolder) > 0 ? await backUp(db, now) : null;
  migrate(db, { migrationsFolder });
  return backup;
}

function tableExists(db: Db, name: string): boolean {
  return db.$client.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function hasData(db: Db): boolean {
  return tableExists(db, "user") && db.$client.prepare("SELECT 1 FROM user LIMIT 1").get() !== undefined;
}

/** drizzle applies the entries of its journal that are newer than the newest row of `__drizzle_migrations`. */
function pendingMigrations(db: Db, migrationsFolder: string): number {
  const journalFile = join(migrationsFolder, "meta", "_journal.json");
  if (!existsSync(journalFile)) return 0;
  const journal = JSON.parse(readFileSync(journalFile, "utf8")) as { entries: { when: number }[] };
  const newest = tableExists(db, "__drizzle_migrations")
    ? (db.$client.prepare("SELECT max(created_at) FROM __drizzle_migrations").pluck().get() as number | null)
    : null;
  return journal.entries.filter((entry) => newest === null || entry.when > newest).length;
}

async function backUp(db: Db, now: Date): Promise<string> {
  const folder = join(dirname(db.$client.name), "backups");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `tiebreak-${now.toISOString().replace(/[:.]/g, "-")}.db`);
  await db.$client.backup(file);
  return file;
}
