import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, statfs, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { and, desc, eq, lt } from "drizzle-orm";
import { importBatch, upload, type uploadPurposes } from "@/db/schema/items";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { removeUpload, uploadPath } from "./imports.parts";
import { acceptFile, toDiskFull, tooLarge, type UploadStore, uploadLimit } from "./imports.upload";

/**
 * Files that come in piece by piece, after the manner of tus: made, asked how far they are, gone on with, finished. How far one
 * is says its file on the disk, so a lost connection, a closed page or a stopped server costs the piece under way and no more.
 */

/** Room left on the disk for everything else. */
const reserveBytes = 200 * 1024 ** 2;
/** The largest piece; a sender may choose smaller ones. */
export const pieceBytes = 16 * 1024 ** 2;
/** What nobody went on with for so long is removed. */
const abandonedAfterMs = 3 * 24 * 3_600_000;

export interface UploadRequest {
  readonly fileName: string;
  readonly bytes: number;
  /** Whatever tells this file from another of the same name and size. */
  readonly fingerprint: string;
  /** An import when left out. */
  readonly purpose?: (typeof uploadPurposes)[number];
}

type Row = typeof upload.$inferSelect;

const partOf = ({ uploadsDir }: UploadStore, id: string): string => `${uploadPath(uploadsDir, id)}.part`;
const bytesOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** Uploads that this process is working on: two tabs must not write into one file. */
const busy = new Set<string>();

async function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
  if (busy.has(id)) throw new DomainError("conflict", { reason: "upload_busy" });
  busy.add(id);
  try {
    return await work();
  } finally {
    busy.delete(id);
  }
}

function getUpload({ db }: UploadStore, { projectId }: Access<"admin">, id: string): Row {
  const where = and(eq(upload.id, id), eq(upload.projectId, projectId));
  const row = db.select().from(upload).where(where).get();
  if (!row) throw new DomainError("not_found", { what: "upload" });
  return row;
}

/** One's own uploads that are not whole yet, newest first. */
export async function listUploads(store: UploadStore, { projectId, userId }: Access<"admin">) {
  const { id, fileName, fileBytes, touchedAt } = upload;
  const rows = store.db
    .select({ id, fileName, fileBytes, touchedAt })
    .from(upload)
    .where(and(eq(upload.projectId, projectId), eq(upload.createdBy, userId), eq(upload.purpose, "import")))
    .orderBy(desc(touchedAt))
    .all();
  return Promise.all(rows.map(async (row) => ({ ...row, offset: await bytesOf(partOf(store, row.id)) })));
}

/** Begins an upload, or finds the one that was begun for the same file. */
export async function beginUpload(
  store: UploadStore,
  { projectId, userId }: Access<"admin">,
  { fileName, bytes, fingerprint, purpose = "import" }: UploadRequest,
): Promise<{ uploadId: string; offset: number }> {
  // A model may be as large as the disk has room for.
  if (purpose === "import" && bytes > uploadLimit(store)) throw tooLarge(store);
  const same = and(
    eq(upload.projectId, projectId),
    eq(upload.createdBy, userId),
    eq(upload.purpose, purpose),
    eq(upload.fileName, fileName),
    eq(upload.fileBytes, bytes),
    eq(upload.fingerprint, fingerprint),
  );
  const begun = store.db.select({ id: upload.id }).from(upload).where(same).get();
  const offset = begun ? await bytesOf(partOf(store, begun.id)) : 0;
  await mkdir(store.uploadsDir, { recursive: true });
  const { bavail, bsize } = await statfs(store.uploadsDir);
  if (bavail * bsize < bytes - offset + reserveBytes) throw new DomainError("disk_full", { where: "uploads" });
  if (begun) return { uploadId: begun.id, offset };
  const id = randomUUID();
  const now = new Date();
  store.db
    .insert(upload)
    .values({
      id,
      projectId,
      purpose,
      fileName,
      fileBytes: bytes,
      fingerprint,
      createdBy: userId,
      createdAt: now,
      touchedAt: now,
    })
    .run();
  return { uploadId: id, offset: 0 };
}

export async function uploadOffset(store: UploadStore, access: Access<"admin">, id: string) {
  const { fileBytes } = getUpload(store, access, id);
  return { offset: await bytesOf(partOf(store, id)), bytes: fileBytes };
}

export interface UploadPiece {
  /** Where it begins: must be how far the upload is. */
  readonly offset: number;
  readonly body: ReadableStream<Uint8Array> | null;
  /** SHA-256 in base64, where the sender can compute it. */
  readonly sha256: string | null;
}

/**
 * Adds a piece and returns how far the upload is then. A piece that breaks off is kept as far as it came; one that does not
 * have its checksum, or is more than was announced, is dropped whole.
 */
