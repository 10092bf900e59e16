import type { GrpoConfig, RlooConfig } from "../../contracts/runConfig";
import { shares } from "../../data/sequences";
import type { Objective } from "../../loop/trainStep";
import type { ModelConfig } from "../../models/config";
import {
  deviationOf,
  groupAdvantages,
  leaveOneOutAdvantages,
  shareWithoutSpread,
  tokenWeight,
} from "../../objectives/advantages";
import { klEstimate } from "../../objectives/kl";
import { clippedPolicyLoss, isClipped } from "../../objectives/policyGradient";
import * as tf from "../../runtime/tf";
import { float32 } from "../../runtime/tree";
import type { Execution } from "../execution";
import { overSequences, tokenScores, weightedMean } from "../forward";
import type { TuningStart } from "../start";
import {
  commonMetrics,
  type Experience,
  type Lesson,
  type Method,
  mean,
  type ScoredAnswer,
  sum,
  tokensIn,
  trainingScores,
} from "./method";
import { collateAnswers } from "./rollout";

/** Methods that need no value model: answers to one prompt are compared with each other. */

const clipMetrics = (low: tf.Tensor, high: tf.Tensor, weight: tf.Tensor) => ({
  "clip_ratio/low_mean": weightedMean(low, weight),
  "clip_ratio/high_mean": weightedMean(high, weight),
  "clip_ratio/region_mean": weightedMean(tf.add(low, high), weight),
});

/**
 * GRPO's loss (Shao et al. 2024, eq. 3): clipped gain of tokens and β times their KL to the reference (k3). The gradient of k3
 * alone is not that of the reverse KL; times the ratio it is (DeepSeek-AI 2025, V3.2). TRL's names.
 */
export function grpoObjective(config: GrpoConfig, llama: ModelConfig, execution: Execution): Objective {
  const { temperature, beta, entropyCoefficient, unbiasedKl } = config;
  return (p, batch) => {
    const { old, advantage, reference, weight, share } = batch as Record<string, tf.Tensor>;
    const [loss, each, before, gain] = [weight, share, old, advantage] as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const real = tf.cast(tf.greater(each, 0), "float32");
    const scores = tokenScores(p, llama, batch, { temperature, execution });
    const logp = tf.mul(scores.logp, real);
    const estimate = klEstimate("k3", logp, reference as tf.Tensor);
    const kl = unbiasedKl ? tf.mul(estimate, tf.exp(tf.sub(logp, before))) : estimate;
    const entropy = weightedMean(scores.entropy, each);
    const policy = clippedPolicyLoss(logp, before, gain, config);
    const pulled = weightedMean(beta > 0 ? tf.add(policy, tf.mul(kl, beta)) : policy, loss);
    const { low, high } = isClipped(logp, before, gain, config);
    return {
      loss: entropyCoefficient > 0 ? tf.sub(pulled, tf.mul(entropy, entropyCoefficient)) : pulled,
      metrics: { kl: weightedMean(kl, each), entropy, ...clipMetrics(low, high, each) },
    };
  };
}

/** RLOO's loss (Ahmadian et al. 2024, eq. 8) with TRL's clipping: the gain of whole answers. TRL's names. */
export function rlooObjective(config: RlooConfig, llama: ModelConfig, execution: Execution): Objective {
  const { temperature, entropyCoefficient } = config;
  return (p, batch) => {
    const { oldSum, gain, weight, share } = batch as Record<string, tf.Tensor>;
    const [before, advantage, each] = [oldSum, gain, weight] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tokenScores(p, llama, batch, { temperature, execution });
    const logp = overSequences(scores.logp, batch);
    const entropy = weightedMean(scores.entropy, share as tf.Tensor);
    const policy = weightedMean(clippedPolicyLoss(logp, before, advantage, config), each);
    const { low, high } = isClipped(logp, before, advantage, config);
    return {
      loss: entropyCoefficient > 0 ? tf.sub(policy, tf.mul(entropy, entropyCoefficient)) : policy,
      metrics: { entropy, ...clipMetrics(low, high, each) },
    };
  };
}

