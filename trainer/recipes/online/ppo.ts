import { canMerge, merged, withoutOutput } from "../../adapters/openModel";
import type { PpoConfig } from "../../contracts/runConfig";
import type { ModelFolder } from "../../io/modelFolder";
import { inFullPrecision } from "../../io/nf4/model";
import type { Parameters } from "../../io/safetensors";
import type { Batch, Objective } from "../../loop/trainStep";
import { type ModelConfig, withoutAdapter } from "../../models/config";
import { parameterShapes } from "../../models/initialise";
import type { TensorParameters } from "../../models/tensors";
import { explainedVariance, generalisedAdvantages, tokenRewards, whitened } from "../../objectives/advantages";
import { adaptedCoefficient } from "../../objectives/kl";
import { clippedPolicyLoss, clippedValueLoss, isClipped, isValueClipped } from "../../objectives/policyGradient";
import * as tf from "../../runtime/tf";
import { zeros } from "../../runtime/tree";
import type { Execution } from "../execution";
import { tokenScores, tokenValues, weightedMean } from "../forward";
import type { TuningStart } from "../start";
import {
  commonMetrics,
  type Lesson,
  type Method,
  mean,
  type ScoredAnswer,
  sum,
  tokensIn,
  trainingScores,
} from "./method";
import { collateAnswers, perAnswer } from "./rollout";
import { loadRewardModel } from "./scorer";

const valuePrefix = "value.";

const withPrefix = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, array]) => [valuePrefix + name, array]));

/** The value model among all trained parameters. */
const valuesOf = (parameters: TensorParameters): TensorParameters =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, x]) =>
      name.startsWith(valuePrefix) ? [[name.slice(valuePrefix.length), x]] : [],
    ),
  );

/** A reward model reads the policy's tokens when it has its shapes: then it was tuned from the same base. */
const readsTokensOf = (base: ModelFolder, reward: ModelFolder): boolean =>
  JSON.stringify(parameterShapes(base.config)) === JSON.stringify(parameterShapes(reward.config)) &&
  JSON.stringify(base.tokenizer.json) === JSON.stringify(reward.tokenizer.json);

/**
 * The value model has a trunk of its own, as TRL's has: a loss of large numbers on shared layers would pull the policy along.
 * It starts as the reward model, which knows the end of every story already, or where that is a rule or of another
 * tokenizer, or has what no weights can hold, as the base model with a head that says 0.
 */
function initialValue({ reward }: PpoConfig, base: ModelFolder): Parameters {
  const model = typeof reward === "string" ? loadRewardModel(reward) : null;
  if (model && canMerge(model) && readsTokensOf(base, model)) return withPrefix(merged(model).parameters);
  // Trained itself, it has all its weights at full precision, whatever those of the policy's base have.
  return withPrefix({ ...withoutOutput(inFullPrecision(base)), "score.weight": zeros([1, base.config.hiddenSize]) });
}

/** Σ weight·x over the tokens of a batch. */
const total = weightedMean;

