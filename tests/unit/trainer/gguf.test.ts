import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TrainerError } from "@/trainer/contracts/error";
import { Random } from "@/trainer/data/random";
import { floatToHalf } from "@/trainer/io/floats";
import { quantisations } from "@/trainer/io/gguf/dequantise";
import { readGguf } from "@/trainer/io/gguf/model";
import { fuzzed, fuzzTimeout } from "../../helpers/fuzz";
import { type GgufTensorEntry, ggufFile } from "../../helpers/ggufFile";
import { tinyGgufParts, tinyQwen } from "../../helpers/tinyGguf";

const quantisation = (name: string) => {
  const found = [...quantisations.values()].find((q) => q.name === name);
  if (!found) throw new Error(name);
  return found;
};

/** Where scales lie that do not lie in front, from the block's end. */
const placesOfScales: Record<string, number[]> = { Q2_K: [4, 2], Q3_K: [2], Q6_K: [2] };

/** Three blocks of bytes by a formula, with scales (and minima, where a block has them) that halves hold exactly. */
function blocksOf(name: string): Uint8Array {
  const { bytes } = quantisation(name);
  const data = Uint8Array.from({ length: 3 * bytes }, (_, i) => i * i * 31 + i * 73 + 41);
  const places = placesOfScales[name]?.map((place) => bytes - place) ?? (/_1|[45]_K/.test(name) ? [0, 2] : [0]);
  const scales = [
    [0.25, -1.5, 0.0625],
    [2.5, 0.375, -8],
  ];
  places.forEach((place, k) => {
    scales[k]?.forEach((scale, r) => {
      new DataView(data.buffer).setUint16(r * bytes + place, floatToHalf(scale), true);
    });
  });
  return data;
}

// By PyPI's gguf 0.19, quants.py: the first four and the last three numbers, and the SHA-256 of all as float32.
const golden: Record<string, readonly [first: number[], last: number[], sha256: string]> = {
  Q4_0: [[-0.25, 0.75, 1.25, 1.25], [0.125, -0.125, -0.125], "29272bb094d940aa"],
  Q4_1: [[5.75, 5.75, 5.25, 4.25], [-7.1875, -8.0, -7.5], "657b1c10e5b71ff0"],
  Q5_0: [[2.75, 1.75, 0.25, -1.75], [0.6875, 0.375, 0.3125], "90e6d20ccbb0a31e"],
  Q5_1: [[6.75, 4.75, 10.25, 7.25], [-6.6875, -7.5625, -7.1875], "d5d5c119eb5aa9d3"],
  Q8_0: [[13.75, 6.75, 15.25, -24.75], [3.6875, -6.1875, 3.8125], "7cc3f7f30698801e"],
  Q2_K: [[-2.75, -2.75, 1.75, 1.75], [80.875, 80.4375, 80.4375], "b330a8cba8967093"],
  Q3_K: [[-1.75, -1.75, -5.25, -5.25], [-1.8125, 0, 3.625], "acc0869b36eba3e8"],
  Q4_K: [[14.75, -107.25, -15.75, 45.25], [149.3125, 128.0, 143.5], "618adb7ba6094879"],
  Q5_K: [[258.75, 136.75, 228.25, 289.25], [115.6875, 109.125, 105.375], "3d0281a795c2295f"],
  Q6_K: [[40.25, 86.25, -132.25, -155.25], [-167.1875, -127.0625, -167.1875], "4e05858f3cd70413"],
};

test.each(Object.entries(golden))("%s is read as the reference reads it, bit for bit", (name, [first, last, sha]) => {
  const { numbers, decode } = quantisation(name);
  const out = new Float32Array(3 * numbers);
  decode(blocksOf(name), out);
  expect([...out.subarray(0, 4)]).toEqual(first);
  expect([...out.subarray(-3)]).toEqual(last);
  expect(createHash("sha256").update(new Uint8Array(out.buffer)).digest("hex").slice(0, 16)).toBe(sha);
});

const folder = mkdtempSync(join(tmpdir(), "gguf-"));
const path = join(folder, "model.gguf");
const model = tinyQwen();
const { metadata, tensors, tokens } = tinyGgufParts(model);

