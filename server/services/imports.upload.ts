import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { type Db, writeTx } from "@/db/client";
import { importBatch } from "@/db/schema/items";
import { DomainError } from "../domain/errors";
import { detect } from "../domain/imports/detect";
import type { ImportRow } from "../domain/imports/mapping";
import type { Access } from "./access";
import { removeUpload, uploadPath } from "./imports.parts";
import { detectFormat, readRows } from "./imports.reader";
import { unpack } from "./imports.unpack";

const maxUploadBytes = 200 * 1024 * 1024;
/** Rows looked at to tell a file's shape. */
const sampleRows = 50;

/** The file's shape by its first rows. */
export async function detectShape(file: string, fileName: string) {
  const format = await detectFormat(file, fileName);
  const rows: ImportRow[] = [];
  let problem: string | null = null;
  for await (const read of readRows(file, fileName, format)) {
    if (read.row) rows.push(read.row);
    else problem ??= read.reason;
    if (rows.length === sampleRows) break;
  }
  if (rows.length === 0)
    throw new DomainError("import_unreadable", { fileName, reason: problem ?? "It holds no rows." });
  return { format, ...detect(rows) };
}

/**
 * Streams an upload to disk and notes it as an import that waits for its mapping. The file appears under its name only
 * when all of it is there; whatever goes wrong, nothing is left behind.
 */
export async function receiveUpload(
  { db, uploadsDir }: { db: Db; uploadsDir: string },
  access: Access<"admin">,
  upload: { fileName: string; body: ReadableStream<Uint8Array> | null; announcedBytes: number | null },
): Promise<{ importId: string }> {
  const { fileName, announcedBytes } = upload;
  if ((announcedBytes ?? 0) > maxUploadBytes) throw tooLarge();
  if (!upload.body) throw new DomainError("import_unreadable", { fileName, reason: "The file is empty." });
  const importId = randomUUID();
  const file = uploadPath(uploadsDir, importId);
  const part = `${file}.part`;
  await mkdir(uploadsDir, { recursive: true });
  try {
    const { bytes, sha256 } = await store(upload.body, part);
    if (announcedBytes !== null && bytes !== announcedBytes)
      throw new DomainError("import_unreadable", { fileName, reason: "The upload broke off. Send the file again." });
    await rename(part, file);
    await unpack(file, fileName);
    const { format, mapping } = await detectShape(file, fileName);
    writeTx(db, (tx) =>
      tx
        .insert(importBatch)
        .values({
          id: importId,
          projectId: access.projectId,
          fileName,
          fileBytes: bytes,
          sha256,
          format,
          mapping,
          state: "uploaded",
          createdBy: access.userId,
          createdAt: new Date(),
        })
        .run(),
    );
    return { importId };
  } catch (error) {
    await removeUpload(file);
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw new DomainError("disk_full", { where: "uploads" }, { cause: error });
    throw error;
  }
}

const tooLarge = () => new DomainError("file_too_large", { limitBytes: maxUploadBytes });

async function store(body: ReadableStream<Uint8Array>, part: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxUploadBytes) return done(tooLarge());
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