/** What the loop minimises: −clipped gain + c_v·value loss − c_e·entropy, each a mean over the tokens of a step. TRL's names. */
export function ppoObjective(config: PpoConfig, llama: ModelConfig, execution: Execution): Objective {
  const { temperature, valueClipRange, valueCoefficient, entropyCoefficient } = config;
  return (p, batch: Batch) => {
    const { old, advantage, value, returns, weight } = batch as Record<string, tf.Tensor>;
    const [w, before, gain] = [weight, old, advantage] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [oldValue, target] = [value, returns] as [tf.Tensor, tf.Tensor];
    const real = tf.cast(tf.greater(w, 0), "float32");
    const scores = tokenScores(p, llama, batch, { temperature, execution });
    const logp = tf.mul(scores.logp, real);
    const entropy = total(scores.entropy, w);
    const now = tf.mul(tokenValues(valuesOf(p), withoutAdapter(llama), batch, execution), real);
    const policyLoss = total(clippedPolicyLoss(logp, before, gain, config), w);
    const valueLoss = total(clippedValueLoss(now, oldValue, target, valueClipRange), w);
    const { low, high } = isClipped(logp, before, gain, config);
    const change = tf.sub(logp, before);
    const ratio = tf.exp(change);
    const both = tf.add(policyLoss, tf.mul(valueLoss, valueCoefficient));
    return {
      loss: entropyCoefficient > 0 ? tf.sub(both, tf.mul(entropy, entropyCoefficient)) : both,
      metrics: {
        "loss/policy_avg": policyLoss,
        "loss/value_avg": valueLoss,
        "policy/approxkl_avg": total(tf.mul(tf.square(change), 0.5), w),
        "policy/clipfrac_avg": total(tf.add(low, high), w),
        "policy/entropy_avg": entropy,
        "val/clipfrac_avg": total(isValueClipped(now, oldValue, target, valueClipRange), w),
        "val/ratio": total(ratio, w),
        // About 1, where it starts: a sum over the parts of a step.
        "val/ratio_var": total(tf.square(tf.sub(ratio, 1)), w),
      },
    };
  };
}

/** What PPO makes of a rollout: KL and score as rewards of tokens, GAE, whitened advantages, and the next coefficient. */
export function ppoLesson(config: PpoConfig, answers: readonly ScoredAnswer[], klCoefficient: number): Lesson {
  const scores = trainingScores(answers, config);
  const raw = answers.map(({ kl }, i) => tokenRewards(kl, scores[i] as number, klCoefficient));
  const rewards = config.whitenRewards ? perAnswer(answers, whitened(raw.flat(), true)) : raw;
  const estimates = answers.map(({ values }, i) => generalisedAdvantages(rewards[i] as number[], values, config));
  const advantages = perAnswer(answers, whitened(estimates.flatMap((e) => e.advantages)));
  const experience = answers.map(({ prompt, completion, logps, reference, values }, i) => ({
    prompt,
    completion,
    logps,
    reference,
    values,
    advantages: advantages[i] as number[],
    returns: estimates[i]?.returns ?? [],
  }));
  const kl = mean(answers.map((a) => sum(a.kl)));
  const penalty = -klCoefficient * kl;
  const { klTarget: target, klHorizon: horizon } = config;
  return {
    experience,
    klCoefficient:
      target === undefined ? klCoefficient : adaptedCoefficient(klCoefficient, kl, answers.length, { target, horizon }),
    metrics: {
      ...commonMetrics(answers),
      "objective/scores": mean(scores),
      "objective/entropy": mean(answers.map(({ logps }) => -sum(logps))),
      "objective/non_score_reward": penalty,
      "objective/rlhf_reward": mean(scores) + penalty,
      "objective/kl_coef": klCoefficient,
      "val/num_eos_tokens": answers.filter(({ ended }) => ended).length,
      "val/explained_variance": explainedVariance(
        answers.flatMap(({ values }) => values),
        estimates.flatMap((e) => e.returns),
      ),
    },
  };
}

/** Proximal policy optimisation on answers of the policy's own (Schulman et al. 2017; Ziegler et al. 2019; Ouyang et al. 2022). */
export function ppoMethod(
  config: PpoConfig,
  { base, model }: Pick<TuningStart, "base" | "model">,
  execution: Execution,
): Method {
  return {
    title: "Policy tuned with PPO",
    answersPerPrompt: 1,
    klEstimator: config.klEstimator,
    klCoefficient: config.klCoefficient,
    extra: initialValue(config, base),
    valuesOf,
    objective: ppoObjective(config, model.config, execution),
    learn: (answers, klCoefficient) => ppoLesson(config, answers, klCoefficient),
    collate: (part, step, batching) => {
      const share = 1 / tokensIn(step);
      return collateAnswers(part, batching, {
        old: (a) => a.logps,
        advantage: (a) => a.advantages,
        value: (a) => a.values,
        returns: (a) => a.returns,
        weight: (a) => a.completion.map(() => share),
      });
    },
  };
}