export function appendPiece(
  store: UploadStore,
  access: Access<"admin">,
  id: string,
  piece: UploadPiece,
): Promise<{ offset: number }> {
  const row = getUpload(store, access, id);
  return alone(id, async () => {
    const part = partOf(store, id);
    const begin = await bytesOf(part);
    if (piece.offset !== begin) throw new DomainError("conflict", { reason: "upload_offset", offset: begin });
    const handle = await open(part, "a").catch((error: unknown) => {
      throw toDiskFull(error);
    });
    let offset = begin;
    try {
      const hash = createHash("sha256");
      for await (const chunk of (piece.body ?? []) as AsyncIterable<Uint8Array>) {
        if (offset + chunk.length > row.fileBytes || offset - begin + chunk.length > pieceBytes)
          throw new DomainError("invalid_input", { field: "body", problem: "is more than was announced" });
        await handle.writeFile(chunk);
        hash.update(chunk);
        offset += chunk.length;
      }
      if (piece.sha256 !== null && piece.sha256 !== hash.digest("base64"))
        throw new DomainError("invalid_input", { field: "upload-checksum", problem: "does not fit what arrived" });
      await handle.sync();
    } catch (error) {
      // What a broken connection left is good as far as it goes, unless a checksum was to say so.
      if (error instanceof DomainError || piece.sha256 !== null) await truncate(part, begin);
      throw toDiskFull(error);
    } finally {
      await handle.close();
    }
    store.db.update(upload).set({ touchedAt: new Date() }).where(eq(upload.id, id)).run();
    return { offset };
  });
}

/** Makes an import of an upload that is whole. Asked again, it names the import. A file that cannot be read is removed. */
export async function finishUpload(
  store: UploadStore,
  access: Access<"admin">,
  id: string,
): Promise<{ importId: string }> {
  const { projectId } = access;
  const made = and(eq(importBatch.id, id), eq(importBatch.projectId, projectId));
  if (store.db.select({ id: importBatch.id }).from(importBatch).where(made).get()) return { importId: id };
  const { fileName, fileBytes, purpose } = getUpload(store, access, id);
  if (purpose !== "import") throw new DomainError("conflict", { what: "upload" });
  return alone(id, async () => {
    const file = uploadPath(store.uploadsDir, id);
    const part = partOf(store, id);
    const offset = await bytesOf(part);
    if (offset === fileBytes) await rename(part, file);
    else if ((await bytesOf(file)) !== fileBytes)
      throw new DomainError("conflict", { reason: "upload_offset", offset });
    try {
      const sha256 = await sha256Of(file);
      return await acceptFile(store, access, { importId: id, fileName, bytes: fileBytes, sha256 });
    } catch (error) {
      const told = toDiskFull(error);
      if (told instanceof DomainError && told.code === "import_unreadable") await forget(store, id);
      throw told;
    }
  });
}

/** Moves the files of a model that are whole to their places under a folder, and ends their uploads. */
export async function takeModelUploads(
  store: UploadStore,
  access: Access<"admin">,
  files: readonly { readonly uploadId: string; readonly path: string }[],
  folder: string,
): Promise<void> {
  const rows = files.map(({ uploadId, path }) => ({ path, row: getUpload(store, access, uploadId) }));
  for (const { row } of rows) {
    const offset = await bytesOf(partOf(store, row.id));
    if (row.purpose !== "model" || offset !== row.fileBytes)
      throw new DomainError("conflict", { reason: "upload_offset", offset });
  }
  for (const { path, row } of rows) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await rename(partOf(store, row.id), target);
    await forget(store, row.id);
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function forget(store: UploadStore, id: string): Promise<void> {
  await removeUpload(uploadPath(store.uploadsDir, id));
  store.db.delete(upload).where(eq(upload.id, id)).run();
}

/** Removes an upload that nobody wants to go on with. */
export function discardUpload(store: UploadStore, access: Access<"admin">, id: string): Promise<void> {
  getUpload(store, access, id);
  return alone(id, () => forget(store, id));
}

/** Removes uploads that nobody went on with for days, and files that belong to nothing. */
export async function removeAbandoned(store: UploadStore, now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - abandonedAfterMs);
  const old = store.db.select({ id: upload.id }).from(upload).where(lt(upload.touchedAt, before)).all();
  for (const { id } of old) if (!busy.has(id)) await forget(store, id);
  const names = await readdir(store.uploadsDir).catch(() => []);
  for (const name of names) {
    const id = name.split(".")[0] as string;
    const age =
      now.getTime() - (await stat(join(store.uploadsDir, name)).catch(() => ({ mtimeMs: now.getTime() }))).mtimeMs;
    if (age < abandonedAfterMs || isKnown(store, id)) continue;
    await removeUpload(uploadPath(store.uploadsDir, id));
  }
}

function isKnown({ db }: UploadStore, id: string): boolean {
  const begun = db.select({ id: upload.id }).from(upload).where(eq(upload.id, id)).get();
  const made = db.select({ state: importBatch.state }).from(importBatch).where(eq(importBatch.id, id)).get();
  return begun !== undefined || (made !== undefined && made.state !== "finished");
}
