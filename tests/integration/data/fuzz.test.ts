import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DomainError } from "@/server/domain/errors";
import { RowReader } from "@/server/domain/imports/readRow";
import { removeUpload } from "@/server/services/imports.parts";
import { readRows } from "@/server/services/imports.reader";
import { recognise } from "@/server/services/imports.recognise";
import { unpack } from "@/server/services/imports.unpack";
import { fuzzed, fuzzTimeout } from "../../helpers/fuzz";
import { fixture } from "./dataHelpers";

const total = fuzzed(600);

/** Marsaglia's xorshift32: the same mutations everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const names = [
  "arena.jsonl",
  "bad_rows.jsonl",
  "helpsteer3.jsonl",
  "pandalm.json",
  "semicolons.csv",
  "sharegpt_ranking.json",
  "two_responses.csv",
  "ultrafeedback.jsonl",
  "pairs.jsonl.zst",
  "pairs.snappy.parquet",
  "pairs.zstd.parquet",
  "pairs.gzip.parquet",
];
const originals = [...names.map((name) => readFileSync(fixture(name))), gzipSync(readFileSync(fixture("arena.jsonl")))];

/** A few bytes changed, removed, doubled or cut off. */
function mutated(original: Buffer, below: (n: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let n = 1 + below(4); n > 0 && bytes.length > 1; n--) {
    const at = below(bytes.length);
    const length = 1 + below(Math.min(64, bytes.length - at));
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    else if (kind === 3) bytes = bytes.subarray(0, at);
    else bytes.fill([0, 255, 0x22, 0x5b, 0x7d][below(5)] as number, at, at + Math.min(length, 8));
  }
  return bytes;
}

test(`${total} mutated files are read or refused with a reason, and none crashes`, {
  timeout: fuzzTimeout,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  let refused = 0;
  let pairs = 0;
  for (let i = 0; i < total; i++) {
    const bytes = mutated(originals[i % originals.length] as Buffer, random(i * 7919 + 1));
    const file = join(folder, String(i));
    writeFileSync(file, bytes);
    try {
      await unpack(file, "fuzzed");
      const { format, mapping } = await recognise(file, "fuzzed");
      const reader = new RowReader(mapping);
      const count = (outcomes: ReturnType<RowReader["push"]>) => {
        pairs += outcomes.filter((outcome) => "pair" in outcome).length;
      };
      for await (const read of readRows(file, "fuzzed", format)) count(reader.push(read));
      count(reader.flush());
    } catch (error) {
      if (!(error instanceof DomainError)) throw new Error(`file ${i}`, { cause: error });
      expect(error.details.reason, `file ${i}`).toMatch(/\w/);
      refused += 1;
    } finally {
      await removeUpload(file);
    }
  }
  // Both must happen often, or the mutations say nothing.
  expect(refused).toBeGreaterThan(total / 20);
  expect(pairs).toBeGreaterThan(total / 5);
});
