import { type PairLossName, pairHyperparameters, pairLosses } from "../contracts/losses";
import type { DpoConfig } from "../contracts/runConfig";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import { mixtureLoss, softLabelLoss, type WeightedLoss } from "../objectives/registry";
import { driftOf, type Side } from "../objectives/side";
import * as tf from "../runtime/tf";
import { defaultExecution, type Execution } from "./execution";
import { halves, isAbove, sequenceScores, weightedMean } from "./forward";

type Tensors = Record<string, tf.Tensor>;

/** The losses a configuration adds up, and what they need together. */
export function lossPlan({ loss }: Pick<DpoConfig, "loss">) {
  const parts: readonly WeightedLoss[] = typeof loss === "string" ? [{ loss, weight: 1 }] : loss;
  const entries = parts.map((part) => pairLosses[part.loss]);
  return {
    parts,
    reference: entries.some((e) => e.reference),
    lengthNormalised: entries.every((e) => e.lengthNormalised),
    promptToo: entries.some((e) => e.promptToo === true),
  };
}

/** The β of the rewards that are reported: the first loss's. */
function rewardScale(config: DpoConfig, { parts }: ReturnType<typeof lossPlan>): number {
  const first = parts[0]?.loss as PairLossName;
  const { beta, lambda } = pairHyperparameters(first, config);
  return first === "orpo" ? lambda : beta;
}

/** Both sides of the pairs of a batch, from the scores of its 2B sequences. */
function sidesOf(scores: { logp: tf.Tensor; promptLogp: tf.Tensor | null }, batch: Batch): [Side, Side] {
  const { reference, length, meanLength, meanSequence } = batch as Tensors;
  const both = (x: tf.Tensor) => halves(x);
  const logps = both(scores.logp);
  const references = reference ? both(reference) : logps.map((x) => tf.zerosLike(x));
  const lengths = both(length as tf.Tensor);
  const means = both(meanLength as tf.Tensor);
  const sequenceMeans = meanSequence ? both(meanSequence) : null;
  const side = (i: 0 | 1): Side => {
    const logp = logps[i];
    const { promptLogp } = scores;
    const whole = promptLogp && sequenceMeans;
    return {
      logp,
      reference: references[i] as tf.Tensor,
      length: lengths[i],
      meanLength: tf.reshape(means[i], []),
      ...(whole && {
        sequence: { logp: tf.add(logp, promptLogp), meanLength: tf.reshape(sequenceMeans[i], []) },
      }),
    };
  };
  return [side(0), side(1)];
}

/** Loss, rewards and drift of each pair in a batch, all [B]. Rewards are TRL's: β times the log-ratio, without a reference β times the (mean) log-probability. */
export function preferenceScores(config: DpoConfig, llama: ModelConfig, execution: Execution = defaultExecution) {
  const plan = lossPlan(config);
  const mixture = mixtureLoss(plan.parts, config);
  const beta = rewardScale(config, plan);
  const rewardOf = ({ logp, reference, length }: Side) => {
    const ratio = tf.sub(logp, reference);
    return tf.mul(plan.reference || !plan.lengthNormalised ? ratio : tf.div(ratio, length), beta);
  };
  return (p: Tensors, batch: Batch) => {
    const scores = sequenceScores(p, llama, batch, execution);
    const [chosen, rejected] = sidesOf(scores, batch);
    const loss = config.softLabels ? softLabelLoss(mixture, batch.probability as tf.Tensor) : mixture;
    return {
      scores,
      chosen,
      rejected,
      loss: loss(chosen, rejected),
      rewards: [rewardOf(chosen), rewardOf(rejected)] as const,
      /** Nats an answer between policy and reference on a pair's two answers; without a reference there is none. */
      drifts: plan.reference ? driftOf(chosen, rejected) : {},
    };
  };
}

/** What the loop minimises; metric names are TRL's DPOTrainer's, and `logratios/…`, which TRL does not log. */
export function preferenceObjective(config: DpoConfig, llama: ModelConfig, execution: Execution = defaultExecution) {
  const scoresOf = preferenceScores(config, llama, execution);
  return (p: Tensors, batch: Batch) => {
    const { scores, chosen, rejected, loss, rewards, drifts } = scoresOf(p, batch);
    const mean = (x: tf.Tensor) => weightedMean(x, batch.weight as tf.Tensor);
    const [chosenLogits, rejectedLogits] = halves(scores.meanLogits);
    return {
      loss: mean(loss),
      metrics: {
        "rewards/chosen": mean(rewards[0]),
        "rewards/rejected": mean(rewards[1]),
        "rewards/margins": mean(tf.sub(rewards[0], rewards[1])),
        "rewards/accuracies": mean(isAbove(rewards[0], rewards[1])),
        "logps/chosen": mean(chosen.logp),
        "logps/rejected": mean(rejected.logp),
        "logits/chosen": mean(tf.div(chosenLogits, chosen.meanLength)),
        "logits/rejected": mean(tf.div(rejectedLogits, rejected.meanLength)),
        ...Object.fromEntries(Object.entries<tf.Tensor>(drifts).map(([name, drift]) => [name, mean(drift)])),
      },
    };
  };
}
