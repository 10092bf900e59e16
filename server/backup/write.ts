import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { type Db, openDb } from "@/db/client";
import { newestApplied } from "@/db/migrate";
import { version } from "@/package.json";
import type { Env } from "../env";
import { measure } from "../services/exports.folder";
import { StartProblem } from "../supervisor/checks";
import { type Contents, contentsOf } from "./contents";
import { type BackupManifest, backupFormat, databaseName, manifestName } from "./manifest";

/** So often a backup begins anew when something that it was about to take is deleted meanwhile. */
const attempts = 5;

/**
 * Writes a zip of database, snapshots and models while everything goes on. The database is copied first, in one read
 * transaction; the files that its rows point to never change once they are there, so they fit it whenever they are read.
 * The archive appears under its name when it is whole and on the disk.
 */
export async function writeBackup(env: Env, file: string): Promise<BackupManifest> {
  if (!existsSync(env.databaseFile))
    throw new StartProblem(`There is no Tiebreak data in ${env.dataDir}. Set TIEBREAK_DATA to the folder to back up.`);
  if (existsSync(file)) throw new StartProblem(`${file} is there already. Choose another name, or move it away.`);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.part-${randomBytes(4).toString("hex")}`;
  const copy = `${draft}.db`;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const manifest = await writeArchive(env, copy, draft);
        await flush(draft);
        renameSync(draft, file);
        await flush(dirname(file));
        return manifest;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOSPC")
          throw new StartProblem(`There is no room for ${file}. Free some space or choose another disk.`);
        // A model was deleted between the look at the database and its turn: the next look knows.
        if (code !== "ENOENT" || attempt === attempts) throw error;
      }
    }
  } finally {
    for (const path of [draft, copy, `${copy}-wal`, `${copy}-shm`]) rmSync(path, { force: true });
  }
}

async function writeArchive(env: Env, copy: string, draft: string): Promise<BackupManifest> {
  await copyDatabase(env.databaseFile, copy);
  const { contents, newestMigration } = withCopy(copy, (db) => ({
    contents: contentsOf(db, env.dataDir),
    newestMigration: newestApplied(db) ?? 0,
  }));
  const manifest: BackupManifest = {
    product: "tiebreak",
    formatVersion: backupFormat,
    version,
    createdAt: new Date().toISOString(),
    newestMigration,
    files: [],
    missing: contents.missing,
  };
  await zip(env.dataDir, copy, contents, manifest, draft);
  return manifest;
}

/** All pages in one step: between two steps a write would make SQLite begin anew, and under votes there is always one. */
async function copyDatabase(from: string, to: string): Promise<void> {
  rmSync(to, { force: true });
  const source = openDb(from, { durability: "normal" });
  try {
    await source.$client.backup(to, { progress: () => 2 ** 31 - 1 });
  } finally {
    source.$client.close();
  }
}

/** Reads the copy, makes one file of it and sees that it is whole. */
function withCopy<T>(copy: string, read: (db: Db) => T): T {
  const db = openDb(copy, { durability: "normal" });
  try {
    requireWhole(db, copy);
    return read(db);
  } finally {
    db.$client.pragma("journal_mode = DELETE");
    db.$client.close();
  }
}

/** Throws when SQLite finds the file damaged. */
export function requireWhole(db: Db, file: string): void {
  const found = db.$client.pragma("integrity_check", { simple: true }) as string;
  if (found !== "ok") throw new StartProblem(`The database in ${file} is damaged: ${found.split("\n")[0]}.`);
}

async function zip(
  dataDir: string,
  copy: string,
  { files }: Contents,
  manifest: BackupManifest,
  draft: string,
): Promise<void> {
  const archive = new ZipFile();
  const output = Readable.from(archive.outputStream);
  archive.on("error", (error: Error) => output.destroy(error));
  const add = (path: string, from: string) => {
    const entry = { path, bytes: 0, sha256: "" };
    manifest.files.push(entry);
    // Weights are as good as random: squeezing them takes long and saves a tenth.
    const compress = !/\.(safetensors|parquet|gz|zst|zip)$/.test(path);
    archive.addReadStreamLazy(path, { compress }, (give) => {
      const bytes = createReadStream(from);
      bytes.on("error", (error) => output.destroy(error));
      give(null, bytes.pipe(measure(entry)));
    });
  };
  add(databaseName, copy);
  for (const path of files) add(path, join(dataDir, path));
  archive.addReadStreamLazy(manifestName, (give) =>
    give(null, Readable.from([Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)])),
  );
  archive.end();
  await pipeline(output, createWriteStream(draft));
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
