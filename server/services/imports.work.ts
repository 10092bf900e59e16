import { setImmediate as breathe } from "node:timers/promises";
import type { ImportFormat, ImportMapping } from "../domain/imports/mapping";
import type { ImportedResponse } from "../domain/imports/readLabelled";
import type { ImportedPair } from "../domain/imports/readPair";
import { RowReader } from "../domain/imports/readRow";
import { type ImportPiece, ImportWindow, type LineProblem } from "./imports.prepare";
import { readRows } from "./imports.reader";
import { columnsFor, type Recognised, recognise } from "./imports.recognise";
import { unpack } from "./imports.unpack";

export interface FileToRead {
  readonly file: string;
  readonly fileName: string;
}
export interface FileWithMapping extends FileToRead {
  readonly format: ImportFormat;
  readonly mapping: ImportMapping;
}

type Shown<T> = Omit<T, "externalId" | "meta"> & { readonly line: number };

/** What an import would make of a file's beginning. */
export interface Look {
  /** The columns that a mapping of this layout chooses from. */
  readonly columns: string[];
  readonly rows: Shown<ImportedPair>[];
  readonly responses: Shown<ImportedResponse>[];
  readonly problems: LineProblem[];
  readonly total: number;
  readonly usable: number;
  /** The whole file was read. */
  readonly complete: boolean;
}

/** The part of an import that reads files: in this process, or in one of its own (imports.child.ts). */
export interface ImportWork {
  /** Unpacks a file that has come in and tells what it is. */
  receive(what: FileToRead): Promise<Recognised>;
  recognise(what: FileToRead): Promise<Recognised>;
  look(what: FileWithMapping): Promise<Look>;
  pieces(what: FileWithMapping): AsyncGenerator<ImportPiece>;
}

const shownRows = 5;
const shownProblems = 20;
/** A preview ends after so many rows or so long: a person waits for it. */
const lookRows = 100_000;
const lookMs = 4_000;

async function look({ file, fileName, format, mapping }: FileWithMapping): Promise<Look> {
  const reader = new RowReader(mapping);
  const until = performance.now() + lookMs;
  const found: Pick<Look, "rows" | "responses" | "problems"> = { rows: [], responses: [], problems: [] };
  let [total, usable, rows, complete] = [0, 0, 0, true];
  const take = (outcome: ReturnType<RowReader["push"]>[number]) => {
    total += 1;
    if ("reason" in outcome) {
      if (found.problems.length < shownProblems) found.problems.push(outcome);
      return;
    }
    usable += 1;
    if (usable > shownRows) return;
    const { line } = outcome;
    if ("pair" in outcome) {
      const { externalId: _id, meta: _meta, ...shown } = outcome.pair;
      found.rows.push({ line, ...shown });
    } else {
      const { externalId: _id, meta: _meta, ...shown } = outcome.labelled;
      found.responses.push({ line, ...shown });
    }
  };
  for await (const read of readRows(file, fileName, format)) {
    for (const outcome of reader.push(read)) take(outcome);
    rows += 1;
    if (rows % 200 === 0) await breathe();
    if (rows < lookRows && performance.now() < until) continue;
    complete = false;
    break;
  }
  // A group that the limit cut in two is not told.
  if (complete) for (const outcome of reader.flush()) take(outcome);
  return { ...found, columns: await columnsFor(file, fileName, mapping), total, usable, complete };
}

async function* pieces({ file, fileName, format, mapping }: FileWithMapping): AsyncGenerator<ImportPiece> {
  const reader = new RowReader(mapping);
  const window = new ImportWindow();
  let rows = 0;
  for await (const read of readRows(file, fileName, format)) {
    for (const outcome of reader.push(read)) if (window.add(outcome)) yield* window.take();
    rows += 1;
    // A list in memory is read without waiting for a disk: others get their turn here.
    if (rows % 200 === 0) await breathe();
  }
  for (const outcome of reader.flush()) window.add(outcome);
  yield* window.take();
}

export const localWork: ImportWork = {
  async receive({ file, fileName }) {
    await unpack(file, fileName);
    return recognise(file, fileName);
  },
  recognise: ({ file, fileName }) => recognise(file, fileName),
  look,
  pieces,
};
