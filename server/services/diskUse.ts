import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import type { DbTx } from "@/db/client";
import { snapshot } from "@/db/schema/datasets";
import { run } from "@/db/schema/runs";
import type { Access } from "./access";

/** Bytes that a run's folder takes. */
export interface RunBytes {
  readonly checkpoints: number;
  /** The model's files, and whatever else lies in the folder. */
  readonly model: number;
}

/** Bytes of all files under a folder; 0 when there is none. What goes away meanwhile counts nothing. */
async function folderBytes(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const at = join(path, entry.name);
    if (entry.isDirectory()) return folderBytes(at);
    return (await lstat(at).catch(() => null))?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What a run keeps on the disk. */
export async function runBytes(dataDir: string, runId: string): Promise<RunBytes> {
  const folder = join(dataDir, "runs", runId);
  const [all, checkpoints] = await Promise.all([folderBytes(folder), folderBytes(join(folder, "checkpoints"))]);
  return { checkpoints, model: Math.max(0, all - checkpoints) };
}

/** What a project's runs and snapshots keep on the disk, each run by itself and all together. */
export async function getDiskUse(db: DbTx, { projectId }: Access<"admin">, dataDir: string) {
  const ids = db.select({ id: run.id }).from(run).where(eq(run.projectId, projectId)).all();
  const runs = await Promise.all(ids.map(async ({ id }) => [id, await runBytes(dataDir, id)] as const));
  const hashes = db
    .selectDistinct({ hash: snapshot.contentHash })
    .from(snapshot)
    .where(eq(snapshot.projectId, projectId))
    .all();
  const datasets = await Promise.all(hashes.map(({ hash }) => folderBytes(join(dataDir, "snapshots", hash))));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    runs: Object.fromEntries(runs),
    checkpoints: sum(runs.map(([, bytes]) => bytes.checkpoints)),
    models: sum(runs.map(([, bytes]) => bytes.model)),
    snapshots: sum(datasets),
  };
}
