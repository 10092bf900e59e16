import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Compiled, Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { categorical, dropout, gumbel, randomBits, randomUniform } from "@/trainer/runtime/random";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray, int32 } from "@/trainer/runtime/tree";

const providers = {} as Record<"onnx-cpu" | "wasm", Provider>;
beforeAll(async () => {
  for (const name of ["onnx-cpu", "wasm"] as const) providers[name] = await openProvider(name);
});
afterAll(() => Promise.all(Object.values(providers).map((p) => p.close())));

const seed = (value: number) => int32([value], []);
const compile = (provider: Provider, program: (...x: never[]) => tf.Tensor, ...inputs: HostArray[]) =>
  provider.compile(program as never, inputs as never) as unknown as Promise<Compiled<never, tf.Tensor>>;

/** Runs a program once on one provider. */
async function values(provider: Provider, program: (...x: never[]) => tf.Tensor, ...inputs: HostArray[]) {
  const compiled = await compile(provider, program, ...inputs);
  const { data } = (await compiled.run(inputs as never)) as HostArray;
  await compiled.dispose();
  return Array.from(data);
}

/** Uniform numbers of several seeds, from one compiled program. */
async function draws(n: number, seeds: readonly number[], stream = 0): Promise<number[][]> {
  const program = (s: tf.Tensor) => randomUniform(s, [n], stream);
  const compiled = await compile(providers["onnx-cpu"], program as never, seed(0));
  const out: number[][] = [];
  for (const s of seeds) out.push(Array.from(((await compiled.run([seed(s)] as never)) as HostArray).data));
  await compiled.dispose();
  return out;
}

function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, n, i) => sum + (n - (expected[i] as number)) ** 2 / (expected[i] as number), 0);
}

/** Standard normal score of a χ² value with `df` degrees of freedom (Wilson & Hilferty 1931). */
const score = (chi: number, df: number) => (Math.cbrt(chi / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));

function histogram(places: readonly number[], bins: number): number[] {
  const counts = Array<number>(bins).fill(0);
  for (const place of places) counts[place] = (counts[place] as number) + 1;
  return counts;
}

/** |score| of places that should be uniform over `bins`. 4 is passed by chance once in 16,000. */
const uniformity = (places: readonly number[], bins: number) =>
  Math.abs(score(chiSquare(histogram(places, bins), Array(bins).fill(places.length / bins)), bins - 1));

const bin = (u: number, bins: number) => Math.floor(u * bins);
const pairs = (a: readonly number[], b: readonly number[], bins: number) =>
  a.map((u, i) => bin(u, bins) * bins + bin(b[i] as number, bins));

/** The hash once more, in plain 32-bit integers. */
function plainBits(seedValue: number, n: number, stream: number): number[] {
  const hash = (x: number, key: number) => {
    let state = x;
    for (const constant of [0x7feb352d, 0x846ca68b, 0x9e3779b1, 0x2c1b3c6d]) {
      const sum = (Math.imul(state, 2 * state + 1) + Math.imul(key, constant)) | 0;
      state = ((sum << 16) + ((sum & 0x7fffffff) >> 15)) | 0;
    }
    return state & 0x7fffffff;
  };
  const key = 2 * hash(stream, 2 * hash(seedValue, 1) + 1) + 1;
  return Array.from({ length: n }, (_, i) => hash(i, key));
}

