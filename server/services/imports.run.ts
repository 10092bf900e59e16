import { setImmediate as breathe } from "node:timers/promises";
import { and, asc, eq } from "drizzle-orm";
import { type Db, openDb, writeTx } from "@/db/client";
import { audit } from "@/db/schema/audit";
import { importBatch, importProblem } from "@/db/schema/items";
import { DomainError, isDiskFull } from "../domain/errors";
import { sourceOf } from "../domain/imports/identity";
import type { ImportFormat, ImportMapping } from "../domain/imports/mapping";
import { ImportWriter } from "./imports.chunk";
import { removeUpload, uploadPath } from "./imports.parts";
import type { ImportPiece, LineProblem } from "./imports.prepare";
import { type ImportWork, localWork } from "./imports.work";
import { emitWebhooks } from "./webhooks.emit";

export interface ImportStore {
  readonly db: Db;
  readonly uploadsDir: string;
  /** Who reads the files; this process when left out. */
  readonly work?: ImportWork | undefined;
}

export const workOf = ({ work }: ImportStore): ImportWork => work ?? localWork;

/** How long a transaction of rows may take: a vote that comes meanwhile waits for it. */
const transactionMs = 8;
/** Pages of the log (4 KB each) after which it is moved into the database file. */
const checkpointPages = 4_096;

type Batch = typeof importBatch.$inferSelect;
type Progress = Pick<
  Batch,
  "rowsRead" | "itemsAdded" | "itemsKnown" | "judgementsAdded" | "responsesAdded" | "rowsRefused"
>;

/**
 * Writes a file's rows in short transactions, each with its counts, so that votes keep flowing. Interrupted, it leaves whole
 * rows; run again it passes over what is there and finishes with the counts of one run.
 */
export async function runImport(store: ImportStore, batch: Batch): Promise<void> {
  try {
    await writeRows(store, batch);
  } catch (error) {
    throw recordFailure(store.db, batch.id, error);
  }
  await removeUpload(uploadPath(store.uploadsDir, batch.id));
}

async function writeRows(store: ImportStore, batch: Batch): Promise<void> {
  const { db, uploadsDir } = store;
  const { id, projectId, fileName, itemsAdded, judgementsAdded, responsesAdded } = batch;
  const mapping = batch.mapping as ImportMapping;
  // What was added before an interruption was added by this import.
  let progress: Progress = {
    rowsRead: 0,
    itemsAdded,
    itemsKnown: 0,
    judgementsAdded,
    responsesAdded,
    rowsRefused: 0,
  };
  writeTx(db, (tx) => {
    tx.delete(importProblem).where(eq(importProblem.importId, id)).run();
    tx.update(importBatch)
      .set({ ...progress, state: "running", error: null })
      .where(eq(importBatch.id, id))
      .run();
  });
  // Not every chunk waits for the disk as a vote does: after a power cut the rows are simply read again.
  const bulk = openDb(db.$client.name, { durability: "normal" });
  // Whoever reads the file also moves the log: a vote in this process need not.
  if (store.work) for (const { $client } of [db, bulk]) $client.pragma("wal_autocheckpoint = 0");
  else bulk.$client.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  try {
    bulk.$client.pragma("cache_size = -65536");
    const writer = new ImportWriter(bulk, {
      importId: id,
      projectId,
      source: sourceName(db, batch),
      responsesOrdered: mapping.meaning === "a_chosen",
      now: new Date(),
    });
    const what = { file: uploadPath(uploadsDir, id), fileName, format: batch.format as ImportFormat, mapping };
    for await (const piece of workOf(store).pieces(what))
      for (let at = 0; at !== -1; await breathe())
        [progress, at] = writeTx(bulk, () => writeSome(bulk, writer, { id, piece, at, progress }));
  } finally {
    db.$client.pragma("wal_autocheckpoint = 1000");
    bulk.$client.close();
  }
  writeTx(db, (tx) => {
    tx.update(importBatch).set({ state: "finished", finishedAt: new Date() }).where(eq(importBatch.id, id)).run();
    emitWebhooks(tx, projectId, "import.finished", { importId: id, fileName, ...progress });
    tx.insert(audit)
      .values({
        projectId,
        actorId: batch.startedBy ?? batch.createdBy,
        action: "import.finish",
        subject: id,
        details: { fileName, ...progress },
      })
      .run();
  });
}

/** Writes rows of a piece from `at` on until the time is up; returns the new counts and where to go on, −1 at the end. */
function writeSome(
  db: Db,
  writer: ImportWriter,
  { id, piece, at, progress }: { id: string; piece: ImportPiece; at: number; progress: Progress },
): [Progress, number] {
  const until = performance.now() + transactionMs;
  const begins = at === 0;
  if (begins) writer.begin(piece.places);
  let end = at;
  let refused = begins ? piece.problems.length : 0;
  for (; end < piece.rows.length && (end === at || performance.now() < until); end++)
    if (writer.add(piece.rows[end] as ImportPiece["rows"][number]) === null) refused += 1;
  const { counts, problems } = writer.report();
  insertProblems(db, id, begins ? [...piece.problems, ...problems] : problems);
  const rowsRead = progress.rowsRead + (end - at) + (begins ? piece.problems.length : 0);
  const rowsRefused = progress.rowsRefused + refused;
  const itemsAdded = progress.itemsAdded + counts.items;
  const responsesAdded = progress.responsesAdded + counts.responses;
  const next = {
    rowsRead,
    rowsRefused,
    itemsAdded,
    responsesAdded,
    judgementsAdded: progress.judgementsAdded + counts.judgements,
    // Of an import that goes on, what it added before is behind for a while.
    itemsKnown: Math.max(0, rowsRead - rowsRefused - itemsAdded - responsesAdded),
  };
  db.update(importBatch).set(next).where(eq(importBatch.id, id)).run();
  return [next, end < piece.rows.length ? end : -1];
}

function insertProblems(db: Db, importId: string, problems: readonly LineProblem[]): void {
  for (const { line, field, reason } of problems)
    db.insert(importProblem).values({ importId, line, field, reason }).run();
}

/** The same file under another name holds the same people's words. */
function sourceName(db: Db, batch: Pick<Batch, "projectId" | "sha256">): string {
  const first = db
    .select({ fileName: importBatch.fileName })
    .from(importBatch)
    .where(and(eq(importBatch.projectId, batch.projectId), eq(importBatch.sha256, batch.sha256)))
    .orderBy(asc(importBatch.createdAt), asc(importBatch.id))
    .limit(1)
    .get();
  return sourceOf(first?.fileName ?? "");
}

/** Notes why an import stopped and returns the error to throw. */
function recordFailure(db: Db, importId: string, error: unknown): unknown {
  const { code } = error as { code?: string };
  const told = isDiskFull(error)
    ? new DomainError("disk_full", { where: "import" }, { cause: error })
    : code === "ENOENT"
      ? new DomainError("not_found", { what: "upload" }, { cause: error })
      : error;
  try {
    const text = told instanceof DomainError ? String(told.details.reason ?? told.code) : "internal_error";
    writeTx(db, (tx) => {
      const where = eq(importBatch.id, importId);
      const failed = tx.update(importBatch).set({ state: "failed", error: text }).where(where).returning().get();
      if (!failed) return;
      const { projectId, fileName } = failed;
      emitWebhooks(tx, projectId, "import.failed", { importId, fileName, error: text });
    });
  } catch {
    // The disk is full or the database gone: the import stays `running`, and the next start goes on with it.
  }
  return told;
}
