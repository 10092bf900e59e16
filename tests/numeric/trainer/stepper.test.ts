import { afterAll, beforeAll, expect, test } from "vitest";
import { blank, type HostBatch, type State, Stepper } from "@/trainer/loop/stepper";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { float32 } from "@/trainer/runtime/tree";

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const optimizer = {
  algorithm: "adamw",
  learningRate: 0.1,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  warmupRatio: 0,
  schedule: "constant",
} as const;
const [xs, ys] = [
  [1, 2, -1, 3],
  [2, 1, 0, -1],
];

/** The four examples in so many batches of equal size, each example a quarter of the loss. */
function batches(parts: number): HostBatch[] {
  const size = xs.length / parts;
  return Array.from({ length: parts }, (_, i) => {
    const of = (values: readonly number[]) => float32(values.slice(i * size, (i + 1) * size), [size]);
    return { x: of(xs), y: of(ys) };
  });
}

test("steps in one batch and in several may follow each other in any order: each tells its loss and leaves AdamW's weights", async () => {
  const cache = new SessionCache(provider);
  const squares = (p: Record<string, tf.Tensor>, { x, y }: Record<string, tf.Tensor>) => {
    const error = tf.sub(tf.mul(x as tf.Tensor, p.w as tf.Tensor), y as tf.Tensor);
    const loss = tf.div(tf.sum(tf.square(error)), 4);
    return { loss, metrics: { twice: tf.mul(loss, 2) } };
  };
  const stepper = new Stepper(cache, squares as never, optimizer);
  const p = { w: float32([2], [1]) };
  let state: State = { p, m: blank(p), v: blank(p) };
  let [w, m, v] = [2, 0, 0];
  for (const [i, parts] of [2, 2, 1, 1, 2, 1, 4, 1, 1, 2].entries()) {
    const loss = xs.reduce((sum, x, j) => sum + (x * w - (ys[j] as number)) ** 2 / 4, 0);
    const gradient = xs.reduce((sum, x, j) => sum + (2 * x * (x * w - (ys[j] as number))) / 4, 0);
    const out = await stepper.step(state, batches(parts), { step: i + 1, rate: 0.1 });
    state = out.state;
    expect(out.metrics.loss, `loss of step ${i + 1}`).toBeCloseTo(loss, 4);
    expect(out.metrics.twice).toBeCloseTo(2 * loss, 4);
    expect(out.metrics.grad_norm).toBeCloseTo(Math.abs(gradient), 4);
    const clipped = gradient / Math.max(1, Math.abs(gradient));
    m = 0.9 * m + 0.1 * clipped;
    v = 0.999 * v + 0.001 * clipped ** 2;
    w -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
    expect(state.p.w?.data[0], `weight after step ${i + 1}`).toBeCloseTo(w, 4);
  }
  await cache.dispose();
});

test("frozen arrays go to the device once for all steps, and leave it with the programs", async () => {
  const told: string[] = [];
  const place: Provider["place"] = async (tree) => {
    told.push("place");
    return tree;
  };
  const free = async () => {
    told.push("free");
  };
  const cache = new SessionCache({ ...provider, place, free });
  const objective = (p: Record<string, tf.Tensor>, { x }: Record<string, tf.Tensor>) => ({
    loss: tf.sum(tf.mul(tf.mul(x as tf.Tensor, p.w as tf.Tensor), p.still as tf.Tensor)),
    metrics: {},
  });
  const stepper = new Stepper(cache, objective as never, optimizer, { frozen: { still: float32([3], [1]) } });
  const p = { w: float32([2], [1]) };
  let state: State = { p, m: blank(p), v: blank(p) };
  for (const [i, parts] of [1, 2, 1].entries()) {
    state = (await stepper.step(state, batches(parts), { step: i + 1, rate: 0.1 })).state;
  }
  expect(told).toEqual(["place"]);
  await cache.dispose();
  expect(told).toEqual(["place", "free"]);
});