describe("random numbers inside a program", () => {
  test.each(["onnx-cpu", "wasm"] as const)("%s draws the bits of the hash in plain integers", async (name) => {
    for (const [s, stream] of [
      [0, 0],
      [1, 3],
      [-7, 1],
      [2 ** 31 - 1, 100],
    ] as const) {
      const program = (x: tf.Tensor) => randomBits(x, [5, 40], stream);
      expect(await values(providers[name], program as never, seed(s))).toEqual(plainBits(s, 200, stream));
    }
  });

  test("are between 0 and 1 and uniform under every seed tried", async () => {
    for (const u of await draws(1 << 16, [0, 1, 2, 3, -1, 12345, 2 ** 31 - 1, -(2 ** 31)])) {
      expect(Math.min(...u)).toBeGreaterThan(0);
      expect(Math.max(...u)).toBeLessThan(1);
      expect(
        uniformity(
          u.map((x) => bin(x, 256)),
          256,
        ),
      ).toBeLessThan(4);
      // The low bits too.
      expect(
        uniformity(
          u.map((x) => bin(x, 1 << 23) & 255),
          256,
        ),
      ).toBeLessThan(4);
    }
  });

  test("neighbours, neighbouring seeds and streams are independent", async () => {
    const n = 1 << 16;
    const [a = [], b = []] = await draws(n, [41, 42]);
    const [other = []] = await draws(n, [41], 1);
    for (const lag of [1, 2, 3, 64, 256, 1000]) {
      expect(uniformity(pairs(a.slice(0, n - lag), a.slice(lag), 16), 256), `lag ${lag}`).toBeLessThan(4);
    }
    expect(uniformity(pairs(a, b, 16), 256)).toBeLessThan(4);
    expect(uniformity(pairs(a, other, 16), 256)).toBeLessThan(4);
    expect(uniformity(pairs(b, other, 16), 256)).toBeLessThan(4);
  });

  test("one element over many seeds is uniform, and independent of the next seed's", async () => {
    const seeds = Array.from({ length: 4096 }, (_, i) => i);
    const rows = await draws(4, seeds);
    for (const element of [0, 3]) {
      const u = rows.map((row) => row[element] as number);
      expect(
        uniformity(
          u.map((x) => bin(x, 64)),
          64,
        ),
      ).toBeLessThan(4);
      expect(uniformity(pairs(u.slice(1), u.slice(0, -1), 8), 64)).toBeLessThan(4);
    }
  });

  test("dropout keeps its share, scales what it keeps, and its gradient is the same mask", async () => {
    const x = float32(new Float32Array(20_000).fill(3), [20_000]);
    const program = (input: tf.Tensor, s: tf.Tensor) => {
      const value = dropout(input, 0.25, s);
      return tf.stack([value, tf.grad((t) => tf.sum(dropout(t, 0.25, s)))(input)]);
    };
    const out = await values(providers["onnx-cpu"], program as never, x, seed(5));
    const [kept, gradient] = [out.slice(0, 20_000), out.slice(20_000)];
    expect([...new Set(kept)].sort()).toEqual([0, 4]);
    expect(gradient).toEqual(kept.map((v) => Math.fround(v / 3)));
    // 20,000 · 0.75 ± 4 standard deviations of 61.
    expect(Math.abs(kept.filter((v) => v > 0).length - 15_000)).toBeLessThan(245);
  });

  test("categorical draws follow the softmax, alike on both providers", async () => {
    const [n, p] = [20_000, [0.5, 0.3, 0.15, 0.05]];
    const logits = float32(Array.from({ length: n }, () => p.map(Math.log)).flat(), [n, 4]);
    const program = (z: tf.Tensor, s: tf.Tensor) => categorical(z, s);
    const drawn = await values(providers["onnx-cpu"], program as never, logits, seed(9));
    expect(
      Math.abs(
        score(
          chiSquare(
            histogram(drawn, 4),
            p.map((q) => q * n),
          ),
          3,
        ),
      ),
    ).toBeLessThan(4);
    expect(await values(providers.wasm, program as never, logits, seed(9))).toEqual(drawn);
  });

  test("Gumbel numbers have the mean γ and the variance π²/6", async () => {
    const program = (s: tf.Tensor) => gumbel(s, [100_000]);
    const g = await values(providers["onnx-cpu"], program as never, seed(17));
    const mean = g.reduce((a, b) => a + b, 0) / g.length;
    const variance = g.reduce((a, b) => a + (b - mean) ** 2, 0) / g.length;
    expect(mean).toBeCloseTo(0.5772, 1);
    expect(variance).toBeCloseTo(Math.PI ** 2 / 6, 1);
  });
});
