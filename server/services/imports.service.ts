import { and, asc, desc, eq, gt, isNotNull, ne, or } from "drizzle-orm";
import { type Db, writeTx } from "@/db/client";
import { importBatch, importProblem } from "@/db/schema/items";
import { DomainError } from "../domain/errors";
import {
  type DetectedShape,
  type ImportFormat,
  type ImportMapping,
  importMappingSchema,
} from "../domain/imports/mapping";
import type { Access } from "./access";
import { uploadPath } from "./imports.parts";
import type { LineProblem } from "./imports.prepare";
import { type ImportStore, runImport, workOf } from "./imports.run";
import type { Look } from "./imports.work";

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
  responsesAdded: importBatch.responsesAdded,
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

const ofProject = ({ projectId }: Access<"admin">, importId: string) =>
  and(eq(importBatch.id, importId), eq(importBatch.projectId, projectId));

function getSummary(db: Db, access: Access<"admin">, importId: string): ImportSummary {
  const row = db.select(columns).from(importBatch).where(ofProject(access, importId)).get();
  if (!row) throw new DomainError("not_found", { what: "import" });
  return row;
}

/** Which column is what, as it was recognised or given last. */
export function getImportMapping(db: Db, access: Access<"admin">, importId: string): ImportMapping {
  const row = db.select({ mapping: importBatch.mapping }).from(importBatch).where(ofProject(access, importId)).get();
  if (!row) throw new DomainError("not_found", { what: "import" });
  return importMappingSchema.parse(row.mapping);
}

/** An import and the first rows that were refused; `listProblems` has them all. */
export function getImport(
  db: Db,
  access: Access<"admin">,
  importId: string,
): ImportSummary & { problems: LineProblem[] } {
  const row = getSummary(db, access, importId);
  const first = problemPage(db, importId, null, problemsShown);
  return { ...row, problems: first.map(({ id: _id, ...problem }) => problem) };
}

function problemPage(db: Db, importId: string, after: { line: number; id: number } | null, limit: number) {
  const { id, line, field, reason } = importProblem;
  const beyond = after ? or(gt(line, after.line), and(eq(line, after.line), gt(id, after.id))) : undefined;
  return db
    .select({ id, line, field, reason })
    .from(importProblem)
    .where(and(eq(importProblem.importId, importId), beyond))
    .orderBy(asc(line), asc(id))
    .limit(limit)
    .all();
}

/** Every refused row of an import, page by page, in the order of lines. */
export function* listProblems(db: Db, access: Access<"admin">, importId: string): Generator<LineProblem[]> {
  getSummary(db, access, importId);
  const limit = 1_000;
  for (let after: { line: number; id: number } | null = null; ; ) {
    const page: ReturnType<typeof problemPage> = problemPage(db, importId, after, limit);
    if (page.length > 0) yield page;
    after = page.at(-1) ?? null;
    if (page.length < limit) return;
  }
}

export interface ImportPreview extends Look {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly format: ImportFormat;
  readonly shape: DetectedShape;
  readonly mapping: ImportMapping;
  /** What was recognised, whatever somebody chose. */
  readonly detected: ImportMapping;
  /** The mapping is the one chosen for an earlier file with the same columns. */
  readonly remembered: boolean;
  readonly problemCount: number;
}

/**
 * Reads a file's beginning by the mapping and says what an import would make of it. Without one it takes what was chosen for
 * the last file with the same columns, or what is recognised.
 */
export async function previewImport(
  store: ImportStore,
  access: Access<"admin">,
  { importId, mapping }: { importId: string; mapping?: ImportMapping },
): Promise<ImportPreview> {
  const { fileName, fileBytes } = waiting(store.db, access, importId);
  const what = { file: uploadPath(store.uploadsDir, importId), fileName };
  const work = workOf(store);
  const { format, shape, columnsHash, mapping: detected } = await work.recognise(what);
  const remembered = mapping ? null : rememberedMapping(store.db, access, columnsHash);
  const used = mapping ?? remembered ?? detected;
  const looked = await work.look({ ...what, format, mapping: used });
  const problemCount = looked.total - looked.usable;
  const told = { fileName, fileBytes, format, shape, mapping: used, detected, remembered: remembered !== null };
  return { ...told, ...looked, problemCount };
}

/** What was last chosen in this project for a file with the same columns; null when none was imported or it no longer reads. */
export function rememberedMapping(db: Db, { projectId }: Access<"admin">, columnsHash: string): ImportMapping | null {
  const found = db
    .select({ mapping: importBatch.mapping })
    .from(importBatch)
    .where(
      and(
        eq(importBatch.projectId, projectId),
        eq(importBatch.columnsHash, columnsHash),
        ne(importBatch.state, "uploaded"),
        isNotNull(importBatch.startedBy),
      ),
    )
    .orderBy(desc(importBatch.createdAt), desc(importBatch.id))
    .limit(1)
    .get();
  return importMappingSchema.safeParse(found?.mapping).data ?? null;
}

/** An import whose file is still there. */
function waiting(db: Db, access: Access<"admin">, importId: string) {
  const batch = db.select().from(importBatch).where(ofProject(access, importId)).get();
  if (!batch) throw new DomainError("not_found", { what: "import" });
  if (batch.state === "finished") throw new DomainError("conflict", { reason: "import_finished" });
  return batch;
}

interface ImportRequest {
  readonly importId: string;
  readonly mapping: ImportMapping;
}

/** Asks for a file's rows to be written; whoever runs the queue (imports.queue.ts) does it. A finished import is only reported. */
export function requestImport(db: Db, access: Access<"admin">, { importId, mapping }: ImportRequest): ImportSummary {
  writeTx(db, () => {
    const { state } = getSummary(db, access, importId);
    if (state === "finished") return;
    if (state === "queued" || state === "running") throw new DomainError("conflict", { reason: "import_running" });
    db.update(importBatch)
      .set({ state: "queued", mapping, startedBy: access.userId, error: null })
      .where(eq(importBatch.id, importId))
      .run();
  });
  return getSummary(db, access, importId);
}

/** Writes a file's rows here and now, where no server runs the queue. */
export async function commitImport(
  store: ImportStore,
  access: Access<"admin">,
  request: ImportRequest,
): Promise<ImportSummary> {
  const { state } = requestImport(store.db, access, request);
  if (state !== "finished") await runImport(store, waiting(store.db, access, request.importId));
  return getSummary(store.db, access, request.importId);
}
