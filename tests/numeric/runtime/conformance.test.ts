import { afterAll, describe, expect, test } from "vitest";
import { type ProviderName, providerNames } from "@/trainer/contracts/provider";
import { rotate } from "@/trainer/models/layers";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { randomBits } from "@/trainer/runtime/random";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray, int32, scalar } from "@/trainer/runtime/tree";
import { offerSwiftShader } from "../../helpers/swiftshader";

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

function step({ p, m }: { p: Params; m: Params }, ids: tf.Tensor, targets: tf.Tensor, rate: tf.Tensor) {
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
  return { loss: value as tf.Tensor, gradients, state: { p: next, m: momentum } };
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

interface StepOut {
  readonly loss: HostArray;
  readonly gradients: Record<string, HostArray>;
  readonly state: { readonly p: Record<string, HostArray>; readonly m: Record<string, HostArray> };
}

/** Ten steps with the state where the provider keeps it, the arrays of the step before last used again. */
async function tenSteps(provider: Provider) {
  const start = { p: initial(), m: blank() };
  const compiled = await provider.compile(step as never, [start, ids, targets, scalar(0)] as never, undefined, [
    "state",
  ] as never);
  let state: StepOut["state"] = start;
  const outs: StepOut[] = [];
  const losses: number[] = [];
  let first: Record<string, HostArray> = {};
  for (let i = 0; i < 10; i++) {
    const out = (await compiled.run([state, ids, targets, scalar(0.1)] as never, outs[i - 2] as never)) as StepOut;
    outs.push(out);
    losses.push(out.loss.data[0] ?? Number.NaN);
    if (i === 0)
      first = Object.fromEntries(Object.entries(out.gradients).map(([n, g]) => [n, { ...g, data: g.data.slice() }]));
    state = out.state;
  }
  const { p } = await provider.read(state);
  await compiled.dispose();
  return { losses, first, p };
}

function expectClose(a: Record<string, HostArray>, b: Record<string, HostArray>): void {
  for (const name of Object.keys(shapes)) {
    const [x, y] = [a[name] as HostArray, b[name] as HostArray];
    const scale = Math.max(...y.data.map(Math.abs));
    for (const [i, value] of x.data.entries()) {
      expect(Math.abs(value - (y.data[i] as number)) / scale, name).toBeLessThan(1e-4);
    }
  }
}

const software = await offerSwiftShader();
const opened = new Map<ProviderName, Provider>();
const missing: string[] = [];
for (const name of providerNames) {
  try {
    opened.set(name, await openProvider(name));
  } catch (error) {
    missing.push((error as Error).message);
  }
}
if (missing.length > 0) console.log(`Not on this machine, so not tested: ${missing.join(" ")}`);
afterAll(() => Promise.all([...opened.values()].map((p) => p.close())));

const wasm = opened.get("wasm") as Provider;
const eager = await tenSteps(wasm);

test("ONNX Runtime on the CPU and eager WebAssembly are here, and a software GPU where a driver is", () => {
  expect([...opened.keys()]).toEqual(expect.arrayContaining(["onnx-cpu", "wasm"]));
  if (software && process.arch === "x64") expect([...opened.keys()]).toContain("onnx-webgpu");
});

describe.each([...opened.keys()])("%s", (name) => {
  const provider = opened.get(name) as Provider;

  test("ten losses, the first gradients and the last parameters agree with eager wasm within 1e-4", async () => {
    const run = await tenSteps(provider);
    for (const [i, value] of run.losses.entries()) expect(value).toBeCloseTo(eager.losses[i] as number, 4);
    expect(run.losses[9]).toBeLessThan(run.losses[0] as number);
    expectClose(run.first, eager.first);
    expectClose(run.p, eager.p);
  });

  test("gradients equal central differences of the loss", async () => {
    const value = await provider.compile(loss as never, [initial(), ids, targets] as never);
    const { first } = await tenSteps(provider);
    const at = async (p: unknown) =>
      ((await value.run([p, ids, targets] as never)) as unknown as HostArray).data[0] as number;
    for (const parameter of Object.keys(shapes)) {
      for (const index of [0, 5]) {
        const nudged = async (by: number) => {
          const p = initial();
          (p[parameter] as HostArray).data[index] = ((p[parameter] as HostArray).data[index] as number) + by;
          return at(p);
        };
        const numeric = ((await nudged(5e-3)) - (await nudged(-5e-3))) / 1e-2;
        expect((first[parameter] as HostArray).data[index]).toBeCloseTo(numeric, 2);
      }
    }
    await value.dispose();
  });

  test("draws the same random bits as eager wasm", async () => {
    const program = (seed: tf.Tensor) => randomBits(seed, [257], 3);
    const bits = async (p: Provider) => {
      const compiled = await p.compile(program, [int32([0], [])]);
      const { data } = await compiled.run([int32([1234], [])]);
      await compiled.dispose();
      return Array.from(data);
    };
    expect(await bits(provider)).toEqual(await bits(wasm));
  });

  test("turns pairs by their angles as eager wasm does, a row's own or all rows' alike", async () => {
    const x = float32(numbers(2 * 3 * 2 * 6, 4), [2, 3, 2, 6]);
    for (const rows of [1, 2]) {
      const angles = [5, 6].map((seed) => float32(numbers(rows * 3 * 3, seed), [rows, 3, 1, 3]));
      const turn = async (p: Provider) => {
        const compiled = await p.compile(rotate as never, [x, ...angles] as never);
        const out = (await compiled.run([x, ...angles] as never)) as unknown as HostArray;
        await compiled.dispose();
        return Array.from(out.data);
      };
      const expected = await turn(wasm);
      for (const [i, value] of (await turn(provider)).entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
    }
  });

  test("arrays in the device's memory are inputs like others, come back with their values, and are gone when freed", async () => {
    const [w, x] = [float32(numbers(12, 7), [3, 4]), float32(numbers(6, 8), [2, 3])];
    const product = (a: tf.Tensor, p: { w: tf.Tensor }) => tf.matMul(a as tf.Tensor2D, p.w as tf.Tensor2D);
    const compiled = await provider.compile(product, [x, { w }]);
    const placed = await provider.place({ w });
    const direct = await compiled.run([x, { w }]);
    for (let i = 0; i < 2; i++) expect((await compiled.run([x, placed])).data).toEqual(direct.data);
    expect((await provider.read(placed)).w.data).toEqual(w.data);
    await provider.free(placed);
    if (name === "onnx-webgpu")
      await expect(compiled.run([x, placed])).rejects.toThrow(/no longer in the GPU's memory/);
    await compiled.dispose();
  });

  test("two runs give the same, on the CPU bit for bit, and nothing piles up", async () => {
    const before = provider.stats();
    const [one, two] = [await tenSteps(provider), await tenSteps(provider)];
    // A GPU adds up in whatever order its threads arrive.
    if (name === "onnx-webgpu" || name === "onnx-cuda") expectClose(one.p, two.p);
    else {
      expect(one.losses).toEqual(two.losses);
      for (const parameter of Object.keys(shapes)) expect(one.p[parameter]?.data).toEqual(two.p[parameter]?.data);
    }
    expect(provider.stats()).toEqual(before);
  });
});
