import type { OptimizerConfig } from "@/trainer/contracts/runConfig";
import { Random } from "@/trainer/data/random";
import { collateSequences } from "@/trainer/data/sequences";
import type { Parameters } from "@/trainer/io/safetensors";
import { llamaConfig } from "@/trainer/models/config";
import { initialiseModel } from "@/trainer/models/initialise";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import type { HostArray } from "@/trainer/runtime/tree";

/** A language so small that every answer can be listed: five tokens, three places, 125 answers to one prompt. */
export const config = llamaConfig({
  hiddenSize: 32,
  intermediateSize: 64,
  layers: 1,
  heads: 4,
  keyValueHeads: 4,
  vocabSize: 5,
  maxPositions: 8,
  tied: false,
  bosId: 0,
  eosId: 0,
});
export const answers = Array.from({ length: 125 }, (_, i) => [Math.floor(i / 25), Math.floor(i / 5) % 5, i % 5]);
// Two tokens: after [0], the contexts [0], [0, 0] and [0, 0, 0] look alike to a model that knows only relative places.
export const sequences = answers.map((completion) => ({ prompt: [0, 1], completion }));
export const batch = collateSequences(sequences);

function loud(seed: number): Parameters {
  const parameters = initialiseModel(config, new Random(seed));
  for (const { shape, data } of Object.values(parameters)) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 10 * (data[i] as number);
  }
  return parameters;
}
export const reference = loud(1);

/** Log-probability of every answer. */
export async function logProbsOf(provider: Provider, parameters: Parameters): Promise<number[]> {
  const args = [parameters, batch] as never;
  const forward = (p: never, b: never) => completionLogProbs(p, config, b);
  const compiled = await provider.compile(forward as never, args);
  const out = Array.from(((await compiled.run(args)) as unknown as HostArray).data);
  await compiled.dispose();
  return out;
}

/** π ∝ π_ref·exp(r/β), by enumeration. */
export function tilted(referenceLogProbs: readonly number[], r: readonly number[], beta: number): number[] {
  const weights = referenceLogProbs.map((l, i) => Math.exp(l + (r[i] as number) / beta));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

/** Total variation distance. */
export const variation = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + Math.abs(x - (b[i] as number)), 0) / 2;

/** Steps as large as exact gradients allow. */
export const optimizer: OptimizerConfig = {
  algorithm: "adamw",
  learningRate: 0.01,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1000,
  warmupRatio: 0.02,
  schedule: "cosine",
};
