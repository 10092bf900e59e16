import { Random } from "@/trainer/data/random";
import type { Tokenizer } from "@/trainer/data/tokenizer";
import type { ModelFolder } from "@/trainer/io/modelFolder";
import { llamaConfig, type ModelConfig } from "@/trainer/models/config";
import { initialiseModel } from "@/trainer/models/initialise";

const shape = (
  [hiddenSize, intermediateSize, layers, heads, keyValueHeads]: readonly [number, number, number, number, number],
  vocabSize: number,
): ModelConfig =>
  // No token ends an answer: every row makes all its tokens.
  llamaConfig({
    hiddenSize,
    intermediateSize,
    layers,
    heads,
    keyValueHeads,
    vocabSize,
    maxPositions: 2048,
  });

/** Llamas by their number of parameters; the last has SmolLM2-135M's shape. */
export const sizes = {
  "6M": shape([256, 688, 6, 4, 4], 4096),
  "35M": shape([512, 1376, 9, 8, 8], 8192),
  "135M": shape([576, 1536, 30, 9, 3], 49_152),
};
export type Size = keyof typeof sizes;

/** A tokenizer of private characters, one a token: the bench speaks in ids. */
const idTokenizer = {
  encode: (text: string) => Array.from(text, (char) => (char.codePointAt(0) as number) - 0x10000),
  idOf: () => undefined,
  streamDecoder: () => ({ push: () => "", end: () => "" }),
} as unknown as Tokenizer;

/** The same random weights wherever it is called. */
export function benchModel(size: Size): ModelFolder {
  const config = sizes[size];
  return {
    config,
    head: "causal",
    parameters: initialiseModel(config, new Random(7)),
    tokenizer: idTokenizer,
    chatTemplate: null,
    bosToken: "",
    eosToken: "",
  };
}
