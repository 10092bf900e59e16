import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { TrainerError } from "@/trainer/contracts/error";
import { Random } from "@/trainer/data/random";
import { encodeSafetensors } from "@/trainer/io/safetensors";
import { readWeights, requireMemory, requireTrainingMemory } from "@/trainer/io/weights";
import { float32 } from "@/trainer/runtime/tree";
import { fuzzed, fuzzTimeout } from "../../helpers/fuzz";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weights-"));
});

const [a, b] = [float32([1, 2, 3, 4], [2, 2]), float32([5, 6], [2])];
const expected = { a: [2, 2], b: [2] };
const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
const index = (map: unknown) => write("model.safetensors.index.json", JSON.stringify({ weight_map: map }));

test("a model in several files is read by its index, in the order asked for", () => {
  write("model-00001-of-00002.safetensors", encodeSafetensors({ b }, "F16"));
  write("model-00002-of-00002.safetensors", encodeSafetensors({ a, other: b }, "F32"));
  index({ a: "model-00002-of-00002.safetensors", b: "model-00001-of-00002.safetensors" });
  const { parameters: read } = readWeights(folder, expected);
  expect(read).toEqual({ a, b });
  expect(Object.keys(read)).toEqual(["a", "b"]);
});

test("an index leads nowhere but into its own folder", () => {
  for (const map of [{ a: "../secret.safetensors" }, { a: "/etc/passwd" }, { a: 7 }, {}, null]) {
    index(map);
    expect(() => readWeights(folder, expected), JSON.stringify(map)).toThrow(/does not say which files/);
  }
});

test("GPT-2's first files, without a prefix and with masks, are read as the later ones", () => {
  write("model.safetensors", encodeSafetensors({ "wte.weight": a, "h.0.attn.bias": b }, "F32"));
  expect(readWeights(folder, { "transformer.wte.weight": [2, 2] }).parameters).toEqual({ "transformer.wte.weight": a });
});

test("a parameter that is missing, or of another shape, is named", () => {
  write("model.safetensors", encodeSafetensors({ a }, "F32"));
  expect(() => readWeights(folder, expected)).toThrow(/parameter b is missing/);
  expect(() => readWeights(folder, { a: [4] })).toThrow(/a has shape \[2,2\] where config.json says \[4\]/);
});

test("what does not fit into memory is refused with the arithmetic, before anything is read", () => {
  expect(() => requireMemory("model", 1.5e9, 4e9)).toThrow(
    "model does not fit: 1500.0 million parameters × 4 bytes = 6.00 GB, and 4.00 GB of memory is free.",
  );
  expect(() => requireMemory("model", 1e9, 4e9)).not.toThrow();
  expect(() => readWeights(folder, { a: [10_000_000, 10_000_000] })).toThrow(/does not fit/);
});

test("a run whose weights and moments do not fit is refused with the arithmetic", () => {
  // 36 bytes a parameter in all; 4 of them are there when it is asked.
  expect(() => requireTrainingMemory(1e9, 31.9e9)).toThrow(
    "This run does not fit: 1000.0 million trained parameters × 4 bytes × 9 (weights and both moments, three times) = 36.00 GB, of which 4.00 GB are there, and 31.90 GB of memory is free.",
  );
  expect(() => requireTrainingMemory(1e9, 32e9)).not.toThrow();
});

/** A safetensors file of this header before so many bytes of data. */
function file(header: string, data: number, length = BigInt(Buffer.byteLength(header))): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length);
  return Buffer.concat([size, Buffer.from(header), Buffer.alloc(data)]);
}
const entry = (shape: unknown, from: unknown, to: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: [from, to],
});
const of = (tensors: Record<string, unknown>, data: number) => file(JSON.stringify(tensors), data);

const hostile: Record<string, Buffer> = {
  empty: Buffer.alloc(0),
  "shorter than its length": Buffer.alloc(7),
  "a header of 2⁶⁴ − 1 bytes": file("{}", 0, 2n ** 64n - 1n),
  "a header one byte too long": file("{}", 0, 3n),
  "no JSON": file("{nonsense", 0),
  "a list": file("[1,2]", 0),
  null: file("null", 0),
  "an entry without offsets": of({ a: { dtype: "F32", shape: [1] } }, 4),
  "offsets past the end": of({ a: entry([2, 2], 0, 16) }, 12),
  "offsets that go backwards": of({ a: entry([2, 2], 16, 0) }, 16),
  "negative offsets": of({ a: entry([2, 2], -16, 0) }, 16),
  "fractions of bytes": of({ a: entry([2, 2], 0.5, 16.5) }, 17),
  "a shape with more numbers than bytes": of({ a: entry([1e9, 1e9], 0, 16) }, 16),
  "a shape beyond any integer": of({ a: entry([1e300, 1e300], 0, 16) }, 16),
  "two tensors in one place": of({ a: entry([2, 2], 0, 16), b: entry([2, 2], 0, 16) }, 16),
  "an overlap": of({ a: entry([2, 2], 0, 16), b: entry([2], 12, 20) }, 20),
  "a gap": of({ a: entry([2, 2], 0, 16), b: entry([2], 20, 28) }, 28),
  "bytes left over": of({ a: entry([2, 2], 0, 16) }, 20),
  "numbers of another type": of({ a: entry([2, 2], 0, 32, "F64"), b: entry([2], 32, 40) }, 40),
  "a name that is a prototype's": file(`{"__proto__":${JSON.stringify(entry([2, 2], 0, 16))}}`, 16),
};

test.each(Object.entries(hostile))("a hostile file, %s, is an error that names it", (_, bytes) => {
  write("model.safetensors", bytes);
  expect(() => readWeights(folder, expected)).toThrow(TrainerError);
  expect(() => readWeights(folder, expected)).toThrow(folder);
});

const damaged = fuzzed(500);

test(`${damaged} files with random damage are read or refused, never anything else`, { timeout: fuzzTimeout }, () => {
  const random = new Random(11);
  const good = Buffer.from(encodeSafetensors({ a, b }, "F32"));
  let refused = 0;
  for (let i = 0; i < damaged; i++) {
    let bytes = Buffer.from(good);
    for (let n = 1 + random.below(4); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256);
    if (random.below(4) === 0) bytes = bytes.subarray(0, random.below(bytes.length));
    write("model.safetensors", bytes);
    try {
      readWeights(folder, expected);
    } catch (error) {
      expect(error, bytes.toString("latin1")).toBeInstanceOf(TrainerError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(damaged / 2);
  rmSync(folder, { recursive: true });
  expect(() => readFileSync(join(folder, "model.safetensors"))).toThrow();
});
