import { DomainError } from "../domain/errors";
import type { ImportFormat, ReadRow } from "../domain/imports/mapping";
import { headBytes, readHead } from "./imports.head";
import { readJson, readJsonLines } from "./imports.jsonRows";
import { readParquet } from "./imports.parquet";
import { partsOf, type UploadPart } from "./imports.parts";
import { delimiterOf, readTable } from "./imports.table";

const unreadable = (fileName: string, reason: string) => new DomainError("import_unreadable", { fileName, reason });

/** Tells an upload's format by what is in its first file, whatever it is called. `import_unreadable` when it is none that is known. */
export async function detectFormat(file: string, fileName: string): Promise<ImportFormat> {
  const [first] = await partsOf(file, fileName);
  return formatOf((first as UploadPart).file, (first as UploadPart).name);
}

async function formatOf(file: string, fileName: string): Promise<ImportFormat> {
  const head = await readHead(file);
  const begins = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (begins(0x50, 0x41, 0x52, 0x31)) return "parquet";
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) throw unreadable(fileName, "It is in UTF-16. Save it in UTF-8.");
  if (head.filter((byte) => byte === 0).length * 10 > head.length)
    throw unreadable(
      fileName,
      "This is not a text file. Save it as JSONL, JSON, CSV or TSV in UTF-8, or as Parquet; each may be packed with gzip, zstd or zip.",
    );
  const text = new TextDecoder().decode(head).replace("\ufeff", "").trimStart();
  if (text === "") throw unreadable(fileName, "The file is empty.");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const whole = head.length === headBytes && lines.length > 1 ? lines.slice(0, -1) : lines;
  // A document that is complete on its first line has no second one: then these are JSON lines, the first of them bad.
  if (text.startsWith("[")) return lines.length > 1 && isJson(lines[0] as string) ? "jsonl" : "json";
  const objects = whole.filter((line) => line.startsWith("{") && isJson(line)).length;
  if (objects * 2 >= whole.length) return "jsonl";
  // One line longer than the head is JSONL too; an object over several lines is a JSON document.
  if (text.startsWith("{")) return lines.length === 1 && head.length === headBytes ? "jsonl" : "json";
  const delimiter = delimiterOf(lines[0] ?? "");
  if (delimiter === null)
    throw unreadable(
      fileName,
      "It is neither JSON lines, nor a JSON list, nor a table with a header line, nor Parquet.",
    );
  return delimiter === "\t" ? "tsv" : "csv";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An upload's rows one by one. A bad line is handed on as a problem and the rest still read. */
export async function* readRows(file: string, fileName: string, format: ImportFormat): AsyncGenerator<ReadRow> {
  const parts = await partsOf(file, fileName);
  for (const [i, part] of parts.entries()) {
    const inside = parts.length > 1 ? { part: part.name } : {};
    // Several files in one upload may differ in format; the first was already looked at.
    const ownFormat = i === 0 ? format : await formatOf(part.file, part.name);
    let last = 0;
    for await (const read of readPart(part, ownFormat)) {
      last = read.line;
      yield parts.length > 1 ? { ...read, ...inside } : read;
    }
    if (part.broken !== null) yield { line: last + 1, row: null, field: null, reason: part.broken, ...inside };
  }
}

function readPart({ file, name }: UploadPart, format: ImportFormat): AsyncGenerator<ReadRow> {
  switch (format) {
    case "jsonl":
      return readJsonLines(file);
    case "json":
      return readJson(file, name);
    case "parquet":
      return readParquet(file, name);
    default:
      return readTable(file, name);
  }
}
