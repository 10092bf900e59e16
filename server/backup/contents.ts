import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Db } from "@/db/client";
import { starterPath } from "../services/modelFolder";

export interface Contents {
  /** Files, relative to the data folder. */
  readonly files: string[];
  /** Folders and files that a row points to and that are not there. */
  readonly missing: string[];
}

/**
 * What of the data folder belongs to a database: the files of its snapshots, the models of its registry, uploads that wait.
 * Checkpoints are left out (a run that was under way begins again), and so are logs and what no row points to.
 */
export function contentsOf(db: Db, dataDir: string): Contents {
  const column = (query: string): string[] => db.$client.prepare(query).pluck().all() as string[];
  const snapshots = column("SELECT DISTINCT content_hash FROM snapshot").map((hash) => `snapshots/${hash}`);
  const models = column(`SELECT path FROM model WHERE deleted_at IS NULL AND path <> '${starterPath}'`);
  const files: string[] = [];
  const missing: string[] = [];
  for (const folder of [...snapshots, ...new Set(models)]) {
    const found = filesBelow(dataDir, folder);
    files.push(...found);
    if (found.length === 0) missing.push(folder);
  }
  const waiting = new Set(column("SELECT id FROM import_batch WHERE state <> 'finished'"));
  for (const name of existsSync(join(dataDir, "uploads")) ? readdirSync(join(dataDir, "uploads")) : [])
    if (waiting.has(name.slice(0, idLength)) && !name.endsWith(".part"))
      files.push(...filesBelow(dataDir, `uploads/${name}`));
  if (existsSync(join(dataDir, "secret"))) files.push("secret");
  return { files, missing };
}

/** An import's files are named by its UUID. */
const idLength = 36;

function filesBelow(dataDir: string, path: string): string[] {
  const found = statSync(join(dataDir, path), { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(dataDir, path)).flatMap((name) => filesBelow(dataDir, `${path}/${name}`));
}
