import type { RewardConfig } from "../contracts/runConfig";
import { collatePairs, pairDemand, pairTokens, type TokenPair } from "../data/preferences";
import type { Job } from "../loop/trainLoop";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import { bradleyTerryLoss } from "../objectives/bradleyTerry";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import type { HostArray } from "../runtime/tree";
import { defaultExecution, type Execution, executionOf } from "./execution";
import { halves, isAbove, rewards, weightedMean } from "./forward";
import { loadPairs } from "./pairData";
import { batchesOver, microBatchSize, type PreparedRun, pick, stepsOver, summarise } from "./run";
import { startOf } from "./start";

type Tensors = Record<string, tf.Tensor>;

/** Nothing but the last token of an answer is scored, and by one number. */
const noLogits: readonly number[] = [];

/** Loss and reward of each pair in a batch, all [B]. */
function rewardScores(config: RewardConfig, llama: ModelConfig, execution: Execution) {
  return (p: Tensors, batch: Batch) => {
    const { probability, strength } = batch as Record<"probability" | "strength", tf.Tensor>;
    const [chosen, rejected] = halves(rewards(p, llama, batch, execution));
    const loss = bradleyTerryLoss(chosen, rejected, {
      probability: config.softLabels ? probability : tf.onesLike(probability),
      margin: config.useMargin ? strength : tf.zerosLike(strength),
      centering: config.centerRewardsCoefficient,
    });
    return { loss, chosen, rejected };
  };
}

/** What the loop minimises; metric names are TRL's RewardTrainer's. */
export function rewardObjective(config: RewardConfig, llama: ModelConfig, execution: Execution = defaultExecution) {
  const scoresOf = rewardScores(config, llama, execution);
  return (p: Tensors, batch: Batch) => {
    const { loss, chosen, rejected } = scoresOf(p, batch);
    const mean = (x: tf.Tensor) => weightedMean(x, batch.weight as tf.Tensor);
    const all = tf.concat([chosen, rejected]);
    return {
      loss: mean(loss),
      metrics: {
        accuracy: mean(isAbove(chosen, rejected)),
        margin: mean(tf.sub(chosen, rejected)),
        mean_reward: mean(tf.mul(tf.add(chosen, rejected), 0.5)),
        min_reward: tf.min(all),
        max_reward: tf.max(all),
      },
    };
  };
}

const batchingOf = (config: RewardConfig, pairs: readonly TokenPair[], { layout }: Execution) => ({
  lengths: pairs.map(pairTokens),
  demandOf: (part: readonly number[]) => pairDemand(pick(pairs, part), microBatchSize(config), { layout }),
});

/** Judges reward models on pairs: held-out loss, accuracy and margin. */
export function rewardEvaluator(
  config: RewardConfig,
  llama: ModelConfig,
  pairs: readonly TokenPair[],
  cache: SessionCache,
): Job["evaluate"] {
  const execution = executionOf(config, llama, noLogits);
  const judge = rewardScores(config, llama, execution);
  const size = microBatchSize(config);
  return async (p) => {
    const figures: Record<"loss" | "accuracy" | "margin", number[]> = { loss: [], accuracy: [], margin: [] };
    for (const { part, shape } of batchesOver(
      microBatchSize(config),
      execution,
      batchingOf(config, pairs, execution),
    )) {
      const { batch } = collatePairs(pick(pairs, part), size, { layout: execution.layout, shape });
      const args = [p, batch] as never;
      const compiled = await cache.get("judge", judge as never, args);
      const out = (await compiled.run(args)) as unknown as Record<"loss" | "chosen" | "rejected", HostArray>;
      part.forEach((pair, i) => {
        const difference = (out.chosen.data[i] as number) - (out.rejected.data[i] as number);
        figures.loss[pair] = out.loss.data[i] as number;
        figures.accuracy[pair] = difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
        figures.margin[pair] = difference;
      });
    }
    return summarise(pairs, figures, config.seed);
  };
}

/** Prepares a Bradley–Terry reward model on a snapshot. */
export async function prepareReward(config: RewardConfig, provider: Provider): Promise<PreparedRun> {
  const start = startOf(config, "reward");
  const { train, test } = loadPairs(config, start.model);
  const llama = start.model.config;
  const cache = new SessionCache(provider);
  const size = microBatchSize(config);
  const execution = executionOf(config, llama, noLogits);
  return {
    config,
    train: train.count,
    test: test.count,
    tokensPerEpoch: train.pairs.reduce((sum, pair) => sum + pairTokens(pair), 0),
    job: {
      ...start.job,
      objective: rewardObjective(config, llama, execution),
      ...stepsOver(config, execution, {
        ...batchingOf(config, train.pairs, execution),
        collate: (part, step, shape) =>
          collatePairs(pick(train.pairs, part), size, {
            layout: execution.layout,
            shape,
            step: pick(train.pairs, step),
          }),
      }),
      evaluate: rewardEvaluator(config, llama, test.pairs, cache),
      async *sample() {},
    },
    save: start.save("Reward model"),
    dispose: () => cache.dispose(),
  };
}
