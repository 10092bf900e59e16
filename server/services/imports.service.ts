import { setImmediate as breathe } from "node:timers/promises";
import { and, asc, desc, eq } from "drizzle-orm";
import { type Db, openDb, writeTx } from "@/db/client";
import { audit } from "@/db/schema/audit";
import { importBatch, importProblem } from "@/db/schema/items";
import { DomainError, isDiskFull } from "../domain/errors";
import { sourceOf } from "../domain/imports/identity";
import {
  type DetectedShape,
  type ImportFormat,
  type ImportMapping,
  importMappingSchema,
  type RowProblem,
} from "../domain/imports/mapping";
import { type ImportedPair, readPair } from "../domain/imports/readPair";
import { unfold } from "../domain/imports/unfold";
import type { Access } from "./access";
import { type ChunkCounts, type ImportContext, type LineProblem, writeChunk } from "./imports.chunk";
import { removeUpload, uploadPath } from "./imports.parts";
import { readRows } from "./imports.reader";
import { detectShape } from "./imports.upload";
import { emitWebhooks } from "./webhooks.emit";

export interface ImportStore {
  readonly db: Db;
  readonly uploadsDir: string;
}

/** Rows in one transaction: short enough that a vote in between does not wait. */
const chunkRows = 200;
const previewRows = 5;
const previewProblems = 20;
/** Refused rows kept with an import; all of them are counted. */
const problemsKept = 1_000;
const problemsShown = 200;

const columns = {
  id: importBatch.id,
  fileName: importBatch.fileName,
  format: importBatch.format,
  state: importBatch.state,
  rowsRead: importBatch.rowsRead,
  itemsAdded: importBatch.itemsAdded,
  itemsKnown: importBatch.itemsKnown,
  judgementsAdded: importBatch.judgementsAdded,
  rowsRefused: importBatch.rowsRefused,
  createdAt: importBatch.createdAt,
  finishedAt: importBatch.finishedAt,
  error: importBatch.error,
};

export const listImports = (db: Db, { projectId }: Access<"admin">) =>
  db
    .select(columns)
    .from(importBatch)
    .where(eq(importBatch.projectId, projectId))
    .orderBy(desc(importBatch.createdAt), desc(importBatch.id))
    .all();

export type ImportSummary = ReturnType<typeof listImports>[number];

export function getImport(
  db: Db,
  { projectId }: Access<"admin">,
  importId: string,
): ImportSummary & { problems: LineProblem[] } {
  const where = and(eq(importBatch.id, importId), eq(importBatch.projectId, projectId));
  const row = db.select(columns).from(importBatch).where(where).get();
  if (!row) throw new DomainError("not_found", { what: "import" });
  const problems = db
    .select({ line: importProblem.line, field: importProblem.field, reason: importProblem.reason })
    .from(importProblem)
    .where(eq(importProblem.importId, importId))
    .orderBy(asc(importProblem.line), asc(importProblem.id))
    .limit(problemsShown)
    .all();
  return { ...row, problems };
}

/** Which column is what, as it was recognised or given last. */
export function getImportMapping(db: Db, { projectId }: Access<"admin">, importId: string): ImportMapping {
  const where = and(eq(importBatch.id, importId), eq(importBatch.projectId, projectId));
  const row = db.select({ mapping: importBatch.mapping }).from(importBatch).where(where).get();
  if (!row) throw new DomainError("not_found", { what: "import" });
  return importMappingSchema.parse(row.mapping);
}

export interface ImportPreview {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly format: ImportFormat;
  readonly shape: DetectedShape;
  readonly columns: string[];
  readonly mapping: ImportMapping;
  readonly rows: (Omit<ImportedPair, "externalId" | "meta"> & { readonly line: number })[];
  readonly total: number;
  readonly problems: LineProblem[];
  readonly problemCount: number;
  readonly usable: number;
}

