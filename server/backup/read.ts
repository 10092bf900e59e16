import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { type Entry, type Options, open, type ZipFile } from "yauzl";
import { openDb } from "@/db/client";
import { knownMigrations } from "@/db/migrate";
import { StartProblem } from "../supervisor/checks";
import { lockDataFolder } from "../supervisor/lock";
import { type BackupManifest, backupFormat, backupManifestSchema, databaseName, manifestName } from "./manifest";
import { requireWhole } from "./write";

export interface Restored {
  readonly manifest: BackupManifest;
  /** Where what was there before is now; null when there was nothing. */
  readonly before: string | null;
}

/**
 * Puts a backup into a data folder that is not there, or with `replace` in the place of one that is and on which nothing
 * runs; that one is moved aside, not deleted. Everything is unpacked and checked in a folder beside it first.
 */
export async function restoreBackup(
  file: string,
  dataDir: string,
  { replace, migrationsFolder }: { readonly replace: boolean; readonly migrationsFolder: string },
): Promise<Restored> {
  const archive = await openArchive(file);
  try {
    const manifest = await readManifest(archive, file);
    requireKnown(manifest, migrationsFolder);
    const taken = existsSync(dataDir) && readdirSync(dataDir).length > 0;
    if (taken && !replace)
      throw new StartProblem(
        `${dataDir} holds data already. Set TIEBREAK_DATA to another folder, or add --replace to move this one aside.`,
      );
    // Refuses while something runs on it.
    if (taken) lockDataFolder(dataDir);
    const draft = `${dataDir}.restore-${randomBytes(4).toString("hex")}`;
    try {
      await unpack(archive, manifest, draft, file);
      checkDatabase(join(draft, databaseName));
      return { manifest, before: swap(draft, dataDir, taken) };
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } finally {
    archive.zip.close();
  }
}

interface Archive {
  readonly zip: ZipFile;
  readonly entries: ReadonlyMap<string, Entry>;
}

async function openArchive(file: string): Promise<Archive> {
  const zip = await promisify<string, Options, ZipFile>(open)(file, { lazyEntries: true, autoClose: false }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw new StartProblem(`There is no file ${file}.`);
      throw new StartProblem(`${file} is no backup or is cut off: ${error.message}.`);
    },
  );
  const entries = new Map<string, Entry>();
  await new Promise<void>((done, failed) => {
    zip.on("entry", (entry: Entry) => {
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.once("end", done);
    zip.once("error", failed);
    zip.readEntry();
  });
  return { zip, entries };
}

const streamOf = ({ zip }: Archive, entry: Entry): Promise<Readable> =>
  new Promise((done, failed) => zip.openReadStream(entry, (error, stream) => (error ? failed(error) : done(stream))));

async function readManifest(archive: Archive, file: string): Promise<BackupManifest> {
  const entry = archive.entries.get(manifestName);
  const notOurs = new StartProblem(
    `${file} is no backup of Tiebreak: its ${manifestName} is missing or is another one.`,
  );
  if (!entry) throw notOurs;
  const text = (await buffer(await streamOf(archive, entry))).toString("utf8");
  const parsed = backupManifestSchema.safeParse(parse(text));
  if (!parsed.success) throw notOurs;
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function requireKnown({ formatVersion, newestMigration, version }: BackupManifest, migrationsFolder: string): void {
  if (formatVersion <= backupFormat && newestMigration <= Math.max(...knownMigrations(migrationsFolder))) return;
  throw new StartProblem(
    `This backup was made by a newer version of Tiebreak (${version}). Install that version, then restore it.`,
  );
}

/** Every file of the manifest, held against its length and SHA-256; nothing that the manifest does not name. */
async function unpack(archive: Archive, manifest: BackupManifest, draft: string, file: string): Promise<void> {
  for (const { path, bytes, sha256 } of manifest.files) {
    const entry = archive.entries.get(path);
    const damaged = new StartProblem(`${file} is damaged: ${path} is not what was backed up. Use another copy.`);
    if (!entry || entry.uncompressedSize !== bytes) throw damaged;
    const target = join(draft, path);
    mkdirSync(dirname(target), { recursive: true });
    const hash = createHash("sha256");
    const look = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const mode = path === "secret" ? 0o600 : 0o666;
    await pipeline(await streamOf(archive, entry), look, createWriteStream(target, { mode, flush: true })).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOSPC")
          throw new StartProblem(`There is no room for the backup beside ${draft}. Free some space, then try again.`);
        throw damaged;
      },
    );
    if (hash.digest("hex") !== sha256) throw damaged;
  }
}

function checkDatabase(path: string): void {
  const db = openDb(path, { durability: "full" });
  try {
    requireWhole(db, path);
  } finally {
    db.$client.close();
  }
}

/** The folder that was there is moved aside, the new one takes its name. */
function swap(draft: string, dataDir: string, taken: boolean): string | null {
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  const before = taken ? `${dataDir}.before-${stamp}` : null;
  try {
    if (before) renameSync(dataDir, before);
    else if (existsSync(dataDir)) rmdirSync(dataDir);
    renameSync(draft, dataDir);
  } catch (error) {
    if (before && !existsSync(dataDir)) renameSync(before, dataDir);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY" || code === "EXDEV" || code === "EPERM")
      throw new StartProblem(
        `${dataDir} cannot be moved (it may be a mount point). Restore into another folder with TIEBREAK_DATA and copy its files.`,
      );
    throw error;
  }
  return before;
}
