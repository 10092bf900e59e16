import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "@/trainer/data/random";
import { Tokenizer } from "@/trainer/data/tokenizer";
import { trainTokenizer } from "@/trainer/data/trainTokenizer";
import { type ModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { llamaConfig, type ModelConfig } from "@/trainer/models/config";
import { initialiseModel } from "@/trainer/models/initialise";

const end = "<|endoftext|>";

/** A random Llama of some thousand parameters, with a tokenizer of its own. */
export function tinyModel(seed = 1, overrides: Partial<ModelConfig> = {}): ModelFolder {
  const tokenizer = new Tokenizer(trainTokenizer(["the cat sat on the mat. the dog ran to the red sun."], 270, end));
  const config = llamaConfig({
    hiddenSize: 16,
    intermediateSize: 24,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    vocabSize: tokenizer.size,
    maxPositions: 128,
    bosId: tokenizer.size - 1,
    eosId: tokenizer.size - 1,
    ...overrides,
  });
  const parameters = initialiseModel(config, new Random(seed));
  return { config, head: "causal", parameters, tokenizer, chatTemplate: null, bosToken: end, eosToken: end };
}

export function writeTinyModel(folder: string, seed = 1): string {
  saveModelFolder(folder, tinyModel(seed), "# tiny\n", "F32");
  return folder;
}

const nouns = ["cat", "dog", "sun", "mat"];

/** Pairs with a rule to learn: the answer that says "good" wins over the one that says "evil", whichever is longer. */
export function writeRuleDataset(folder: string, pairs: number): string {
  mkdirSync(folder, { recursive: true });
  const line = (i: number) => {
    const noun = nouns[i % nouns.length] as string;
    const filler = " very".repeat(i % 3);
    return JSON.stringify({
      id: `pair-${i}`,
      promptId: `prompt-${i % 7}`,
      prompt: [{ role: "user", content: `the ${noun} is` }],
      chosen: [{ role: "assistant", content: `${filler} good.` }],
      rejected: [{ role: "assistant", content: `${i % 2 ? filler : ""} evil.` }],
      probability: 1,
      strength: 2,
    });
  };
  const lines = Array.from({ length: pairs }, (_, i) => line(i));
  writeFileSync(join(folder, "train.jsonl"), `${lines.slice(0, Math.floor(pairs * 0.75)).join("\n")}\n`);
  writeFileSync(join(folder, "test.jsonl"), `${lines.slice(Math.floor(pairs * 0.75)).join("\n")}\n`);
  return folder;
}