/** Reads the whole file by the mapping (the detected one without any) and says what an import would make of it. */
export async function previewImport(
  store: ImportStore,
  access: Access<"admin">,
  { importId, mapping }: { importId: string; mapping?: ImportMapping },
): Promise<ImportPreview> {
  const batch = waiting(store.db, access, importId);
  const { fileName, fileBytes } = batch;
  const file = uploadPath(store.uploadsDir, importId);
  const detected = await detectShape(file, fileName);
  const used = mapping ?? detected.mapping;
  const rows: ImportPreview["rows"] = [];
  const problems: LineProblem[] = [];
  const counts = { total: 0, usable: 0 };
  for await (const read of readPairs(file, fileName, detected.format, used)) {
    counts.total += 1;
    if ("reason" in read) {
      if (problems.length < previewProblems) problems.push(read);
      continue;
    }
    counts.usable += 1;
    const { externalId: _id, meta: _meta, ...shown } = read.pair;
    if (rows.length < previewRows) rows.push({ line: read.line, ...shown });
  }
  const { format, shape, columns: names } = detected;
  const problemCount = counts.total - counts.usable;
  return { fileName, fileBytes, format, shape, columns: names, mapping: used, rows, problems, problemCount, ...counts };
}

type PairAtLine = { readonly line: number; readonly pair: ImportedPair };

async function* readPairs(
  file: string,
  fileName: string,
  format: ImportFormat,
  mapping: ImportMapping,
): AsyncGenerator<PairAtLine | LineProblem> {
  let sinceBreath = 0;
  for await (const read of readRows(file, fileName, format)) {
    const { line, part } = read;
    const told = ({ field, reason }: RowProblem): LineProblem => ({
      line,
      field,
      reason: part === undefined ? reason : `${part}: ${reason}`,
    });
    if (read.row) {
      const flat = unfold(read.row, mapping.layout);
      if ("problem" in flat) yield told(flat.problem);
      else
        for (const row of flat.rows) {
          const result = readPair(row, mapping);
          yield "pair" in result ? { line, pair: result.pair } : told(result.problem);
        }
    } else {
      yield told(read);
    }
    sinceBreath += 1;
    // A list in memory is read without waiting for a disk: others get their turn here.
    if (sinceBreath % chunkRows === 0) await breathe();
  }
}

/** An import whose file is still there. */
function waiting(db: Db, { projectId }: Access<"admin">, importId: string) {
  const where = and(eq(importBatch.id, importId), eq(importBatch.projectId, projectId));
  const batch = db.select().from(importBatch).where(where).get();
  if (!batch) throw new DomainError("not_found", { what: "import" });
  if (batch.state === "finished") throw new DomainError("conflict", { reason: "import_finished" });
  return batch;
}

/** Imports this process is running now. One that a crash left `running` is none of them and may be finished. */
const running = new Set<string>();

/**
 * Writes a file's rows in short transactions, each with its counts, so that votes keep flowing. Interrupted, it leaves
 * whole chunks; committing again passes over what is there and finishes. A finished import is only reported.
 */
export async function commitImport(
  store: ImportStore,
  access: Access<"admin">,
  { importId, mapping }: { importId: string; mapping: ImportMapping },
): Promise<ImportSummary> {
  const before = getImport(store.db, access, importId);
  if (before.state === "finished") return summaryOf(before);
  if (running.has(importId)) throw new DomainError("conflict", { reason: "import_running" });
  running.add(importId);
  try {
    await runImport(store, access, importId, mapping);
  } catch (error) {
    throw recordFailure(store.db, importId, error);
  } finally {
    running.delete(importId);
  }
  await removeUpload(uploadPath(store.uploadsDir, importId));
  return summaryOf(getImport(store.db, access, importId));
}

const summaryOf = ({ problems: _problems, ...summary }: ImportSummary & { problems: unknown }): ImportSummary =>
  summary;

interface Progress extends ChunkCounts {
  rowsRead: number;
}

