import { createHash } from "node:crypto";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importBatch, upload } from "@/db/schema/items";
import { createLog } from "@/server/log";
import { ImportQueue } from "@/server/services/imports.queue";
import { requestImport } from "@/server/services/imports.service";
import {
  appendPiece,
  beginUpload,
  discardUpload,
  finishUpload,
  listUploads,
  pieceBytes,
  removeAbandoned,
  uploadOffset,
} from "@/server/services/uploads.service";
import { jsonLines, openProject } from "./dataHelpers";

const content = Buffer.from(
  jsonLines(Array.from({ length: 500 }, (_, i) => ({ prompt: `q${i}`, chosen: "x", rejected: "y" }))),
);
const request = { fileName: "pairs.jsonl", bytes: content.length, fingerprint: "1" };
const bodyOf = (bytes: Uint8Array) => new Response(bytes as BodyInit).body;
const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64");
/** A connection that ends after these bytes. */
const breaking = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes),
    pull: (controller) => controller.error(new Error("gone")),
  });

async function begin() {
  const p = openProject();
  const { uploadId } = await beginUpload(p.store, p.access, request);
  const send = (offset: number, bytes: Uint8Array, sha256: string | null = null) =>
    appendPiece(p.store, p.access, uploadId, { offset, body: bodyOf(bytes), sha256 });
  return { p, uploadId, send };
}

test("a file comes in piece by piece, is found again by whoever began it, and becomes one import", async () => {
  const { p, uploadId, send } = await begin();
  expect(await send(0, content.subarray(0, 1000), sumOf(content.subarray(0, 1000)))).toEqual({ offset: 1000 });
  // Another process: nothing but the folder and the database is left.
  expect(await beginUpload({ ...p.store }, p.access, request)).toEqual({ uploadId, offset: 1000 });
  expect(await beginUpload(p.store, p.access, { ...request, fingerprint: "2" })).toMatchObject({ offset: 0 });
  expect(await uploadOffset(p.store, p.access, uploadId)).toEqual({ offset: 1000, bytes: content.length });
  await expect(finishUpload(p.store, p.access, uploadId)).rejects.toMatchObject({ details: { offset: 1000 } });
  await send(1000, content.subarray(1000));
  expect(await finishUpload(p.store, p.access, uploadId)).toEqual({ importId: uploadId });
  expect(await finishUpload(p.store, p.access, uploadId)).toEqual({ importId: uploadId });
  expect(readFileSync(join(p.store.uploadsDir, uploadId)).equals(content)).toBe(true);
  expect(p.db.select().from(importBatch).get()).toMatchObject({
    id: uploadId,
    fileBytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
    state: "uploaded",
  });
  expect(await listUploads(p.store, p.access)).toMatchObject([{ offset: 0 }]);
});

test("what broke off is kept as far as it came; what is not as it was sent, not", async () => {
  const { p, uploadId, send } = await begin();
  const half = content.subarray(0, 700);
  const broken = (sha256: string | null) =>
    appendPiece(p.store, p.access, uploadId, { offset: 0, body: breaking(half), sha256 });
  await expect(broken(sumOf(content))).rejects.toThrow("gone");
  expect(await uploadOffset(p.store, p.access, uploadId)).toMatchObject({ offset: 0 });
  await expect(broken(null)).rejects.toThrow("gone");
  expect(await uploadOffset(p.store, p.access, uploadId)).toMatchObject({ offset: 700 });
  await expect(send(0, content)).rejects.toMatchObject({ code: "conflict", details: { offset: 700 } });
  await expect(send(700, content.subarray(700, 900), sumOf(half))).rejects.toMatchObject({
    details: { field: "upload-checksum" },
  });
  await expect(send(700, content)).rejects.toMatchObject({ details: { field: "body" } });
  expect(await uploadOffset(p.store, p.access, uploadId)).toMatchObject({ offset: 700 });
  expect(pieceBytes).toBeGreaterThan(content.length);
});

test("two tabs do not write into one file, and others' uploads are not there", async () => {
  const { p, uploadId, send } = await begin();
  const both = await Promise.allSettled([send(0, content.subarray(0, 500)), send(0, content.subarray(0, 500))]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const strange = { ...p.access, projectId: "other" };
  await expect(uploadOffset(p.store, strange, uploadId)).rejects.toMatchObject({ code: "not_found" });
});

test("no room, too large, unreadable: said, and nothing is left", async () => {
  const { p } = await begin();
  await expect(beginUpload({ ...p.store, maxUploadBytes: 100 }, p.access, request)).rejects.toMatchObject({
    code: "file_too_large",
  });
  const huge = { ...request, bytes: 2 ** 52 };
  await expect(beginUpload({ ...p.store, maxUploadBytes: 2 ** 53 }, p.access, huge)).rejects.toMatchObject({
    code: "disk_full",
  });
  const prose = Buffer.from("Once upon a time.");
  const { uploadId } = await beginUpload(p.store, p.access, { ...request, bytes: prose.length });
  await appendPiece(p.store, p.access, uploadId, { offset: 0, body: bodyOf(prose), sha256: null });
  await expect(finishUpload(p.store, p.access, uploadId)).rejects.toMatchObject({ code: "import_unreadable" });
  await expect(uploadOffset(p.store, p.access, uploadId)).rejects.toMatchObject({ code: "not_found" });
  expect(readdirSync(p.store.uploadsDir)).toEqual([]);
});

test("uploads that nobody goes on with are removed after days, a discarded one at once", async () => {
  const { p, uploadId, send } = await begin();
  await send(0, content.subarray(0, 10));
  const days = (n: number) => new Date(Date.now() + n * 86_400_000);
  await removeAbandoned(p.store, days(2));
  expect(await listUploads(p.store, p.access)).toHaveLength(1);
  await removeAbandoned(p.store, days(4));
  expect(p.db.select().from(upload).all()).toEqual([]);
  expect(readdirSync(p.store.uploadsDir)).toEqual([]);
  const again = await beginUpload(p.store, p.access, request);
  expect(again.uploadId).not.toBe(uploadId);
  await discardUpload(p.store, p.access, again.uploadId);
  expect(await listUploads(p.store, p.access)).toEqual([]);
  // A file that waits for its mapping stays, however old.
  const kept = await p.upload("pairs.jsonl", content);
  utimesSync(join(p.store.uploadsDir, kept), 0, 0);
  await removeAbandoned(p.store, days(30));
  expect(readdirSync(p.store.uploadsDir)).toEqual([kept]);
});

test("the queue runs what was asked for, and what a crash left half-way goes on at the next start", async () => {
  const p = openProject();
  const importId = await p.upload("pairs.jsonl", content);
  const { mapping } = await p.preview(importId);
  expect(requestImport(p.db, p.access, { importId, mapping })).toMatchObject({ state: "queued" });
  expect(() => requestImport(p.db, p.access, { importId, mapping })).toThrow("conflict");
  // What a process that was killed leaves behind.
  p.db.update(importBatch).set({ state: "running" }).run();
  const queue = new ImportQueue(p.store, createLog("web", "fatal"));
  queue.start();
  await expect
    .poll(() => p.db.select().from(importBatch).get(), { timeout: 10_000 })
    .toMatchObject({ state: "finished", itemsAdded: 500, rowsRefused: 0 });
  queue.stop();
});
