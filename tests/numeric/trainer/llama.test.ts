import { afterAll, beforeAll, expect, test } from "vitest";
import { collatePairs, type TokenPair } from "@/trainer/data/preferences";
import { completeOnce } from "@/trainer/generation/generate";
import type { Parameters } from "@/trainer/io/safetensors";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import type { HostArray } from "@/trainer/runtime/tree";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { tinyModel } from "../../helpers/tinyModel";

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

// Weights of order one, so that attention and RoPE matter.
const model = tinyModel(3);
for (const { shape, data } of Object.values(model.parameters)) {
  if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * 12;
}
const { config, parameters } = model;
const pair = (prompt: number[], chosen: number[], rejected: number[]): TokenPair => ({
  promptId: "p",
  promptText: [],
  prompt,
  chosen,
  rejected,
  probability: 1,
  strength: 1,
});
const pairs = [pair([5, 9, 100], [7, 8, 250, 31], [44]), pair([77], [12, 13], [14, 15, 16, 17, 18])];

const expected = (p: Parameters, prompt: readonly number[], completion: readonly number[]) => {
  const logits = plainLogits(p, config, [...prompt, ...completion]);
  return completion.reduce((s, id, j) => s + plainLogProb(logits[prompt.length + j - 1] as number[], id), 0);
};

test("completion log-probabilities equal a double-precision Llama written as loops, whatever the padding", async () => {
  const forward = (p: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>) =>
    completionLogProbs(p, config, batch);
  for (const batchSize of [2, 3]) {
    const { batch } = collatePairs(pairs, batchSize);
    const compiled = await provider.compile(forward as never, [parameters, batch] as never);
    const out = ((await compiled.run([parameters, batch] as never)) as unknown as HostArray).data;
    pairs.forEach((p, i) => {
      expect(out[i]).toBeCloseTo(expected(parameters, p.prompt, p.chosen), 3);
      expect(out[batchSize + i]).toBeCloseTo(expected(parameters, p.prompt, p.rejected), 3);
    });
    await compiled.dispose();
  }
});

test("gradients of the log-probabilities equal central differences of that Llama", async () => {
  const { batch } = collatePairs(pairs, 2);
  const names = Object.keys(parameters);
  const gradient = (p: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>) => {
    const grads = tf.grads((...values: tf.Tensor[]) =>
      tf.sum(completionLogProbs(Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor])), config, b)),
    )(names.map((n) => p[n] as tf.Tensor));
    return Object.fromEntries(names.map((n, i) => [n, grads[i] as tf.Tensor]));
  };
  const compiled = await provider.compile(gradient as never, [parameters, batch] as never);
  const grads = (await compiled.run([parameters, batch] as never)) as unknown as Record<string, HostArray>;
  const total = (p: Parameters) =>
    pairs.reduce((s, q) => s + expected(p, q.prompt, q.chosen) + expected(p, q.prompt, q.rejected), 0);
  for (const name of names) {
    const index = name.includes("embed") ? 9 * config.hiddenSize + 3 : 5;
    const nudged = (by: number) => {
      const array = parameters[name] as HostArray;
      const data = Float64Array.from(array.data);
      data[index] = (data[index] as number) + by;
      return total({ ...parameters, [name]: { ...array, data: data as never } });
    };
    const numeric = (nudged(1e-4) - nudged(-1e-4)) / 2e-4;
    expect(Math.abs((grads[name]?.data[index] as number) - numeric), name).toBeLessThan(2e-3 * (1 + Math.abs(numeric)));
  }
  await compiled.dispose();
});

test("greedy decoding through the cache takes the same tokens as the full forward pass", async () => {
  const request = {
    prompt: [{ role: "user" as const, content: "the cat" }],
    sampling: { maxTokens: 6, temperature: 0 },
  };
  const [completion] = await completeOnce(model, parameters, provider, [request]);
  let ids = [config.bosId as number, ...model.tokenizer.encode("the cat")];
  const answer: number[] = [];
  for (let i = 0; i < 6; i++) {
    const last = plainLogits(parameters, config, ids).at(-1) as number[];
    const next = last.indexOf(Math.max(...last));
    if (next === config.eosId) break;
    answer.push(next);
    ids = [...ids, next];
  }
  expect(completion?.text).toBe(model.tokenizer.decode(answer));
});
