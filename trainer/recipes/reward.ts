import type { RewardConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { collatePairs } from "../data/preferences";
import { derivedSeed, Random } from "../data/random";
import type { Parameters } from "../io/safetensors";
import type { Batch } from "../loop/trainStep";
import { initialiseScore } from "../models/initialise";
import { bradleyTerryLoss } from "../objectives/bradleyTerry";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import type { HostArray } from "../runtime/tree";
import { halves, rewards, shareAbove, weightedMean } from "./forward";
import { chunks, loadPreferenceData, numbers, summarise, trainPreference } from "./preference";

/** Trains a Bradley–Terry reward model on a snapshot. Metric names are TRL's RewardTrainer's. */
export async function* trainReward(
  config: RewardConfig,
  provider: Provider,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent> {
  const data = loadPreferenceData(config);
  const llama = data.base.config;
  const { "lm_head.weight": _unused, ...body } = data.base.parameters;
  const parameters = { ...body, ...initialiseScore(llama, new Random(derivedSeed(config.seed, 3))) };
  const cache = new SessionCache(provider);

  const objective = (p: Record<string, tf.Tensor>, batch: Batch) => {
    const { probability, strength, weight } = batch as Record<"probability" | "strength" | "weight", tf.Tensor>;
    const [chosen, rejected] = halves(rewards(p, llama, batch));
    const target = config.softLabels ? probability : tf.onesLike(probability);
    const margin = config.useMargin ? strength : tf.zerosLike(strength);
    const loss = bradleyTerryLoss(chosen, rejected, {
      probability: target,
      margin,
      centering: config.centerRewardsCoefficient,
    });
    return {
      loss: weightedMean(loss, weight),
      metrics: {
        accuracy: shareAbove(chosen, rejected, weight),
        margin: weightedMean(tf.sub(chosen, rejected), weight),
        mean_reward: weightedMean(tf.mul(tf.add(chosen, rejected), 0.5), weight),
      },
    };
  };
  const forward = (p: Record<string, tf.Tensor>, batch: Batch) => rewards(p, llama, batch);

  const evaluate = async (p: Parameters) => {
    const figures: Record<string, number[]> = { loss: [], accuracy: [], margin: [] };
    for (const pairs of chunks(data.test.pairs, config.batchSize)) {
      const args = [p, collatePairs(pairs, config.batchSize).batch] as never;
      const compiled = await cache.get("reward", forward as never, args);
      const scores = numbers((await compiled.run(args)) as unknown as HostArray);
      pairs.forEach((pair, i) => {
        const difference = (scores[i] as number) - (scores[config.batchSize + i] as number);
        const q = config.softLabels ? pair.probability : 1;
        figures.loss?.push(q * Math.log1p(Math.exp(-difference)) + (1 - q) * Math.log1p(Math.exp(difference)));
        figures.accuracy?.push(difference > 0 ? 1 : difference === 0 ? 0.5 : 0);
        figures.margin?.push(difference);
      });
    }
    return summarise(data.test.pairs, figures, config.seed);
  };

  try {
    yield* trainPreference(
      config,
      data,
      { head: "reward", parameters, objective, extend: (batch) => batch, evaluate, async *sample() {} },
      provider,
      signal,
    );
  } finally {
    await cache.dispose();
  }
}
