import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import type { Parameters } from "@/trainer/io/safetensors";
import { findCheckpoint, type Job, type LoopConfig, type Trained, trainLoop } from "@/trainer/loop/trainLoop";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray } from "@/trainer/runtime/tree";

/** Trained and frozen parameters: loss = mean((x·F·W − y)²), F frozen, W trained. */
let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const root = mkdtempSync(join(tmpdir(), "frozen-"));
const F = float32([1, 2, 0, -1, 0.5, 3], [2, 3]);
const W = float32([0.5, -1, 2], [3, 1]);
const x = [
  [1, 2],
  [0, -1],
  [2, 0.5],
  [-1, 1],
];
const y = [1, 0, -1, 2];
const rate = 0.1;

const config = (name: string): LoopConfig => ({
  output: join(root, name),
  optimizer: {
    algorithm: "adamw",
    learningRate: rate,
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    warmupRatio: 0,
    schedule: "constant",
  },
  evalEvery: 2,
  checkpointEvery: 2,
  keepCheckpoints: 2,
  keep: "last",
  divergenceFactor: 5,
});

/** Each step in as many batches as `parts`. */
function job(parts: number, frozen: Parameters | null = { F }, seen: Parameters[] = []): Job {
  const size = x.length / parts;
  return {
    parameters: frozen ? { W } : { F, W },
    ...(frozen && { frozen }),
    objective: (p, batch) => {
      const hidden = tf.matMul(batch.x as tf.Tensor2D, p.F as tf.Tensor2D);
      const error = tf.sub(tf.matMul(hidden, p.W as tf.Tensor2D), batch.y as tf.Tensor);
      return { loss: tf.mul(tf.sum(tf.square(error)), 1 / x.length), metrics: {} };
    },
    totalSteps: 6,
    stepsPerEpoch: 6,
    batches: () => ({
      batches: Array.from({ length: parts }, (_, i) => ({
        x: float32(x.slice(i * size, (i + 1) * size).flat(), [size, 2]),
        y: float32(y.slice(i * size, (i + 1) * size), [size, 1]),
      })),
      tokens: 1,
    }),
    evaluate: async (p) => {
      seen.push(p);
      return { metrics: { eval_loss: 1 / seen.length }, intervals: {}, pairs: 1, prompts: 1 };
    },
    async *sample() {},
  };
}

async function run(it: Job, at: LoopConfig, until = Number.POSITIVE_INFINITY): Promise<Trained | null> {
  const loop = trainLoop(it, at, provider, findCheckpoint(at, it));
  for (;;) {
    const { value, done } = await loop.next();
    if (done) return value;
    const event: RunEvent = value;
    if (event.type !== "checkpoint" || event.step < until) continue;
    await loop.return(undefined as never);
    return null;
  }
}

/** AdamW on W alone, from the paper, in double precision. */
function byHand(steps: number): number[] {
  const f = Array.from(F.data);
  const h = x.map(([a = 0, b = 0]) => [0, 1, 2].map((j) => a * (f[j] as number) + b * (f[3 + j] as number)));
  const w = Array.from(W.data);
  const [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ] as [number[], number[]];
  for (let t = 1; t <= steps; t++) {
    const errors = h.map((row, i) => row.reduce((s, a, j) => s + a * (w[j] as number), 0) - (y[i] as number));
    const raw = w.map(
      (_, j) => (2 / x.length) * h.reduce((s, row, i) => s + (row[j] as number) * (errors[i] as number), 0),
    );
    const norm = Math.hypot(...raw);
    raw.forEach((g0, j) => {
      const g = g0 * Math.min(1, 1 / (norm + 1e-6));
      m[j] = 0.9 * (m[j] as number) + 0.1 * g;
      v[j] = 0.999 * (v[j] as number) + 0.001 * g * g;
      const [mHat, vHat] = [(m[j] as number) / (1 - 0.9 ** t), (v[j] as number) / (1 - 0.999 ** t)];
      w[j] = (w[j] as number) - rate * (mHat / (Math.sqrt(vHat) + 1e-8) + 0.1 * (w[j] as number));
    });
  }
  return w;
}

const data = (array: HostArray | undefined) => Array.from(array?.data ?? []);

test.each([1, 2])(
  "in %i batches a step, what is trained moves as by hand and what is frozen keeps its bits",
  async (parts) => {
    const seen: Parameters[] = [];
    const before = F.data.slice();
    const trained = await run(job(parts, { F }, seen), config(`hand${parts}`));
    expect(Object.keys(trained?.parameters ?? {})).toEqual(["W"]);
    const expected = byHand(6);
    for (const [i, w] of data(trained?.parameters.W).entries()) expect(w).toBeCloseTo(expected[i] as number, 5);
    expect(F.data).toEqual(before);
    expect(seen.length).toBeGreaterThan(3);
    for (const p of seen) expect(p.F?.data).toBe(F.data);
  },
);

test("a checkpoint holds the trained ones alone, and a resumed run ends on the same bits", async () => {
  const [whole, cut] = [config("whole"), config("cut")];
  const straight = await run(job(1), whole);
  await run(job(1), cut, 2);
  const checkpoint = findCheckpoint(cut, job(1));
  for (const part of ["p", "m", "v"] as const) expect(Object.keys(checkpoint?.[part] ?? {})).toEqual(["W"]);
  expect(Object.keys(checkpoint?.best?.p ?? {})).toEqual(["W"]);
  expect(data((await run(job(1), cut))?.parameters.W)).toEqual(data(straight?.parameters.W));
});

test("a checkpoint over other frozen weights is none", async () => {
  const at = config("other");
  await run(job(1), at, 2);
  const other = float32([1, 2, 0, -1, 0.5, Math.fround(3.0000002)], [2, 3]);
  expect(findCheckpoint(at, job(1))).not.toBeNull();
  expect(findCheckpoint(at, job(1, { F: other }))).toBeNull();
});
