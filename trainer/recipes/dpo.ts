import type { DpoConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { collatePairs, type TokenPair } from "../data/preferences";
import { type Completion, completeOnce } from "../generation/generate";
import type { Parameters } from "../io/safetensors";
import type { Batch } from "../loop/trainStep";
import { dpoLoss } from "../objectives/dpo";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { float32, type HostArray } from "../runtime/tree";
import { completionLogProbs, halves, shareAbove, weightedMean } from "./forward";
import { chunks, loadPreferenceData, numbers, summarise, trainPreference } from "./preference";

interface LogProbs {
  readonly chosen: number;
  readonly rejected: number;
}

/** Direct preference optimisation on a snapshot; the base model is the reference. Metric names are TRL's DPOTrainer's. */
export async function* trainDpo(config: DpoConfig, provider: Provider, signal?: AbortSignal): AsyncGenerator<RunEvent> {
  const data = loadPreferenceData(config);
  const { base } = data;
  const llama = base.config;
  const cache = new SessionCache(provider);
  const forward = (p: Record<string, tf.Tensor>, batch: Batch) => completionLogProbs(p, llama, batch);

  async function logProbs(p: Parameters, pairs: readonly TokenPair[]): Promise<LogProbs[]> {
    const out: LogProbs[] = [];
    for (const part of chunks(pairs, config.batchSize)) {
      const args = [p, collatePairs(part, config.batchSize).batch] as never;
      const compiled = await cache.get("logprobs", forward as never, args);
      const sums = numbers((await compiled.run(args)) as unknown as HostArray);
      part.forEach((_, i) => {
        out.push({ chosen: sums[i] as number, rejected: sums[config.batchSize + i] as number });
      });
    }
    return out;
  }

  const objective = (p: Record<string, tf.Tensor>, batch: Batch) => {
    const { reference, probability, weight } = batch as Record<"reference" | "probability" | "weight", tf.Tensor>;
    const [logChosen, logRejected] = halves(completionLogProbs(p, llama, batch));
    const [refChosen, refRejected] = halves(reference);
    const chosen = tf.sub(logChosen, refChosen);
    const rejected = tf.sub(logRejected, refRejected);
    const target = config.softLabels ? probability : tf.onesLike(probability);
    const rewardOf = (ratio: tf.Tensor) => weightedMean(tf.mul(ratio, config.beta), weight);
    return {
      loss: weightedMean(dpoLoss(chosen, rejected, target, config.beta), weight),
      metrics: {
        "rewards/chosen": rewardOf(chosen),
        "rewards/rejected": rewardOf(rejected),
        "rewards/margins": rewardOf(tf.sub(chosen, rejected)),
        "rewards/accuracies": shareAbove(chosen, rejected, weight),
        "logps/chosen": weightedMean(logChosen, weight),
        "logps/rejected": weightedMean(logRejected, weight),
      },
    };
  };

  // The base never changes: its log-probabilities are computed once.
  const trainReference = await logProbs(base.parameters, data.train.pairs);
  const testReference = await logProbs(base.parameters, data.test.pairs);

  const evaluate = async (p: Parameters) => {
    const figures: Record<string, number[]> = {
      loss: [],
      "rewards/accuracies": [],
      "rewards/margins": [],
      "rewards/chosen": [],
      "rewards/rejected": [],
    };
    (await logProbs(p, data.test.pairs)).forEach((now, i) => {
      const before = testReference[i] as LogProbs;
      const chosen = config.beta * (now.chosen - before.chosen);
      const rejected = config.beta * (now.rejected - before.rejected);
      const margin = chosen - rejected;
      const q = config.softLabels ? (data.test.pairs[i] as TokenPair).probability : 1;
      figures.loss?.push(q * Math.log1p(Math.exp(-margin)) + (1 - q) * Math.log1p(Math.exp(margin)));
      figures["rewards/accuracies"]?.push(margin > 0 ? 1 : margin === 0 ? 0.5 : 0);
      figures["rewards/margins"]?.push(margin);
      figures["rewards/chosen"]?.push(chosen);
      figures["rewards/rejected"]?.push(rejected);
    });
    return summarise(data.test.pairs, figures, config.seed);
  };

  const prompts = [...new Map(data.test.pairs.map((pair) => [pair.promptId, pair.promptText])).values()].slice(
    0,
    config.samplePrompts,
  );
  const answers = (parameters: Parameters) =>
    completeOnce(
      base,
      parameters,
      provider,
      prompts.map((prompt) => ({
        prompt,
        sampling: { maxTokens: config.sampleTokens, temperature: 0, seed: config.seed },
      })),
    );
  let baseAnswers: Completion[] | null = null;

  async function* sample(parameters: Parameters, step: number): AsyncGenerator<RunEvent> {
    baseAnswers ??= await answers(base.parameters);
    const tuned = await answers(parameters);
    for (const [i, prompt] of prompts.entries()) {
      const text = prompt.map((m) => m.content).join("\n");
      yield { type: "sample", step, prompt: text, base: baseAnswers[i]?.text ?? "", tuned: tuned[i]?.text ?? "" };
    }
  }

  const extend = (batch: Readonly<Record<string, HostArray>>, indices: readonly number[]) => {
    const at = (i: number) => trainReference[indices[i] ?? (indices[0] as number)] as LogProbs;
    const rows = Array.from({ length: config.batchSize }, (_, i) => at(i));
    return {
      ...batch,
      reference: float32([...rows.map((r) => r.chosen), ...rows.map((r) => r.rejected)], [2 * config.batchSize]),
    };
  };

  try {
    yield* trainPreference(
      config,
      data,
      { head: "causal", parameters: base.parameters, objective, extend, evaluate, sample },
      provider,
      signal,
    );
  } finally {
    await cache.dispose();
  }
}
