import { createReadStream } from "node:fs";

/** Longest line in bytes; what is longer is handed on as null. No row of text that people compare comes near. */
export const maxLineBytes = 16 * 1024 * 1024;

type Lines<B> = AsyncGenerator<{ readonly line: number; readonly bytes: B }>;

/** A file's lines, numbered from 1. Splits at "\n" only: JSON may hold U+2028, which Node's readline takes for the end of a line. */
export const readLines = (file: string): Lines<Buffer> => readBoundedLines(file, Infinity) as Lines<Buffer>;

/** The same, with null for a line of more than `longest` bytes: what somebody sends may be one line of two gigabytes. */
export async function* readBoundedLines(file: string, longest: number): Lines<Buffer | null> {
  let line = 1;
  let rest: Buffer[] = [];
  let length = 0;
  const joined = (piece: Buffer): Buffer | null =>
    length + piece.length > longest ? null : rest.length > 0 ? Buffer.concat([...rest, piece]) : piece;
  for await (const chunk of createReadStream(file, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield { line, bytes: joined(chunk.subarray(from, end)) };
      rest = [];
      length = 0;
      line += 1;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    length += chunk.length - from;
    if (length > longest) rest = [];
    else rest.push(chunk.subarray(from));
  }
  if (length > 0) yield { line, bytes: joined(Buffer.alloc(0)) };
}