async function runImport(
  { db, uploadsDir }: ImportStore,
  access: Access<"admin">,
  importId: string,
  mapping: ImportMapping,
): Promise<void> {
  const batch = waiting(db, access, importId);
  const { fileName } = batch;
  const file = uploadPath(uploadsDir, importId);
  const total: Progress = { rowsRead: 0, itemsAdded: 0, itemsKnown: 0, judgementsAdded: 0, rowsRefused: 0 };
  writeTx(db, (tx) => {
    tx.delete(importProblem).where(eq(importProblem.importId, importId)).run();
    tx.update(importBatch)
      .set({ ...total, mapping, state: "running", error: null })
      .where(eq(importBatch.id, importId))
      .run();
  });
  const context: ImportContext = {
    importId,
    projectId: access.projectId,
    source: sourceName(db, batch),
    responsesOrdered: mapping.meaning === "a_chosen",
    now: new Date(),
    met: new Set(),
  };
  // Not every chunk waits for the disk as a vote does: after a power cut the rows are simply read again.
  const bulk = openDb(db.$client.name, { durability: "normal" });
  try {
    bulk.$client.pragma("cache_size = -65536");
    let chunk: (PairAtLine | LineProblem)[] = [];
    for await (const read of readPairs(file, fileName, batch.format as ImportFormat, mapping)) {
      if (chunk.push(read) < chunkRows) continue;
      flush(bulk, context, total, chunk);
      chunk = [];
      await breathe();
    }
    flush(bulk, context, total, chunk);
  } finally {
    bulk.$client.close();
  }
  writeTx(db, (tx) => {
    tx.update(importBatch).set({ state: "finished", finishedAt: new Date() }).where(eq(importBatch.id, importId)).run();
    emitWebhooks(tx, access.projectId, "import.finished", { importId, fileName, ...total });
    tx.insert(audit)
      .values({
        projectId: access.projectId,
        actorId: access.userId,
        action: "import.finish",
        subject: importId,
        details: { fileName, ...total },
      })
      .run();
  });
}

/** The same file under another name holds the same people's words. */
function sourceName(db: Db, batch: { projectId: string; sha256: string }): string {
  const first = db
    .select({ fileName: importBatch.fileName })
    .from(importBatch)
    .where(and(eq(importBatch.projectId, batch.projectId), eq(importBatch.sha256, batch.sha256)))
    .orderBy(asc(importBatch.createdAt), asc(importBatch.id))
    .limit(1)
    .get();
  return sourceOf(first?.fileName ?? "");
}

function flush(db: Db, context: ImportContext, total: Progress, chunk: readonly (PairAtLine | LineProblem)[]): void {
  writeTx(db, (tx) => {
    const pairs = chunk.filter((read): read is PairAtLine => "pair" in read);
    const unread = chunk.filter((read): read is LineProblem => "reason" in read);
    const { problems: told, ...counts } = writeChunk(tx, context, pairs);
    const problems = [...unread, ...told];
    const kept = problems.slice(0, Math.max(0, problemsKept - total.rowsRefused));
    if (kept.length > 0)
      tx.insert(importProblem)
        .values(kept.map((problem) => ({ importId: context.importId, ...problem })))
        .run();
    total.rowsRead += chunk.length;
    total.rowsRefused += unread.length + counts.rowsRefused;
    total.itemsAdded += counts.itemsAdded;
    total.itemsKnown += counts.itemsKnown;
    total.judgementsAdded += counts.judgementsAdded;
    tx.update(importBatch).set(total).where(eq(importBatch.id, context.importId)).run();
  });
}

/** Notes why an import stopped and returns the error to throw. */
function recordFailure(db: Db, importId: string, error: unknown): unknown {
  const { code } = error as { code?: string };
  const told = isDiskFull(error)
    ? new DomainError("disk_full", { where: "import" }, { cause: error })
    : code === "ENOENT"
      ? new DomainError("not_found", { what: "upload" }, { cause: error })
      : error;
  if (told instanceof DomainError && told.details.reason === "import_finished") return told;
  try {
    const text = told instanceof DomainError ? String(told.details.reason ?? told.code) : "internal_error";
    writeTx(db, (tx) => {
      const where = eq(importBatch.id, importId);
      const failed = tx.update(importBatch).set({ state: "failed", error: text }).where(where).returning().get();
      if (failed) {
        const { projectId, fileName } = failed;
        emitWebhooks(tx, projectId, "import.failed", { importId, fileName, error: text });
      }
    });
  } catch {
    // The disk is full or the database gone: the import stays `running` and can be committed again.
  }
  return told;
}
