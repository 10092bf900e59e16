import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { parse } from "csv-parse";
import { DomainError } from "../domain/errors";
import type { ImportFormat, ImportRow, ReadRow } from "../domain/imports/mapping";
import { readLines } from "./imports.lines";

/** How much of a file is looked at to tell its format. */
const headBytes = 65_536;
const byteOrderMark = "\ufeff";
const delimiters = [",", ";", "\t"] as const;

const unreadable = (fileName: string, reason: string) => new DomainError("import_unreadable", { fileName, reason });

const isRow = (value: unknown): value is ImportRow =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Tells the format by what is in the file, whatever it is called. `import_unreadable` when it is none that is known. */
export async function detectFormat(file: string, fileName: string): Promise<ImportFormat> {
  const head = await readHead(file);
  if (head.includes(0)) throw unreadable(fileName, "This is not a text file. Save it as JSONL, JSON or CSV in UTF-8.");
  const text = new TextDecoder().decode(head).replace(byteOrderMark, "").trimStart();
  if (text === "") throw unreadable(fileName, "The file is empty.");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const whole = head.length === headBytes && lines.length > 1 ? lines.slice(0, -1) : lines;
  // A document that is complete on its first line has no second one: then these are JSON lines, the first of them bad.
  if (text.startsWith("[")) return lines.length > 1 && isJson(lines[0] as string) ? "jsonl" : "json";
  const objects = whole.filter((line) => line.startsWith("{") && isJson(line)).length;
  if (objects * 2 >= whole.length) return "jsonl";
  // One line longer than the head is JSONL too; an object over several lines is a JSON document.
  if (text.startsWith("{")) return lines.length === 1 && head.length === headBytes ? "jsonl" : "json";
  if (delimiterOf(lines[0] ?? "") === null)
    throw unreadable(fileName, "It is neither JSON lines, nor a JSON list, nor a table with a header line.");
  return "csv";
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The delimiter that a header line has most of, outside quotes; null when it has none. */
function delimiterOf(header: string): string | null {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counted = delimiters.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  const best = counted.reduce((x, y) => (y.count > x.count ? y : x));
  return best.count > 0 ? best.delimiter : null;
}

/** A file's rows one by one. A bad line is handed on as a problem and the rest still read. */
export function readRows(file: string, fileName: string, format: ImportFormat): AsyncGenerator<ReadRow> {
  if (format === "jsonl") return readJsonLines(file);
  return format === "json" ? readJson(file, fileName) : readCsv(file, fileName);
}

async function* readJsonLines(file: string): AsyncGenerator<ReadRow> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  for await (const { line, bytes } of readLines(file)) {
    const bad = (reason: string) => ({ line, row: null, field: null, reason });
    let text: string;
    try {
      text = utf8.decode(bytes).trim();
    } catch {
      yield bad("The line is not UTF-8. Save the file in UTF-8.");
      continue;
    }
    if (text === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      yield bad(`The line is not JSON (${(error as Error).message.slice(0, 120)}). Correct or remove it.`);
      continue;
    }
    yield isRow(value) ? { line, row: value } : bad("The line is JSON but no object. Each line must be one {…}.");
  }
}

/** A list of rows, or an object that holds one such list. Read whole: an upload is at most 200 MB. */
async function* readJson(file: string, fileName: string): AsyncGenerator<ReadRow> {
  let value: unknown;
  try {
    value = JSON.parse((await readFile(file, "utf8")).replace(byteOrderMark, ""));
  } catch (error) {
    throw unreadable(fileName, `It is not valid JSON: ${(error as Error).message.slice(0, 160)}`);
  }
  const lists = isRow(value) ? Object.values(value).filter((v) => Array.isArray(v) && v.every(isRow)) : [];
  const rows = Array.isArray(value) ? value : lists.length === 1 ? (lists[0] as unknown[]) : null;
  if (!rows) throw unreadable(fileName, "The JSON is no list of rows. Put the rows into one list: [{…}, {…}].");
  for (const [i, row] of rows.entries()) {
    const line = i + 1;
    yield isRow(row)
      ? { line, row }
      : { line, row: null, field: null, reason: "The row is no object. It must be {…}." };
  }
}

async function* readCsv(file: string, fileName: string): AsyncGenerator<ReadRow> {
  const first =
    new TextDecoder()
      .decode(await readHead(file))
      .replace(byteOrderMark, "")
      .split("\n", 1)[0] ?? "";
  const source = createReadStream(file);
  const parser = source.pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(first) ?? ",",
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      raw: true,
    }),
  );
  source.on("error", (error) => parser.destroy(error));
  let header: string[] | null = null;
  let line = 1;
  try {
    for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
      // What was read holds the empty lines before the row. The parser's own count takes "\r\n" in quotes for two.
      const begin = line + countLineEnds(/^[\r\n]*/.exec(raw)?.[0] ?? "");
      line += Math.max(1, countLineEnds(raw));
      if (!header) {
        header = record.map((name) => name.trim());
        if (new Set(header).size < header.length)
          throw unreadable(fileName, "Two columns have the same name in the header line.");
      } else if (record.length === header.length) {
        yield { line: begin, row: Object.fromEntries(header.map((name, i) => [name, messagesIn(record[i] ?? "")])) };
      } else {
        const reason = `The row has ${record.length} fields, the header has ${header.length}. Put fields with commas or line breaks in quotes.`;
        yield { line: begin, row: null, field: null, reason };
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("CSV_")) throw error;
    yield {
      line,
      row: null,
      field: null,
      reason: "A quote opens here and never closes. Close it; what follows was not read.",
    };
  } finally {
    source.destroy();
  }
}

const countLineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** A table cell may hold a conversation as JSON. Anything else stays the text that it is. */
function messagesIn(cell: string): unknown {
  if (!/^\s*[[{]/.test(cell)) return cell;
  try {
    const value: unknown = JSON.parse(cell);
    const parts = Array.isArray(value) ? value : [value];
    const spoken = (part: unknown) => isRow(part) && ("role" in part || "from" in part);
    return parts.length > 0 && parts.every(spoken) ? value : cell;
  } catch {
    return cell;
  }
}
