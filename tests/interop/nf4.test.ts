import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import { inNf4, nf4Tensors, outOfNf4 } from "@/trainer/io/nf4/stored";
import { float32, type HostArray } from "@/trainer/runtime/tree";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with torch and bitsandbytes.");

const bytes = ({ data }: HostArray) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

test.skipIf(!python)("blocks, scales, tables and numbers in NF4 are bitsandbytes' own to the byte", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "bnb-"));
  const random = new Random(2);
  const shapes = { square: [576, 576], wide: [192, 576], small: [48, 64], odd: [3, 100] };
  const matrices = Object.entries(shapes).map(([name, shape]) => {
    const [rows, columns] = shape as [number, number];
    const data = Float32Array.from({ length: rows * columns }, () => 0.03 * random.normal());
    if (name === "small") data.fill(0, 0, 64);
    writeFileSync(join(folder, `${name}.bin`), Buffer.from(data.buffer));
    return { name, weight: float32(data, shape) };
  });
  writeFileSync(join(folder, "shapes.json"), JSON.stringify(shapes));
  const run = spawnSync(python as string, [resolve("tests/interop/nf4.py"), folder], { encoding: "utf8" });
  if (run.status === 3) skip("bitsandbytes is not installed for TIEBREAK_PEER_PYTHON");
  expect(run.status, run.stderr).toBe(0);
  for (const { name, weight } of matrices) {
    const [output, input] = weight.shape as [number, number];
    const projection = { name, input, output, bias: false };
    const parts = inNf4(name, weight);
    const theirs = (part: string) => readFileSync(join(folder, `${name}.${part}`));
    // The order of a float32 sum decides the last bit of the scales' mean: with theirs all else is the same.
    const state = JSON.parse(theirs("quant_state.bitsandbytes__nf4").toString()) as { nested_offset: number };
    const offset = parts[`${name}.weight.nested_offset`] as HostArray;
    expect(Math.abs((offset.data[0] as number) / state.nested_offset - 1)).toBeLessThan(2e-7);
    offset.data[0] = state.nested_offset;
    for (const [key, array] of Object.entries(nf4Tensors(parts, projection, "float32"))) {
      const part = key === `${name}.weight` ? "weight" : key.slice(`${name}.weight.`.length);
      if (part === "nested_absmax") {
        const largest = new Float32Array(new Uint8Array(theirs(part)).buffer);
        for (const [i, x] of largest.entries()) expect((array.data[i] as number) / x).toBeCloseTo(1, 5);
        array.data.set(largest);
      } else expect(bytes(array).equals(theirs(part)), `${name} ${part}`).toBe(true);
    }
    expect(bytes(outOfNf4(parts, projection)).equals(theirs("dequantised")), name).toBe(true);
  }
});
