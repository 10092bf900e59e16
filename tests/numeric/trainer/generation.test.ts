import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GenerateRequest } from "@/trainer/contracts/inference";
import { Random } from "@/trainer/data/random";
import { Decoder } from "@/trainer/generation/decoder";
import { type Completion, complete, generateAll } from "@/trainer/generation/generate";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { tinyModel } from "../../helpers/tinyModel";

setFlagsFromString("--expose_gc");
const gc = runInNewContext("gc") as () => void;

let onnx: Provider;
let wasm: Provider;
beforeAll(async () => {
  onnx = await openProvider("onnx-cpu");
  wasm = await openProvider("wasm");
});
afterAll(() => onnx.close());

/** A random Llama whose logits spread by some units. */
function loudModel(keyValueHeads: number) {
  const model = tinyModel(3, { keyValueHeads, maxPositions: 160 });
  for (const { shape, data } of Object.values(model.parameters)) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * 10;
  }
  return model;
}

const ways = [
  { name: "compiled", keyValueHeads: 2, provider: () => onnx },
  { name: "compiled, a key for each query", keyValueHeads: 4, provider: () => onnx },
  { name: "eager", keyValueHeads: 2, provider: () => wasm },
];

const words = ["the cat", "the dog ran to", "the", "red sun. the mat sat on the red", "on the", "cat dog"];
/** Requests of all kinds, in an order and with settings that `random` chooses. */
const manyRequests = (n: number, random: Random): GenerateRequest[] =>
  Array.from({ length: n }, () => ({
    prompt: [{ role: "user", content: words[random.below(words.length)] as string }],
    sampling: {
      maxTokens: 1 + random.below(12),
      temperature: [0, 0.7, 1, 1.3][random.below(4)],
      topK: [0, 5][random.below(2)],
      topP: [1, 0.9][random.below(2)],
      minP: [0, 0.05][random.below(2)],
      repetitionPenalty: [1, 1.2][random.below(2)],
      stopIds: Array.from({ length: 24 }, (_, i) => 10 * i),
      seed: random.below(1000),
    },
    logProbs: true,
  }));

describe.each(ways)("$name", ({ keyValueHeads, provider }) => {
  test("log-probabilities of sampled tokens are a double-precision Llama's, read without a cache", async () => {
    const model = loudModel(keyValueHeads);
    const decoder = new Decoder(provider(), model.config, model.parameters);
    const requests = manyRequests(5, new Random(1));
    const completions = await complete({ ...model, decoder }, requests);
    for (const [i, { ids, logProbs }] of completions.entries()) {
      const prompt = [model.config.bosId as number, ...model.tokenizer.encode(requests[i]?.prompt[0]?.content ?? "")];
      const logits = plainLogits(model.parameters, model.config, [...prompt, ...ids]);
      ids.forEach((id, j) => {
        const expected = plainLogProb(logits[prompt.length + j - 1] as number[], id);
        expect(Math.abs((logProbs?.[j] as number) - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
      });
    }
    await decoder.dispose();
  });

  test("answers made together are those made one by one, bit for bit, whatever order and number of slots", async () => {
    const model = loudModel(keyValueHeads);
    const decoder = new Decoder(provider(), model.config, model.parameters);
    const requests = manyRequests(provider() === wasm ? 6 : 24, new Random(2));
    const alone: Completion[] = [];
    for (const request of requests) alone.push(...(await complete({ ...model, decoder }, [request])));
    expect(new Set(alone.map((c) => c.reason))).toEqual(new Set(["stop", "length"]));
    for (const slots of [1, 3, 8, 32]) {
      const order = new Random(slots).shuffled(requests.map((_, i) => i));
      const together = await complete(
        { ...model, decoder },
        order.map((i) => requests[i] as GenerateRequest),
        { slots },
      );
      order.forEach((i, at) => {
        expect(together[at], `request ${i} at ${at} of ${slots}`).toEqual(alone[i]);
      });
    }
    await decoder.dispose();
  });
});

test("hundreds of requests leave nothing behind: one program for all shapes, gone when disposed", async () => {
  const model = loudModel(2);
  const before = onnx.stats();
  const decoder = new Decoder(onnx, model.config, model.parameters);
  const sizes: number[] = [];
  // Prompts of this model fall into two buckets of lengths; every batch of tokens takes the third program.

  for (const [round, slots] of [16, 1, 5, 16, 3, 16].entries()) {
    await complete({ ...model, decoder }, manyRequests(60, new Random(round)), { slots });
    expect(onnx.stats()).toEqual({ ...before, sessions: before.sessions + 3 });
    for (let i = 0; i < 3; i++) {
      gc();
      await setTimeout(10);
    }
    sizes.push(process.memoryUsage().arrayBuffers);
  }
  expect(Math.abs((sizes.at(-1) as number) - (sizes[0] as number))).toBeLessThan(2 ** 18);
  await decoder.dispose();
  expect(onnx.stats()).toEqual(before);
});

test("a caller who stops listening stops the work", async () => {
  const model = loudModel(2);
  const decoder = new Decoder(onnx, model.config, model.parameters);
  let steps = 0;
  const read = decoder.readTokens.bind(decoder);
  decoder.readTokens = (...args) => {
    steps += 1;
    return read(...args);
  };
  for await (const { chunk } of generateAll({ ...model, decoder }, manyRequests(1, new Random(5)))) {
    expect(chunk.type).toBe("text");
    break;
  }
  expect(steps).toBe(0);
  await decoder.dispose();
});
