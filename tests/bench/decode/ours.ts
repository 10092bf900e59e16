import { createInterface } from "node:readline";
import { Decoder } from "@/trainer/generation/decoder";
import { generateAll } from "@/trainer/generation/generate";
import { openProvider } from "@/trainer/runtime/provider";
import type { BenchAnswer, BenchRequest } from "./protocol";
import { benchModel, type Size } from "./sizes";

/** Answers requests with the trainer's generation: one JSON line in, one out. */
const [size, threads] = process.argv.slice(2);
const model = benchModel(size as Size);
const decoder = new Decoder(
  await openProvider("onnx-cpu", { threads: Number(threads) }),
  model.config,
  model.parameters,
);

async function answer({ ids, newTokens, sample }: BenchRequest): Promise<BenchAnswer> {
  // The prompts are tokens already: each is written as one private character a token.
  const requests = ids.map((prompt, i) => ({
    prompt: [{ role: "user" as const, content: String.fromCodePoint(...prompt.map((id) => 0x10000 + id)) }],
    sampling: { maxTokens: newTokens, temperature: sample ? 1 : 0, seed: i },
  }));
  const started = performance.now();
  const tokens: number[][] = [];
  for await (const { index, chunk } of generateAll({ ...model, decoder }, requests, { slots: ids.length })) {
    if (chunk.type === "end") tokens[index] = [...chunk.ids];
  }
  const seconds = (performance.now() - started) / 1000;
  return { seconds, tokens, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

process.stdout.write(`${JSON.stringify({ versions: `Node ${process.version}` })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
