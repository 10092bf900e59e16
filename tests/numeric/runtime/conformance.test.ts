import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider, ProviderName } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray, int32, scalar } from "@/trainer/runtime/tree";

/** A one-block causal transformer with every family of operation a training step uses. */
const [vocab, width, heads, batch, time] = [17, 8, 2, 2, 6];
type Params = Record<string, tf.Tensor>;

function loss(p: Params, ids: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const flat = tf.reshape(ids, [batch * time]) as tf.Tensor1D;
  const x = tf.gather(p.embed as tf.Tensor2D, flat);
  const norm = (h: tf.Tensor) =>
    tf.mul(tf.mul(h, tf.rsqrt(tf.add(tf.mean(tf.square(h), -1, true), 1e-5))), p.gain as tf.Tensor);
  const split = tf.split(tf.matMul(norm(x) as tf.Tensor2D, p.qkv as tf.Tensor2D), 3, 1);
  const [q, k, v] = split.map((t) => tf.transpose(tf.reshape(t, [batch, time, heads, width / heads]), [0, 2, 1, 3]));
  const ramp = tf.range(0, time, 1, "int32");
  const mask = tf.cast(tf.less(tf.reshape(ramp, [time, 1]), ramp), "float32");
  const scores = tf.add(tf.mul(tf.matMul(q as tf.Tensor, k as tf.Tensor, false, true), 0.5), tf.mul(mask, -1e9));
  const mixed = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v as tf.Tensor), [0, 2, 1, 3]), [
    batch * time,
    width,
  ]);
  const h = tf.add(x, tf.matMul(mixed as tf.Tensor2D, p.out as tf.Tensor2D));
  const gated = tf.mul(h, tf.sigmoid(h));
  const logits = tf.matMul(gated as tf.Tensor2D, p.embed as tf.Tensor2D, false, true);
  const picked = tf.sum(
    tf.mul(tf.logSoftmax(logits), tf.oneHot(tf.reshape(targets, [batch * time]) as tf.Tensor1D, vocab)),
    -1,
  );
  return tf.neg(tf.mean(picked));
}

function step(p: Params, m: Params, ids: tf.Tensor, targets: tf.Tensor, rate: tf.Tensor) {
  const names = Object.keys(p);
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) =>
    loss(Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor])), ids, targets),
  )(names.map((n) => p[n] as tf.Tensor));
  const momentum = Object.fromEntries(
    names.map((n, i) => [n, tf.add(tf.mul(m[n] as tf.Tensor, 0.9), grads[i] as tf.Tensor)]),
  );
  const next = Object.fromEntries(
    names.map((n) => [n, tf.sub(p[n] as tf.Tensor, tf.mul(momentum[n] as tf.Tensor, rate))]),
  );
  const gradients = Object.fromEntries(names.map((n, i) => [n, grads[i] as tf.Tensor]));
  return { loss: value as tf.Tensor, gradients, p: next, m: momentum };
}

/** Numbers without a library: a small linear congruential generator. */
function numbers(n: number, seed: number, scale = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 2 * scale;
  });
}

const shapes: Record<string, number[]> = {
  embed: [vocab, width],
  gain: [width],
  qkv: [width, 3 * width],
  out: [width, width],
};
const initial = () =>
  Object.fromEntries(
    Object.entries(shapes).map(([n, s], i) => [
      n,
      float32(
        numbers(
          s.reduce((a, b) => a * b, 1),
          i + 1,
          0.6,
        ),
        s,
      ),
    ]),
  );
const blank = () =>
  Object.fromEntries(
    Object.entries(shapes).map(([n, s]) => [n, float32(new Float32Array(s.reduce((a, b) => a * b, 1)), s)]),
  );
const ids = int32(
  Array.from(numbers(batch * time, 9), (x) => Math.floor((x + 1) * 0.5 * vocab)),
  [batch, time],
);
const targets = int32(
  Array.from(numbers(batch * time, 10), (x) => Math.floor((x + 1) * 0.5 * vocab)),
  [batch, time],
);

async function tenSteps(provider: Provider) {
  const compiled = await provider.compile(step, [initial(), blank(), ids, targets, scalar(0)] as never);
  let [p, m] = [initial() as unknown, blank() as unknown];
  const losses: number[] = [];
  let first: Record<string, HostArray> = {};
  for (let i = 0; i < 10; i++) {
    const out = (await compiled.run([p, m, ids, targets, scalar(0.1)] as never)) as unknown as {
      loss: HostArray;
      gradients: Record<string, HostArray>;
      p: unknown;
      m: unknown;
    };
    losses.push(out.loss.data[0] ?? Number.NaN);
    if (i === 0) first = out.gradients;
    [p, m] = [out.p, out.m];
  }
  await compiled.dispose();
  return { losses, first, p: p as Record<string, HostArray> };
}

describe("the compiled engine and eager wasm run one program to the same numbers", () => {
  const providers = {} as Record<"onnx-cpu" | "wasm", Provider>;
  beforeAll(async () => {
    for (const name of ["onnx-cpu", "wasm"] as ProviderName[]) providers[name as "wasm"] = await openProvider(name);
  });
  afterAll(() => Promise.all(Object.values(providers).map((p) => p.close())));

  test("losses of ten steps and every gradient of the first agree within 1e-4", async () => {
    const compiled = await tenSteps(providers["onnx-cpu"]);
    const eager = await tenSteps(providers.wasm);
    for (const [i, value] of compiled.losses.entries()) expect(value).toBeCloseTo(eager.losses[i] as number, 4);
    expect(compiled.losses[9]).toBeLessThan(compiled.losses[0] as number);
    for (const name of Object.keys(shapes)) {
      const [a, b] = [compiled.first[name] as HostArray, eager.first[name] as HostArray];
      const scale = Math.max(...b.data.map(Math.abs));
      for (const [i, x] of a.data.entries()) expect(Math.abs(x - (b.data[i] as number)) / scale).toBeLessThan(1e-4);
    }
  });

  test("gradients equal central differences of the loss", async () => {
    const provider = providers["onnx-cpu"];
    const value = await provider.compile(loss as never, [initial(), ids, targets] as never);
    const { first } = await tenSteps(provider);
    const at = async (p: unknown) =>
      ((await value.run([p, ids, targets] as never)) as unknown as HostArray).data[0] as number;
    for (const name of Object.keys(shapes)) {
      for (const index of [0, 5]) {
        const nudged = async (by: number) => {
          const p = initial();
          (p[name] as HostArray).data[index] = ((p[name] as HostArray).data[index] as number) + by;
          return at(p);
        };
        const numeric = ((await nudged(5e-3)) - (await nudged(-5e-3))) / 1e-2;
        expect((first[name] as HostArray).data[index]).toBeCloseTo(numeric, 2);
      }
    }
    await value.dispose();
  });

  test("two runs give the same bits, and nothing piles up", async () => {
    const provider = providers["onnx-cpu"];
    const before = provider.stats();
    const [one, two] = [await tenSteps(provider), await tenSteps(provider)];
    expect(one.losses).toEqual(two.losses);
    for (const name of Object.keys(shapes)) expect(one.p[name]?.data).toEqual(two.p[name]?.data);
    expect(provider.stats()).toEqual(before);
  });
});
