import { createHash } from "node:crypto";
import { DomainError } from "../domain/errors";
import { columnsOf, type Detection, detect } from "../domain/imports/detect";
import type { ImportFormat, ImportMapping, ImportRow } from "../domain/imports/mapping";
import { detectFormat, readRows } from "./imports.reader";

/** Rows looked at to tell a file's shape. */
const sampleRows = 50;

/** What a file is, by its first rows. */
export interface Recognised extends Detection {
  readonly format: ImportFormat;
  /** sha256 of the names of its columns. */
  readonly columnsHash: string;
}

interface Sample {
  readonly format: ImportFormat;
  readonly rows: ImportRow[];
}

async function sampleOf(file: string, fileName: string): Promise<Sample> {
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
  return { format, rows };
}

/** `import_unreadable` when nothing in the file is a row. */
export async function recognise(file: string, fileName: string): Promise<Recognised> {
  const { format, rows } = await sampleOf(file, fileName);
  const names = columnsOf(rows, {}).toSorted();
  const columnsHash = createHash("sha256").update(JSON.stringify(names)).digest("hex");
  return { format, columnsHash, ...detect(rows) };
}

/** The columns that a mapping of this layout chooses from. */
export async function columnsFor(file: string, fileName: string, mapping: ImportMapping): Promise<string[]> {
  return columnsOf((await sampleOf(file, fileName)).rows, mapping);
}