test("a file written from the format's description gives its parameters, its tokenizer and its template", () => {
  writeFileSync(path, ggufFile(metadata, tensors));
  const read = readGguf(path);
  expect(read.config).toMatchObject({ family: "qwen2", tied: true, hiddenSize: 16, eosId: tokens.length - 1 });
  expect(read.parameters).toEqual(model.parameters);
  expect(read.tokenizer.encode("the cat sat")).toEqual(model.tokenizer.encode("the cat sat"));
  expect(read.tokenizer.encode("<|endoftext|>", { special: true })).toEqual([tokens.length - 1]);
  expect(read.eosToken).toBe("<|endoftext|>");
  expect(read.chatTemplate).toBe("{{ messages[0]['content'] }}");
});

const first = tensors[0] as GgufTensorEntry;
const rest = tensors.slice(1);
const swap = (change: Partial<GgufTensorEntry>) => ggufFile(metadata, [{ ...first, ...change }, ...rest]);
const patched = (position: number, value: bigint) => {
  const bytes = ggufFile(metadata, tensors);
  bytes.writeBigUInt64LE(value, position);
  return bytes;
};
const without = (key: string) => {
  const { [key]: _, ...others } = metadata;
  return ggufFile(others, tensors);
};
const hostile: Record<string, () => Buffer> = {
  empty: () => Buffer.alloc(0),
  "another format": () => Buffer.alloc(100, "PK"),
  "version 1": () => Buffer.concat([Buffer.from("GGUF\u0001\0\0\0"), Buffer.alloc(40)]),
  "2⁶³ tensors": () => patched(8, 2n ** 63n),
  "2⁶⁴ − 1 entries": () => patched(16, 2n ** 64n - 1n),
  "a key of 2⁴⁰ bytes": () => patched(24, 2n ** 40n),
  "cut in its header": () => ggufFile(metadata, tensors).subarray(0, 200),
  "cut in its tensors": () => ggufFile(metadata, tensors).subarray(0, -64),
  "a tensor beyond the end": () => swap({ offset: 2 ** 40 }),
  "a tensor between alignments": () => swap({ offset: 5 }),
  "two tensors in one place": () => ggufFile(metadata, [first, ...rest.map((t) => ({ ...t, offset: 0 }))]),
  "sizes whose product is beyond any integer": () => swap({ dimensions: [2 ** 50, 2 ** 50] }),
  "a type that does not exist": () => swap({ type: 99 }),
  "rows that are no whole blocks": () => swap({ type: 12 }),
  "seven dimensions": () => swap({ dimensions: [1, 1, 1, 1, 1, 1, 1] }),
  "another shape": () => swap({ dimensions: [8, 540] }),
  "no architecture": () => without("general.architecture"),
  "no tokenizer": () => without("tokenizer.ggml.tokens"),
  "no layers": () => without("qwen2.block_count"),
  "ten million layers": () => ggufFile({ ...metadata, "qwen2.block_count": ["uint32", 10_000_000] }, tensors),
  "an odd alignment": () => ggufFile({ ...metadata, "general.alignment": ["uint32", 7] }, tensors),
};

test.each(Object.entries(hostile))("a hostile file, %s, is an error that names it", (_, bytes) => {
  writeFileSync(path, bytes());
  expect(() => readGguf(path)).toThrow(TrainerError);
  expect(() => readGguf(path)).toThrow(path);
});

const damaged = fuzzed(400);

test(`${damaged} files with random damage are read or refused, never anything else`, { timeout: fuzzTimeout }, () => {
  const random = new Random(13);
  const good = ggufFile(metadata, tensors);
  const header = good.length - tensors.reduce((sum, t) => sum + Math.ceil(t.data.length / 32) * 32, 0);
  let refused = 0;
  for (let i = 0; i < damaged; i++) {
    let bytes = Buffer.from(good);
    for (let n = 1 + random.below(4); n > 0; n--) bytes[random.below(header)] = random.below(256);
    if (random.below(4) === 0) bytes = bytes.subarray(0, random.below(bytes.length));
    writeFileSync(path, bytes);
    try {
      readGguf(path);
    } catch (error) {
      expect(error, `file ${i}`).toBeInstanceOf(TrainerError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(damaged / 4);
});
