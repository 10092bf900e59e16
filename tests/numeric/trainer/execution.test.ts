import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import type { Parameters } from "@/trainer/io/safetensors";
import { tokenLogProbs, tokenLogProbsInChunks, tokenStatisticsInChunks } from "@/trainer/models/head";
import { defaultModelExecution, hiddenStates, type ModelExecution, outputWeight } from "@/trainer/models/transformer";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray, int32 } from "@/trainer/runtime/tree";
import { tinyModel } from "../../helpers/tinyModel";

const providers: Provider[] = [];
beforeAll(async () => {
  providers.push(await openProvider("onnx-cpu"), await openProvider("wasm"));
});
afterAll(() => Promise.all(providers.map((p) => p.close())));

type Tensors = Record<string, tf.Tensor>;
type Arrays = Record<string, HostArray>;

/** Value and gradients of Σ share·logp of a program over parameters and a batch. */
async function valueAndGradients(
  provider: Provider,
  logps: (p: Tensors, batch: Tensors) => tf.Tensor,
  p: Parameters,
  batch: Arrays,
) {
  const names = Object.keys(p);
  const program = (params: Tensors, b: Tensors) => {
    const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor]));
    const loss = (...values: tf.Tensor[]) => tf.sum(tf.mul(logps(named(values), b), b.share as tf.Tensor));
    return { value: logps(params, b), ...named(tf.grads(loss)(names.map((n) => params[n] as tf.Tensor))) };
  };
  const compiled = await provider.compile(program as never, [p, batch] as never);
  const out = (await compiled.run([p, batch] as never)) as unknown as Arrays;
  await compiled.dispose();
  return out;
}

/** The largest difference of two arrays, as a part of the largest number. */
function difference(a: HostArray | undefined, b: HostArray | undefined): number {
  const [x, y] = [a as HostArray, b as HostArray];
  const scale = Math.max(...y.data.map(Math.abs), 1e-6);
  return Math.max(...x.data.map((v, i) => Math.abs(v - (y.data[i] as number)))) / scale;
}

const random = new Random(5);
const model = tinyModel(4);
for (const { shape, data } of Object.values(model.parameters)) {
  if (shape.length > 1) data.set(data.map((x) => x * 12));
}
const [R, T] = [2, 10];
const ids = () => Array.from({ length: R * T }, () => random.below(model.config.vocabSize));
const batch = {
  ids: int32(ids(), [R, T]),
  targets: int32(ids(), [R * T]),
  share: float32(
    Array.from({ length: R * T }, () => random.normal()),
    [R * T],
  ),
};

test("recomputing layers and attention in blocks change neither log-probabilities nor gradients", async () => {
  const logps = (execution: ModelExecution) => (p: Tensors, b: Tensors) =>
    tokenLogProbs(
      hiddenStates(p, model.config, b.ids as tf.Tensor, undefined, execution),
      outputWeight(p, model.config),
      b.targets as tf.Tensor,
    );
  const ways = [
    { ...defaultModelExecution, recompute: true },
    { ...defaultModelExecution, attentionBlock: 3 },
    { recompute: true, attentionBlock: 4 },
  ];
  for (const provider of providers) {
    const plain = await valueAndGradients(provider, logps(defaultModelExecution), model.parameters, batch);
    for (const way of ways) {
      const other = await valueAndGradients(provider, logps(way), model.parameters, batch);
      for (const name of Object.keys(plain)) expect(difference(other[name], plain[name]), name).toBeLessThan(1e-5);
    }
  }
});

test("hidden states at some places are those of all at these places, and so are the gradients", async () => {
  const only = [3, 19, 3, 0, 12];
  const few = {
    ...batch,
    only: int32(only, [5]),
    targets: int32([1, 4, 2, 0, 7], [5]),
    share: float32([1, -2, 0.5, 3, -1], [5]),
  };
  const ofAll = (p: Tensors, b: Tensors) =>
    tokenLogProbs(
      tf.gather(hiddenStates(p, model.config, b.ids as tf.Tensor), b.only as tf.Tensor1D),
      outputWeight(p, model.config),
      b.targets as tf.Tensor,
    );
  const ofSome = (recompute: boolean) => (p: Tensors, b: Tensors) => {
    const execution = { ...defaultModelExecution, recompute };
    const hidden = hiddenStates(p, model.config, b.ids as tf.Tensor, undefined, execution, b.only);
    return tokenLogProbs(hidden, outputWeight(p, model.config), b.targets as tf.Tensor);
  };
  for (const provider of providers) {
    const expected = await valueAndGradients(provider, ofAll, model.parameters, few);
    for (const recompute of [false, true]) {
      const found = await valueAndGradients(provider, ofSome(recompute), model.parameters, few);
      for (const name of Object.keys(expected))
        expect(difference(found[name], expected[name]), name).toBeLessThan(1e-5);
    }
  }
});

