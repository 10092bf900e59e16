import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { type Db, openDb } from "@/db/client";
import { migrateDatabase, NewerSchema } from "@/db/migrate";

const newFolder = () => mkdtempSync(join(tmpdir(), "migrate-"));
const open = () => openDb(join(newFolder(), "test.db"), { durability: "full" });
const tables = (client: Database.Database) =>
  client.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
const backupFolder = (db: Db) => join(dirname(db.$client.name), "backups");
const backups = (db: Db) => readdirSync(backupFolder(db)).filter((name) => name.endsWith(".db"));

interface Journal {
  readonly entries: readonly { readonly idx: number; readonly when: number; readonly tag: string }[];
}

/** A copy of the product's migrations with another list of them. */
function migrationsWith(change: (entries: Journal["entries"]) => Journal["entries"], sql = ""): string {
  const folder = newFolder();
  cpSync("migrations", folder, { recursive: true });
  const file = join(folder, "meta", "_journal.json");
  const journal: Journal = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...journal, entries: change(journal.entries) }));
  writeFileSync(join(folder, "9999_later.sql"), sql);
  return folder;
}
const onlyFirst = () => migrationsWith((entries) => entries.slice(0, 1));
const oneMore = (sql: string) =>
  migrationsWith((entries) => {
    const last = entries.at(-1) as Journal["entries"][number];
    return [...entries, { ...last, idx: last.idx + 1, when: last.when + 1, tag: "9999_later" }];
  }, sql);

/** One person in one project, in columns that every version of the schema has. */
function addPerson({ $client }: Db): void {
  $client.exec(`
    INSERT INTO user (id, name, email, email_verified, created_at, updated_at) VALUES ('u', 'Ada', 'ada@example.org', 0, 0, 0);
    INSERT INTO project (id, name) VALUES ('p', 'Project');
    INSERT INTO membership (project_id, user_id, role) VALUES ('p', 'u', 'admin');`);
}

test("a database that holds people is copied before it is changed; an empty or unchanged one is not", async () => {
  const db = open();
  expect(await migrateDatabase(db, onlyFirst())).toBeNull();
  addPerson(db);
  const before = tables(db.$client);
  const file = (await migrateDatabase(db, "migrations")) as string;
  expect(dirname(file)).toBe(backupFolder(db));
  expect(tables(db.$client).length).toBeGreaterThan(before.length);

  const copy = new Database(file, { readonly: true });
  expect(tables(copy)).toEqual(before);
  expect(copy.prepare("SELECT name FROM user").pluck().all()).toEqual(["Ada"]);
  expect(copy.pragma("integrity_check", { simple: true })).toBe("ok");

  expect(await migrateDatabase(db, "migrations")).toBeNull();
  expect(backups(db)).toHaveLength(1);
});

test("a migration may rebuild a table that others point to: their rows stay", async () => {
  const db = open();
  await migrateDatabase(db, "migrations");
  addPerson(db);
  const rebuild = `CREATE TABLE new_user AS SELECT *, 1 AS extra FROM user;
--> statement-breakpoint
DROP TABLE user;
--> statement-breakpoint
ALTER TABLE new_user RENAME TO user;`;
  await migrateDatabase(db, oneMore(rebuild));
  expect(db.$client.prepare("SELECT extra FROM user").pluck().all()).toEqual([1]);
  expect(db.$client.prepare("SELECT user_id FROM membership").pluck().all()).toEqual(["u"]);
  expect(db.$client.pragma("foreign_keys", { simple: true })).toBe(1);
});

test("guidelines from before they had versions are version 1", async () => {
  const db = open();
  await migrateDatabase(db, onlyFirst());
  addPerson(db);
  db.$client.exec(`UPDATE project SET guidelines = 'Be kind.', created_by = 'u';
    INSERT INTO project (id, name, guidelines) VALUES ('q', 'Silent', ' ');`);
  await migrateDatabase(db, "migrations");
  const versions = db.$client.prepare("SELECT project_id, version, text, examples, created_by FROM guideline_version");
  expect(versions.raw().all()).toEqual([["p", 1, "Be kind.", "[]", "u"]]);
});

test("a migration that fails changes nothing and leaves the copy", async () => {
  const db = open();
  await migrateDatabase(db, "migrations");
  addPerson(db);
  const before = tables(db.$client);
  const broken = oneMore("CREATE TABLE half (id text);\n--> statement-breakpoint\nCREATE TABLE user (id text);");
  await expect(migrateDatabase(db, broken)).rejects.toThrow();
  expect(tables(db.$client)).toEqual(before);
  expect(backups(db)).toHaveLength(1);
});

test("a database that a newer program wrote is left as it is, and the line says what to do", async () => {
  const db = open();
  await migrateDatabase(db, oneMore("CREATE TABLE from_the_future (id text);"));
  addPerson(db);
  const before = tables(db.$client);
  const tried = migrateDatabase(db, "migrations");
  await expect(tried).rejects.toThrow(NewerSchema);
  await expect(tried).rejects.toThrow(/written by a newer version of Tiebreak\. Start that version, or put back/);
  expect(tables(db.$client)).toEqual(before);
});
