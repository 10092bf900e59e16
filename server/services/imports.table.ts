import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import { DomainError } from "../domain/errors";
import type { ReadRow } from "../domain/imports/mapping";
import { readHead } from "./imports.head";
import { isRow } from "./imports.jsonRows";
import { maxLineBytes } from "./imports.lines";

const delimiters = [",", ";", "\t"] as const;

/** The delimiter that a header line has most of, outside quotes; null when it has none. */
export function delimiterOf(header: string): (typeof delimiters)[number] | null {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counted = delimiters.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  const best = counted.reduce((x, y) => (y.count > x.count ? y : x));
  return best.count > 0 ? best.delimiter : null;
}

/** What a record of this length says, and how a quote that stays open ends. */
const brokenQuote = "A quote opens here and never closes. Close it; what follows was not read.";
const tooLong = `A row that begins here is longer than ${maxLineBytes / 1024 ** 2} MB, or a quote never closes. What follows was not read.`;

export async function* readTable(file: string, fileName: string): AsyncGenerator<ReadRow> {
  const first =
    new TextDecoder()
      .decode(await readHead(file))
      .replace("\ufeff", "")
      .split("\n", 1)[0] ?? "";
  const source = createReadStream(file);
  const parser = source.pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(first) ?? ",",
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxLineBytes,
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
          throw new DomainError("import_unreadable", {
            fileName,
            reason: "Two columns have the same name in the header line.",
          });
      } else yield rowOf(begin, header, record);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("CSV_")) throw error;
    const reason = code === "CSV_MAX_RECORD_SIZE" ? tooLong : brokenQuote;
    yield { line, row: null, field: null, reason };
  } finally {
    source.destroy();
  }
}

function rowOf(line: number, header: readonly string[], record: readonly string[]): ReadRow {
  if (record.length !== header.length) {
    const reason = `The row has ${record.length} fields, the header has ${header.length}. Put fields with commas or line breaks in quotes.`;
    return { line, row: null, field: null, reason };
  }
  for (const [i, cell] of record.entries()) {
    const field = header[i] ?? null;
    // The parser puts U+FFFD for what is no UTF-8.
    if (cell.includes("\ufffd"))
      return { line, row: null, field, reason: "It has characters that are not UTF-8. Save the file in UTF-8." };
    if (cell.includes("\u0000")) return { line, row: null, field, reason: "It holds NUL bytes. Remove them." };
  }
  return { line, row: Object.fromEntries(header.map((name, i) => [name, nested(name, record[i] ?? "")])) };
}

const countLineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** Columns that hold nested values in the formats we know; JSON in their cells is read. */
const nestedNames = new Set([
  "annotations",
  "completions",
  "conversations",
  "data",
  "fields",
  "history",
  "individual_preference",
  "metadata",
  "responses",
  "suggestions",
]);

/** A table cell may hold a conversation as JSON. Anything else stays the text that it is. */
function nested(name: string, cell: string): unknown {
  if (!/^\s*[[{]/.test(cell)) return cell;
  try {
    const value: unknown = JSON.parse(cell);
    if (nestedNames.has(name.toLowerCase())) return value;
    const parts = Array.isArray(value) ? value : [value];
    const spoken = (part: unknown) => isRow(part) && ("role" in part || "from" in part);
    return parts.length > 0 && parts.every(spoken) ? value : cell;
  } catch {
    return cell;
  }
}
