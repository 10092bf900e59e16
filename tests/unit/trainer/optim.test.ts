import { beforeAll, expect, test } from "vitest";
import type { OptimizerConfig } from "@/trainer/contracts/runConfig";
import { batchIndices } from "@/trainer/data/batches";
import { bootstrapByGroup } from "@/trainer/loop/bootstrap";
import { wilsonInterval } from "@/trainer/loop/wilson";
import { adamw, clipByGlobalNorm, globalNorm } from "@/trainer/optim/adamw";
import { muon, orthogonalised } from "@/trainer/optim/muon";
import { learningRate } from "@/trainer/optim/schedule";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";

beforeAll(async () => {
  await openProvider("wasm");
});

const config: OptimizerConfig = {
  algorithm: "adamw",
  learningRate: 0.1,
  weightDecay: 0.5,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  maxGradNorm: 1,
  warmupRatio: 0.2,
  schedule: "cosine",
};

test("three AdamW steps equal the paper's algorithm in plain numbers; decay touches matrices only", () => {
  const gradients = [0.3, -0.2, 0.7];
  for (const shape of [[1, 1], [1]]) {
    const decay = shape.length > 1 ? config.weightDecay : 0;
    let [p, m, v] = [2, 0, 0];
    let state = {
      p: { w: tf.fill(shape, 2) as tf.Tensor },
      m: { w: tf.zeros(shape) as tf.Tensor },
      v: { w: tf.zeros(shape) as tf.Tensor },
    };
    gradients.forEach((g, i) => {
      const t = i + 1;
      m = 0.9 * m + 0.1 * g;
      v = 0.99 * v + 0.01 * g * g;
      p = p - 0.1 * decay * p - (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.99 ** t)) + 1e-8);
      const control = {
        rate: tf.scalar(0.1),
        correction1: tf.scalar(1 / (1 - 0.9 ** t)),
        correction2: tf.scalar(1 / (1 - 0.99 ** t)),
      };
      const next = adamw(state.p, { w: tf.fill(shape, g) }, { m: state.m, v: state.v }, control, config);
      state = next as typeof state;
    });
    expect(state.p.w.dataSync()[0]).toBeCloseTo(p, 4);
  }
});

/** Largest and smallest |Xᵀu| over many unit vectors u: between them lie no singular values outside theirs. */
function stretchOf(x: tf.Tensor, trials = 200): [number, number] {
  const short = Math.min(...x.shape);
  const wide = (x.shape[0] as number) > (x.shape[1] as number) ? tf.transpose(x) : x;
  const u = tf.randomNormal([trials, short], 0, 1, "float32", 3);
  const unit = tf.div(u, tf.norm(u, 2, 1, true));
  const lengths = tf.norm(tf.matMul(unit as tf.Tensor2D, wide as tf.Tensor2D), 2, 1).dataSync();
  return [Math.min(...lengths), Math.max(...lengths)];
}

test("Muon's direction has singular values near 1 and points the way that UVᵀ does, tall or wide", () => {
  for (const shape of [
    [6, 40],
    [40, 6],
  ] as [number, number][]) {
    const g = tf.mul(tf.randomNormal(shape, 0, 1, "float32", 7), 100);
    const [low, high] = stretchOf(orthogonalised(g));
    expect(low).toBeGreaterThan(0.65);
    expect(high).toBeLessThan(1.25);
  }
  // U = V = 1, Σ = diag(9, 4): UVᵀ is the identity, and nothing is off the diagonal.
  const [first, offDiagonal, , second] = orthogonalised(tf.tensor2d([9, 0, 0, 4], [2, 2])).dataSync();
  expect(first).toBeCloseTo(1, 0);
  expect(second).toBeCloseTo(1, 0);
  expect(offDiagonal).toBeCloseTo(0, 5);
});

