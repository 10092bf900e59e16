import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { floatToHalf, halfToFloat } from "@/trainer/io/floats";
import { encodeSafetensors, readSafetensors } from "@/trainer/io/safetensors";
import { float32 } from "@/trainer/runtime/tree";

const file = join(mkdtempSync(join(tmpdir(), "safetensors-")), "model.safetensors");

// IEEE 754-2019's binary16: 1 = 0x3c00, 65504 the largest, 2⁻²⁴ the smallest; 1 + 2⁻¹¹ is a tie and goes to even.
test("half precision: known bit patterns, rounding to even, subnormals, overflow", () => {
  const known: [number, number][] = [
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -24, 0x0001],
    [2 ** -14, 0x0400],
    [1 / 3, 0x3555],
    [0, 0],
  ];
  for (const [value, bits] of known) expect(floatToHalf(value), String(value)).toBe(bits);
  expect(floatToHalf(1 + 2 ** -11)).toBe(0x3c00);
  expect(floatToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(floatToHalf(70_000)).toBe(0x7c00);
});

test("every finite half survives the way to float and back", () => {
  for (let bits = 0; bits < 0x7c00; bits++) expect(floatToHalf(halfToFloat(bits))).toBe(bits);
});

test("a file written by hand from the format's definition is read: length, header, little-endian data; BF16 too", () => {
  const header = Buffer.from(
    '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}',
  );
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  writeFileSync(file, Buffer.concat([length, header, Buffer.from([0, 0, 128, 63, 0, 0, 0, 192, 0x20, 0xc1])]));
  const { w, b } = readSafetensors(file);
  expect([...(w?.data ?? [])]).toEqual([1, -2]);
  expect([...(b?.data ?? [])]).toEqual([-10]);
});

test("what is written is read again, and a cut file is refused by name", () => {
  const bytes = encodeSafetensors({ a: float32([1, 2, 3, 4, 5, 6], [2, 3]) }, "F32");
  writeFileSync(file, bytes);
  expect(readSafetensors(file).a).toEqual(float32([1, 2, 3, 4, 5, 6], [2, 3]));
  writeFileSync(file, bytes.subarray(0, bytes.length - 4));
  expect(() => readSafetensors(file)).toThrow(/has 20 bytes for a where its shape needs 24/);
});
