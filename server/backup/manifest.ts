import { z } from "zod";

/** `manifest.json` of a backup, its last entry: what the archive holds and by which program it was written. */
export const backupManifestSchema = z.object({
  product: z.literal("tiebreak"),
  formatVersion: z.number().int().positive(),
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Creation time of the newest migration that the database has. */
  newestMigration: z.number().int(),
  files: z.array(
    z.object({
      /** Relative to the data folder, with slashes; never leads out of it. */
      path: z.string().regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\\\0][^\\\0]*$/),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  /** What rows point to and what was not there. */
  missing: z.array(z.string()),
});
export type BackupManifest = z.infer<typeof backupManifestSchema>;

export const backupFormat = 1;
export const manifestName = "manifest.json";
export const databaseName = "tiebreak.db";
