import { existsSync, readdirSync, statfsSync } from "node:fs";
import { join, sep } from "node:path";
import { DomainError } from "../domain/errors";

/** Where the files of a model come together that is uploaded or fetched. */
export const additionFolder = (dataDir: string, id: string): string => join(dataDir, "additions", id);

/** Room left on the disk for everything else. */
const reserveBytes = 200 * 1024 ** 2;

/** Refuses what has no room on the data folder's disk. */
export function requireRoom(dataDir: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize < bytes + reserveBytes) throw new DomainError("disk_full", { where: "models" });
}

/** Relative paths of the files below a folder, with slashes. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, "/"),
    );
}
