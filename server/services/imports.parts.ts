import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** One file with rows in an upload. */
export interface UploadPart {
  readonly file: string;
  readonly name: string;
  /** Why the file ends where it ends, when it should not. */
  readonly broken: string | null;
}

export const uploadPath = (uploadsDir: string, importId: string): string => join(uploadsDir, importId);

/** What an upload holds: itself, or what `unpack` made of it. */
export async function partsOf(file: string, fileName: string): Promise<UploadPart[]> {
  const folder = `${file}.parts`;
  const index = await readFile(join(folder, "parts.json"), "utf8").catch(() => null);
  if (index === null) return [{ file, name: fileName, broken: null }];
  return (JSON.parse(index) as UploadPart[]).map((part) => ({ ...part, file: join(folder, part.file) }));
}

/** Everything that an upload left on the disk. */
export const removeUpload = (file: string): Promise<unknown> =>
  Promise.all(
    ["", ".part", ".parts", ".unpacking"].map((ending) => rm(`${file}${ending}`, { recursive: true, force: true })),
  );