const groupMetrics = (answers: readonly ScoredAnswer[], scores: readonly number[], size: number) => ({
  ...commonMetrics(answers),
  reward: mean(scores),
  reward_std: deviationOf(scores),
  frac_reward_zero_std: shareWithoutSpread(scores, size),
});

const experienceOf = ({ prompt, completion, logps, reference }: ScoredAnswer, advantage: number): Experience => ({
  prompt,
  completion,
  logps,
  reference,
  advantages: completion.map(() => advantage),
  values: [],
  returns: [],
});

export function grpoLesson(config: GrpoConfig, answers: readonly ScoredAnswer[]): Lesson {
  const scores = trainingScores(answers, config);
  const advantages = groupAdvantages(scores, config.groupSize, config.scaleRewards);
  return {
    experience: answers.map((answer, i) => experienceOf(answer, advantages[i] as number)),
    klCoefficient: config.beta,
    metrics: groupMetrics(answers, scores, config.groupSize),
  };
}

/** The KL of an answer is part of its reward, before it is compared with the others. */
export function rlooLesson(config: RlooConfig, answers: readonly ScoredAnswer[]): Lesson {
  const scores = trainingScores(answers, config);
  const rewards = scores.map((score, i) => score - config.beta * sum(answers[i]?.kl ?? []));
  const advantages = leaveOneOutAdvantages(rewards, config.groupSize);
  return {
    experience: answers.map((answer, i) => experienceOf(answer, advantages[i] as number)),
    klCoefficient: config.beta,
    metrics: { ...groupMetrics(answers, scores, config.groupSize), "objective/rlhf_reward": mean(rewards) },
  };
}

/** Both have no other parameters than the policy's. */
const policyAlone = { extra: {}, valuesOf: () => null } as const;

export function grpoMethod(
  config: GrpoConfig,
  { model: { config: llama } }: Pick<TuningStart, "model">,
  execution: Execution,
): Method {
  return {
    ...policyAlone,
    title: "Policy tuned with GRPO",
    answersPerPrompt: config.groupSize,
    klEstimator: "k1",
    klCoefficient: config.beta,
    objective: grpoObjective(config, llama, execution),
    learn: (answers) => grpoLesson(config, answers),
    collate: (part, step, batching) => {
      const lengths = step.map((a) => a.completion.length);
      const share = 1 / tokensIn(step);
      return collateAnswers(part, batching, {
        old: (a) => a.logps,
        reference: (a) => a.reference,
        advantage: (a) => a.advantages,
        weight: ({ completion }) => {
          const weight = tokenWeight(config.aggregation, completion.length, lengths, config.maxNewTokens);
          return completion.map(() => weight);
        },
        share: (a) => a.completion.map(() => share),
      });
    },
  };
}

export function rlooMethod(
  config: RlooConfig,
  { model: { config: llama } }: Pick<TuningStart, "model">,
  execution: Execution,
): Method {
  return {
    ...policyAlone,
    title: "Policy tuned with RLOO",
    answersPerPrompt: config.groupSize,
    klEstimator: "k1",
    klCoefficient: config.beta,
    objective: rlooObjective(config, llama, execution),
    learn: (answers) => rlooLesson(config, answers),
    collate: (part, step, batching) => {
      const share = 1 / tokensIn(step);
      const perSequence = (of: (a: Experience) => number) => {
        const filler = new Array<number>(batching.size - part.length).fill(0);
        return float32([...part.map(of), ...filler], [batching.size]);
      };
      return {
        ...collateAnswers(part, batching, { share: (a) => a.completion.map(() => share) }),
        oldSum: perSequence((a) => sum(a.logps)),
        gain: perSequence((a) => a.advantages[0] as number),
        weight: shares(part.length, batching.size, step.length),
      };
    },
  };
}
