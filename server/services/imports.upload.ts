import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { importBatch, upload } from "@/db/schema/items";
import { DomainError, isDiskFull } from "../domain/errors";
import type { Access } from "./access";
import { removeUpload, uploadPath } from "./imports.parts";
import { type ImportStore, workOf } from "./imports.run";

const defaultMaxUploadBytes = 2 * 1024 ** 3;

export interface UploadStore extends ImportStore {
  /** TIEBREAK_MAX_UPLOAD_MB; 2 GB when left out. */
  readonly maxUploadBytes?: number | undefined;
}

export const uploadLimit = ({ maxUploadBytes = defaultMaxUploadBytes }: UploadStore): number => maxUploadBytes;

export const tooLarge = (store: UploadStore) => new DomainError("file_too_large", { limitBytes: uploadLimit(store) });

export const toDiskFull = (error: unknown): unknown =>
  isDiskFull(error) ? new DomainError("disk_full", { where: "uploads" }, { cause: error }) : error;

/**
 * Streams an upload to disk and notes it as an import that waits for its mapping. The file appears under its name only
 * when all of it is there; whatever goes wrong, nothing is left behind.
 */
export async function receiveUpload(
  store: UploadStore,
  access: Access<"admin">,
  sent: { fileName: string; body: ReadableStream<Uint8Array> | null; announcedBytes: number | null },
): Promise<{ importId: string }> {
  const { fileName, announcedBytes } = sent;
  if ((announcedBytes ?? 0) > uploadLimit(store)) throw tooLarge(store);
  if (!sent.body) throw new DomainError("import_unreadable", { fileName, reason: "The file is empty." });
  const importId = randomUUID();
  const file = uploadPath(store.uploadsDir, importId);
  const part = `${file}.part`;
  await mkdir(store.uploadsDir, { recursive: true });
  try {
    const { bytes, sha256 } = await receive(store, sent.body, part);
    if (announcedBytes !== null && bytes !== announcedBytes)
      throw new DomainError("import_unreadable", { fileName, reason: "The upload broke off. Send the file again." });
    await rename(part, file);
    return await acceptFile(store, access, { importId, fileName, bytes, sha256 });
  } catch (error) {
    await removeUpload(file);
    throw toDiskFull(error);
  }
}

/** Makes an import of a file that is whole and in its place under `uploadsDir`; throws when it cannot be read at all. */
export async function acceptFile(
  store: UploadStore,
  access: Access<"admin">,
  { importId, fileName, bytes, sha256 }: { importId: string; fileName: string; bytes: number; sha256: string },
): Promise<{ importId: string }> {
  const file = uploadPath(store.uploadsDir, importId);
  const { format, mapping, columnsHash } = await workOf(store).receive({ file, fileName });
  const { projectId, userId: createdBy } = access;
  writeTx(store.db, (tx) => {
    tx.insert(importBatch)
      .values({
        id: importId,
        projectId,
        fileName,
        fileBytes: bytes,
        sha256,
        format,
        mapping,
        columnsHash,
        state: "uploaded",
        createdBy,
        createdAt: new Date(),
      })
      .run();
    tx.delete(upload).where(eq(upload.id, importId)).run();
  });
  return { importId };
}

async function receive(
  store: UploadStore,
  body: ReadableStream<Uint8Array>,
  part: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > uploadLimit(store)) return done(tooLarge(store));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(body as NodeReadableStream<Uint8Array>), measure, createWriteStream(part));
  const handle = await open(part, "r+");
  await handle.sync();
  await handle.close();
  return { bytes, sha256: hash.digest("hex") };
}
