import { z } from "zod";
import type { NamedFile } from "./modelFiles";

/** A repository's id at a hub: `owner/name`, or the name alone of the oldest ones. */
export const repoSchema = z
  .string()
  .trim()
  .transform((text) => text.replace(/^https?:\/\/[^/]+\//, "").replace(/\/(?:tree\/[^/]+)?$/, ""))
  .pipe(z.string().regex(/^(?!\.)[\w.-]{1,96}(?:\/(?!\.)[\w.-]{1,96})?$/));
/** A branch, a tag or a commit. */
export const revisionSchema = z
  .string()
  .trim()
  .regex(/^(?!.*\.\.)\w[\w./-]{0,99}$/);

/** A file of a repository and what its content must hash to: large ones by their own SHA-256, others as git does. */
export interface HubFile extends NamedFile {
  readonly sha256: string | null;
  readonly gitSha1: string | null;
}

/** What a hub is asked to fetch, exactly. */
export interface HubPlan {
  readonly repo: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
}

const size = z.number().int().nonnegative();
const listingSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z.object({ license: z.unknown() }).partial().nullish(),
  siblings: z
    .array(
      z.object({
        rfilename: z.string().min(1).max(400),
        size: size.nullish(),
        blobId: z
          .string()
          .regex(/^[0-9a-f]{40}$/)
          .nullish(),
        lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size }).nullish(),
      }),
    )
    .max(20_000),
});

export interface HubListing {
  readonly commit: string;
  readonly licence: string | null;
  readonly files: readonly HubFile[];
}

/** The answer of `/api/models/:repo/revision/:revision?blobs=true`; null for anything else. */
export function parseListing(json: unknown): HubListing | null {
  const parsed = listingSchema.safeParse(json);
  if (!parsed.success) return null;
  const { sha, siblings, cardData } = parsed.data;
  const licence = typeof cardData?.license === "string" ? cardData.license.slice(0, 100) : null;
  const files = siblings.map(({ rfilename, size: bytes, lfs, blobId }) => ({
    path: rfilename,
    bytes: lfs?.size ?? bytes ?? 0,
    sha256: lfs?.sha256 ?? null,
    gitSha1: lfs ? null : (blobId ?? null),
  }));
  return { commit: sha, licence, files };
}
