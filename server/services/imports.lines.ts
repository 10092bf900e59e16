import { createReadStream } from "node:fs";

/** A file's lines, numbered from 1. Splits at "\n" only: JSON may hold U+2028, which Node's readline takes for the end of a line. */
export async function* readLines(file: string): AsyncGenerator<{ line: number; bytes: Buffer }> {
  let line = 1;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      yield { line, bytes: rest.length > 0 ? Buffer.concat([...rest, piece]) : piece };
      rest = [];
      line += 1;
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield { line, bytes: Buffer.concat(rest) };
}
