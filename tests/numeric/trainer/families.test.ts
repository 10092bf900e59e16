import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collatePairs, type TokenPair } from "@/trainer/data/preferences";
import { completeOnce } from "@/trainer/generation/generate";
import type { Parameters } from "@/trainer/io/safetensors";
import { anglesAt } from "@/trainer/models/rope";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { families, tinyFamily } from "../../helpers/tinyFamilies";

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

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

describe.each(Object.keys(families))("%s", (family) => {
  const model = tinyFamily(family);
  const { config, parameters } = model;

  const expected = (p: Parameters, prompt: readonly number[], completion: readonly number[]) => {
    const logits = plainLogits(p, config, [...prompt, ...completion]);
    return completion.reduce((s, id, j) => s + plainLogProb(logits[prompt.length + j - 1] as number[], id), 0);
  };

  test("completion log-probabilities equal a double-precision model written as loops, whatever the padding", async () => {
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

  test("gradients of the log-probabilities equal central differences of that model", async () => {
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
      expect(Math.abs((grads[name]?.data[index] as number) - numeric), name).toBeLessThan(
        2e-3 * (1 + Math.abs(numeric)),
      );
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
});

test("places beyond the table of angles have the angles of the formula", async () => {
  const { config } = tinyFamily("llama, as SmolLM2");
  const long = { ...config, maxPositions: 40_000 };
  const places = [0, 1, 2047, 2048, 4096, 39_999];
  const half = config.headSize / 2;
  const program = (at: tf.Tensor) => anglesAt(long, at, [places.length, half]);
  const args = [int32(places, [places.length])] as never;
  const compiled = await provider.compile(program as never, args);
  const [cos, sin] = (await compiled.run(args)) as unknown as [HostArray, HostArray];
  places.forEach((place, n) => {
    for (let i = 0; i < half; i++) {
      const angle = place * 100_000 ** ((-2 * i) / config.headSize);
      expect(cos.data[n * half + i]).toBeCloseTo(Math.cos(angle), 6);
      expect(sin.data[n * half + i]).toBeCloseTo(Math.sin(angle), 6);
    }
  });
  await compiled.dispose();
});