test("a vocabulary in chunks gives the log-probabilities and gradients of the formula, whatever the chunk", async () => {
  const [M, d, V] = [7, 5, 11];
  const numbers = (n: number, scale: number) => Float32Array.from({ length: n }, () => scale * random.normal());
  const p = { hidden: float32(numbers(M * d, 3), [M, d]), weight: float32(numbers(V * d, 2), [V, d]) };
  const targets = Array.from({ length: M }, () => random.below(V));
  const share = numbers(M, 1);
  const headBatch = { targets: int32(targets, [M]), share: float32(share, [M]) };
  // log softmax and its gradients as loops in double precision.
  const at = (a: HostArray, i: number) => a.data[i] as number;
  const dot = (m: number, v: number) =>
    Array.from({ length: d }, (_, j) => at(p.hidden, m * d + j) * at(p.weight, v * d + j)).reduce((a, b) => a + b, 0);
  const [toHidden, toWeight] = [new Float64Array(M * d), new Float64Array(V * d)];
  const value = targets.map((target, m) => {
    const z = Array.from({ length: V }, (_, v) => dot(m, v));
    const peak = Math.max(...z);
    const total = peak + Math.log(z.reduce((s, x) => s + Math.exp(x - peak), 0));
    z.forEach((x, v) => {
      const dz = (share[m] as number) * (Number(v === target) - Math.exp(x - total));
      for (let j = 0; j < d; j++) {
        toHidden[m * d + j] = (toHidden[m * d + j] as number) + dz * at(p.weight, v * d + j);
        toWeight[v * d + j] = (toWeight[v * d + j] as number) + dz * at(p.hidden, m * d + j);
      }
    });
    return (z[target] as number) - total;
  });
  const expected: Arrays = {
    value: float32(value, [M]),
    hidden: float32([...toHidden], [M, d]),
    weight: float32([...toWeight], [V, d]),
  };
  const chunks = [1, 4, 11, 100];
  const over = (of: (hidden: tf.Tensor, weight: tf.Tensor, t: tf.Tensor) => tf.Tensor) => (q: Tensors, b: Tensors) =>
    of(q.hidden as tf.Tensor, q.weight as tf.Tensor, b.targets as tf.Tensor);
  const ways = [
    over(tokenLogProbs),
    ...chunks.map((chunk) => over((h, w, t) => tokenLogProbsInChunks(h, w, t, chunk))),
    ...chunks.map((chunk) => over((h, w, t) => tokenStatisticsInChunks(h, w, t, chunk).logp)),
  ];
  for (const provider of providers) {
    for (const way of ways) {
      const out = await valueAndGradients(provider, way, p, headBatch);
      for (const name of Object.keys(expected)) expect(difference(out[name], expected[name]), name).toBeLessThan(1e-5);
    }
  }
});

test("entropy and hits of a vocabulary in chunks are those of all of it, the first of equal words the likeliest", async () => {
  const [M, d, V] = [4, 3, 7];
  const hidden = Array.from({ length: M * d }, () => 2 * random.normal());
  const weight = Array.from({ length: V * d }, () => random.normal());
  // Words 2 and 5 are equal, and the likeliest at the last place.
  for (let j = 0; j < d; j++) weight[2 * d + j] = weight[5 * d + j] = hidden[3 * d + j] as number;
  const logits = Array.from({ length: M }, (_, m) =>
    Array.from({ length: V }, (_, v) =>
      Array.from(
        { length: d },
        (_, j) => Math.fround(hidden[m * d + j] as number) * Math.fround(weight[v * d + j] as number),
      ).reduce((a, b) => a + b),
    ),
  );
  const likeliest = logits.map((z) => z.indexOf(Math.max(...z)));
  expect(likeliest[3]).toBe(2);
  const targets = [likeliest[0], ((likeliest[1] as number) + 1) % V, likeliest[2], 2] as number[];
  const entropies = logits.map((z) => {
    const total = z.reduce((s, x) => s + Math.exp(x), 0);
    return z.reduce((s, x) => s - (Math.exp(x) / total) * Math.log(Math.exp(x) / total), 0);
  });
  const args = [float32(hidden, [M, d]), float32(weight, [V, d]), int32(targets, [M])] as const;
  for (const provider of providers) {
    for (const chunk of [1, 3, 7]) {
      const program = (h: tf.Tensor, w: tf.Tensor, t: tf.Tensor) => ({ ...tokenStatisticsInChunks(h, w, t, chunk) });
      const compiled = await provider.compile(program, [...args]);
      const out = (await compiled.run([...args])) as unknown as Arrays;
      expect(Array.from(out.hit?.data ?? [])).toEqual([1, 0, 1, 1]);
      for (const [m, entropy] of entropies.entries()) expect(out.entropy?.data[m]).toBeCloseTo(entropy, 4);
      await compiled.dispose();
    }
  }
});
