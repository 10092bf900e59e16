import { Random } from "@/trainer/data/random";
import type { ModelFolder } from "@/trainer/io/modelFolder";
import type { ModelConfig } from "@/trainer/models/config";
import { tinyModel } from "./tinyModel";

const biases = { queryKeyValue: false, attentionOutput: false, mlp: false };

/** One shape for each way in which the families differ. */
export const families: Readonly<Record<string, Partial<ModelConfig>>> = {
  gpt2: {
    family: "gpt2",
    ropeTheta: 0,
    keyValueHeads: 4,
    biases: { queryKeyValue: true, attentionOutput: true, mlp: true },
  },
  "llama, as SmolLM2": { ropeTheta: 100_000 },
  "llama, untied with biases": { tied: false, biases: { queryKeyValue: true, attentionOutput: true, mlp: true } },
  "llama 3's scaling": {
    ropeTheta: 10,
    ropeScaling: { type: "llama3", factor: 4, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 32 },
    headSize: 8,
  },
  "linear scaling": { ropeScaling: { type: "linear", factor: 2 } },
  yarn: {
    ropeTheta: 10,
    ropeScaling: {
      type: "yarn",
      factor: 4,
      originalPositions: 32,
      betaFast: 32,
      betaSlow: 1,
      truncate: true,
      attentionFactor: 0.1 * Math.log(4) + 1,
    },
    headSize: 16,
  },
  mistral: { family: "mistral", tied: false },
  qwen2: { family: "qwen2", biases: { ...biases, queryKeyValue: true } },
  qwen3: { family: "qwen3", headSize: 6 },
};

/** A random model of a family with weights of order one, so that attention, positions and biases matter. */
export function tinyFamily(name: string, seed = 3): ModelFolder {
  const model = tinyModel(seed, families[name]);
  const random = new Random(seed + 100);
  for (const [parameter, { data, shape }] of Object.entries(model.parameters)) {
    const noisy = (x: number) => (shape.length > 1 ? 12 * x : x + 0.3 * random.normal());
    for (let i = 0; i < data.length; i++) data[i] = noisy(data[i] as number);
    if (parameter === "transformer.wpe.weight") for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * 2;
  }
  return model;
}
