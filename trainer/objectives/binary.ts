import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { logRatio, logSigmoid, type Side } from "./side";

type Beta = Pick<PairHyperparameters, "beta">;

const rewards = (chosen: Side, rejected: Side, beta: number) =>
  [tf.mul(logRatio(chosen), beta), tf.mul(logRatio(rejected), beta)] as const;

/** Binary classifier optimisation on pairs (Jung et al. 2024), no reward shift: −log σ(βc) − log σ(−βr). */
export function bcoPairLoss(chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor {
  const [c, r] = rewards(chosen, rejected, beta);
  return tf.neg(tf.add(logSigmoid(c), logSigmoid(tf.neg(r))));
}

/** Noise-contrastive alignment for two answers (Chen et al. 2024): −log σ(βc) − ½·log σ(−βc) − ½·log σ(−βr). */
export function ncaPairLoss(chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor {
  const [c, r] = rewards(chosen, rejected, beta);
  const noise = tf.mul(tf.add(logSigmoid(tf.neg(c)), logSigmoid(tf.neg(r))), 0.5);
  return tf.neg(tf.add(logSigmoid(c), noise));
}
