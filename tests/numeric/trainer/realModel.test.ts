import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Llama2cTokenizer } from "@/tools/starter/llama2c";
import { collateSequences } from "@/trainer/data/sequences";
import { Decoder } from "@/trainer/generation/decoder";
import { complete } from "@/trainer/generation/generate";
import { readLlama2c } from "@/trainer/io/llama2c";
import { completionLogProbs } from "@/trainer/recipes/forward";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import type * as tf from "@/trainer/runtime/tf";
import type { HostArray } from "@/trainer/runtime/tree";

const data = process.env.TIEBREAK_REAL_DATA;
if (!data) console.log("TIEBREAK_REAL_DATA is not set: karpathy's stories260K and TinyStories are not there, skipped.");

test.skipIf(!data)("karpathy's stories260K writes its known story, greedily from an empty prompt", async () => {
  const folder = join(data as string, "..", "models", "stories260K");
  const { config, parameters } = readLlama2c(join(folder, "stories260K.bin"));
  const pieces = new Llama2cTokenizer(join(folder, "tok512.bin"));
  const decoder = new Decoder(await openProvider("onnx-cpu"), config, parameters);
  // The prompt is the first token alone.
  const tokenizer = {
    encode: () => [config.bosId as number],
    idOf: () => undefined,
    streamDecoder: () => ({ push: (id: number) => pieces.decode([id]), end: () => "" }),
  } as never;
  const model = { tokenizer, chatTemplate: null, bosToken: "", eosToken: "", decoder };
  const request = { prompt: [{ role: "user" as const, content: "" }], sampling: { maxTokens: 63, temperature: 0 } };
  const [completion] = await complete(model, [request]);
  expect(completion?.text.trim()).toMatch(
    /^Once upon a time, there was a little girl named Lily\. She loved to play outside in the park\./,
  );
  await decoder.dispose();
});

test.skipIf(!data)(
  "stories260K scores 1.540 nats a token on TinyStories 500 to 539, each cut to the context",
  async () => {
    const folder = join(data as string, "..", "models", "stories260K");
    const { config, parameters } = readLlama2c(join(folder, "stories260K.bin"));
    const tokenizer = new Llama2cTokenizer(join(folder, "tok512.bin"));
    const text = readFileSync(join(data as string, "tinystories", "tinystories_sample.txt"), "utf8");
    const stories = text.split("<|endoftext|>").map((story) => story.trim());
    const provider = await openProvider("onnx-cpu");
    const forward = (p: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>) =>
      completionLogProbs(p, config, batch);
    const cache = new SessionCache(provider);
    let [nats, tokens] = [0, 0];
    for (const story of stories.slice(500, 540)) {
      const completion = tokenizer.encode(story).slice(0, config.maxPositions - 1);
      const args = [parameters, collateSequences([{ prompt: [config.bosId as number], completion }])] as never;
      const compiled = await cache.get("score", forward as never, args);
      nats -= ((await compiled.run(args)) as unknown as HostArray).data[0] as number;
      tokens += completion.length;
    }
    await cache.dispose();
    expect(nats / tokens).toBeCloseTo(1.54, 3);
  },
);
