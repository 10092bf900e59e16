import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { DomainError } from "../domain/errors";
import type { ImportRow, ReadRow } from "../domain/imports/mapping";
import { maxLineBytes, readBoundedLines } from "./imports.lines";

/** A document that is one object is read whole, up to this size. */
const maxObjectBytes = 64 * 1024 * 1024;
const unreadable = (fileName: string, reason: string) => new DomainError("import_unreadable", { fileName, reason });

export const isRow = (value: unknown): value is ImportRow =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const tooLong = `It is longer than ${maxLineBytes / 1024 ** 2} MB. Shorten or remove it.`;
const strictUtf8 = () => new TextDecoder("utf-8", { fatal: true });

type Parsed = { readonly row: ImportRow } | { readonly reason: string } | null;

/** One row from its bytes; null when there is nothing but space. `what` begins the sentence when it is none. */
function parseRow(bytes: Buffer, utf8: TextDecoder, what: "line" | "row"): Parsed {
  let text: string;
  try {
    text = utf8.decode(bytes).trim();
  } catch {
    return { reason: `The ${what} is not UTF-8. Save the file in UTF-8.` };
  }
  if (text === "") return null;
  if (text.includes("\u0000")) return { reason: `The ${what} holds NUL bytes. Remove them.` };
  try {
    const value: unknown = JSON.parse(text);
    return isRow(value) ? { row: value } : { reason: `The ${what} is JSON but no object. Each must be one {…}.` };
  } catch (error) {
    return {
      reason: `The ${what} is not JSON (${(error as Error).message.slice(0, 120)}). Correct or remove it.`,
    };
  }
}

const readRow = (line: number, parsed: Exclude<Parsed, null>): ReadRow =>
  "row" in parsed ? { line, row: parsed.row } : { line, row: null, field: null, reason: parsed.reason };

export async function* readJsonLines(file: string): AsyncGenerator<ReadRow> {
  const utf8 = strictUtf8();
  for await (const { line, bytes } of readBoundedLines(file, maxLineBytes)) {
    if (bytes === null) {
      yield { line, row: null, field: null, reason: tooLong };
      continue;
    }
    const parsed = parseRow(bytes, utf8, "line");
    if (parsed) yield readRow(line, parsed);
  }
}

/** A list of rows, read one by one, or an object that holds one such list. `line` counts the rows from 1. */
export async function* readJson(file: string, fileName: string): AsyncGenerator<ReadRow> {
  if (await beginsWithList(file)) yield* readList(file);
  else yield* readObject(file, fileName);
}

const space = new Set([9, 10, 13, 32, 0xef, 0xbb, 0xbf]);

async function beginsWithList(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const first = chunk.find((byte) => !space.has(byte));
    if (first !== undefined) return first === 0x5b;
  }
  return false;
}

async function* readObject(file: string, fileName: string): AsyncGenerator<ReadRow> {
  if ((await stat(file)).size > maxObjectBytes)
    throw unreadable(fileName, "A JSON document of this size must be a list: [{…}, {…}]. JSON lines are better still.");
  let value: unknown;
  try {
    value = JSON.parse((await readFile(file, "utf8")).replace("\ufeff", ""));
  } catch (error) {
    throw unreadable(fileName, `It is not valid JSON: ${(error as Error).message.slice(0, 160)}`);
  }
  const lists = isRow(value) ? Object.values(value).filter((v) => Array.isArray(v) && v.every(isRow)) : [];
  if (lists.length !== 1)
    throw unreadable(fileName, "The JSON is no list of rows. Put the rows into one list: [{…}, {…}].");
  for (const [i, row] of (lists[0] as ImportRow[]).entries()) yield { line: i + 1, row };
}

const [quote, backslash, comma, openers, closers] = [0x22, 0x5c, 0x2c, [0x5b, 0x7b], [0x5d, 0x7d]] as const;

/**
 * Finds the elements of a JSON list without reading it whole: depth, and whether a string is open, decide where one ends.
 * A bad element is told and the next one read.
 */
async function* readList(file: string): AsyncGenerator<ReadRow> {
  const utf8 = strictUtf8();
  let line = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let pieces: Buffer[] = [];
  let length = 0;
  const element = (): ReadRow | null => {
    const bytes = Buffer.concat(pieces);
    const isTooLong = length > maxLineBytes;
    pieces = [];
    length = 0;
    if (isTooLong) return { line: ++line, row: null, field: null, reason: tooLong };
    const parsed = parseRow(bytes, utf8, "row");
    return parsed ? readRow(++line, parsed) : null;
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    let from = 0;
    const keep = (end: number) => {
      length += end - from;
      if (length <= maxLineBytes) pieces.push(chunk.subarray(from, end));
      else pieces = [];
      from = end;
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (byte === quote) inString = true;
      else if (openers.includes(byte as 0x5b)) {
        depth += 1;
        if (depth === 1) from = at + 1;
      } else if (closers.includes(byte as 0x5d) || (byte === comma && depth === 1)) {
        if (byte !== comma) depth -= 1;
        if (depth > (byte === comma ? 1 : 0)) continue;
        keep(at);
        const row = element();
        if (row) yield row;
        if (depth === 0) return;
        from = at + 1;
      }
    }
    if (depth > 0) keep(chunk.length);
  }
  yield {
    line: line + 1,
    row: null,
    field: null,
    reason: "The list breaks off here: its closing bracket is missing.",
  };
}
