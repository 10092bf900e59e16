import { afterAll, beforeAll, expect, test } from "vitest";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, zeros } from "@/trainer/runtime/tree";

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const program = (x: tf.Tensor) => tf.sum(tf.square(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true)));

async function use(cache: SessionCache, n: number): Promise<void> {
  const x = { ...zeros([n, 64]), data: new Float32Array(n * 64).fill(1) };
  const compiled = await cache.get("p", program, [x]);
  // Each row's product with each row is 64.
  expect(((await compiled.run([x])) as HostArray).data[0]).toBe(n * n * 64 * 64);
}

test("over 200 shapes at most `bound` sessions are held, and memory and tensors stay where they were", async () => {
  const cache = new SessionCache(provider, 3);
  const tensors = provider.stats().tensors;
  for (let n = 1; n <= 40; n++) await use(cache, n);
  const settled = process.memoryUsage.rss();
  for (let n = 41; n <= 200; n++) {
    await use(cache, n);
    expect(provider.stats().sessions).toBeLessThanOrEqual(4);
  }
  expect(provider.stats()).toEqual({ sessions: 3, tensors });
  // A session of this size takes about a megabyte; 160 that were kept would show.
  expect(process.memoryUsage.rss() - settled).toBeLessThan(60 * 2 ** 20);
  await cache.dispose();
  expect(provider.stats().sessions).toBe(0);
});

test("the session unused longest goes first, and a shape that comes back is not compiled again", async () => {
  let compiled = 0;
  const counting: Provider = {
    ...provider,
    compile: (p, examples) => {
      compiled += 1;
      return provider.compile(p, examples);
    },
  };
  const cache = new SessionCache(counting, 2);
  for (const n of [1, 2, 1, 3, 1]) await use(cache, n);
  expect(compiled).toBe(3);
  await use(cache, 2);
  expect(compiled).toBe(4);
  await cache.dispose();
});

test("a program that cannot be compiled leaves nothing behind", async () => {
  const cache = new SessionCache(provider, 2);
  const bad = (x: tf.Tensor) => tf.unique(x).values;
  await expect(cache.get("bad", bad, [zeros([2])])).rejects.toThrow(/Unique/);
  await use(cache, 2);
  await cache.dispose();
  expect(provider.stats().sessions).toBe(0);
});