test("Muon moves hidden matrices by 0.2·√longer side times the direction; everything else as AdamW does", () => {
  const name = "model.layers.0.mlp.up_proj.weight";
  const p = { [name]: tf.ones([2, 8]), "model.embed_tokens.weight": tf.ones([3, 2]) };
  const g = { [name]: tf.randomNormal([2, 8], 0, 1, "float32", 1), "model.embed_tokens.weight": tf.ones([3, 2]) };
  const blank = () => Object.fromEntries(Object.entries(p).map(([key, x]) => [key, tf.zerosLike(x)]));
  const control = { rate: tf.scalar(0.1), correction1: tf.scalar(10), correction2: tf.scalar(100) };
  const moments = { m: blank(), v: blank() };
  const next = muon(p, g, moments, control, config);
  // Decoupled decay: 1 − 0.1 · 0.5; the first Nesterov direction is that of the gradient itself.
  const expected = tf.sub(0.95, tf.mul(orthogonalised(g[name] as tf.Tensor), 0.1 * 0.2 * Math.sqrt(8)));
  expect(tf.max(tf.abs(tf.sub(next.p[name] as tf.Tensor, expected))).dataSync()[0]).toBeLessThan(1e-4);
  const adam = adamw(p, g, moments, control, config);
  const same = "model.embed_tokens.weight";
  expect(Array.from(next.p[same]?.dataSync() ?? [])).toEqual(Array.from(adam.p[same]?.dataSync() ?? []));
  expect(Object.keys(next.p)).toEqual(Object.keys(p));
});

test("gradients (3, 4) have norm 5 and are clipped to length 1; short ones are left alone", () => {
  const clip = (x: number, y: number) => {
    const g = { a: tf.tensor1d([x]), b: tf.tensor1d([y]) };
    const clipped = clipByGlobalNorm(g, globalNorm(g), 1);
    return [clipped.a?.dataSync()[0], clipped.b?.dataSync()[0]] as number[];
  };
  expect(clip(3, 4)[0]).toBeCloseTo(0.6, 5);
  expect(clip(3, 4)[1]).toBeCloseTo(0.8, 5);
  expect(clip(0.3, 0.4)[1]).toBeCloseTo(0.4, 5);
});

test("ten steps with a fifth of warm-up: half, full, then down the cosine to nothing", () => {
  const rate = (step: number) => learningRate(config, step, 10);
  expect(rate(1)).toBeCloseTo(0.05);
  expect(rate(2)).toBeCloseTo(0.1);
  expect(rate(6)).toBeCloseTo(0.05);
  expect(rate(10)).toBeCloseTo(0);
  expect(learningRate({ ...config, schedule: "linear" }, 6, 10)).toBeCloseTo(0.05);
});

test("resampling by prompt: one prompt gives no spread, 100 independent ones about ±1.96·√(¼/100)", () => {
  const values = Array.from({ length: 100 }, (_, i) => i % 2);
  expect(
    bootstrapByGroup(
      values,
      values.map(() => "same"),
      1,
    ),
  ).toEqual([0.5, 0.5]);
  const [low, high] = bootstrapByGroup(
    values,
    values.map((_, i) => `p${i}`),
    1,
  );
  expect(low).toBeGreaterThan(0.36);
  expect(low).toBeLessThan(0.44);
  expect(high - low).toBeGreaterThan(0.15);
  expect(high - low).toBeLessThan(0.24);
});

test.each([true, false])("an epoch shows every pair once, another order for another seed; alike: %s", (alike) => {
  const lengths = Array.from({ length: 23 }, (_, i) => (i * 7) % 11);
  const epoch = (seed: number, from: number) =>
    Array.from({ length: 6 }, (_, i) => batchIndices(lengths, { batchSize: 4, seed, alike }, from + i));
  const all = lengths.map((_, i) => i);
  const sorted = (batches: number[][]) => batches.flat().toSorted((a, b) => a - b);
  for (const from of [1, 7]) expect(sorted(epoch(3, from))).toEqual(all);
  expect(epoch(3, 1)).toEqual(epoch(3, 1));
  expect(epoch(3, 1)).not.toEqual(epoch(4, 1));
  expect(epoch(3, 1)).not.toEqual(epoch(3, 7));
  const spread = (batch: number[]) =>
    Math.max(...batch.map((i) => lengths[i] as number)) - Math.min(...batch.map((i) => lengths[i] as number));
  expect(epoch(3, 1).every((batch) => spread(batch) <= 3)).toBe(alike);
});

test("Wilson's interval has the published values, and says something where all or none are right", () => {
  // Brown, Cai & DasGupta 2001's formula by hand; the last two are n/(n + z²) and z²/(n + z²).
  const expected: [number, number, number, number][] = [
    [0.5, 10, 0.2366, 0.7634],
    [0.8, 10, 0.4902, 0.9433],
    [1, 10, 0.7225, 1],
    [0, 10, 0, 0.2775],
  ];
  for (const [share, n, low, high] of expected) {
    const [a, b] = wilsonInterval(share, n);
    expect(a).toBeCloseTo(low, 4);
    expect(b).toBeCloseTo(high, 4);
  }
});
