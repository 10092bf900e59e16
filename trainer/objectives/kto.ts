import * as tf from "../runtime/tf";
import { logRatio, type Side } from "./side";

export interface KtoHyperparameters {
  readonly beta: number;
  readonly desirableWeight: number;
  readonly undesirableWeight: number;
}

/**
 * Kahneman–Tversky optimisation (Ethayarajh et al. 2024, eq. 8) on single answers, label [B] 1 (desirable) or 0, ρ the
 * log-ratio: w_d(1 − σ(β(ρ − z))) or w_u(1 − σ(β(z − ρ))). z [] is a constant: no gradient goes through it.
 */
export function ktoLoss(
  side: Pick<Side, "logp" | "reference">,
  label: tf.Tensor,
  z: tf.Tensor,
  { beta, desirableWeight, undesirableWeight }: KtoHyperparameters,
): tf.Tensor {
  const gain = tf.mul(tf.sub(logRatio(side), z), beta);
  const desirable = tf.mul(tf.sub(1, tf.sigmoid(gain)), desirableWeight);
  const undesirable = tf.mul(tf.sub(1, tf.sigmoid(tf.neg(gain))), undesirableWeight);
  return tf.add(tf.mul(label, desirable), tf.mul(tf.sub(1, label), undesirable));
}

/** The reference point: mean log-ratio over mismatched pairs of prompt and answer, an estimate of KL(π ‖ π_ref), not below 0. */
export const ktoReferencePoint = (meanMismatchedLogRatio: tf.Tensor): tf.Tensor => tf.relu(meanMismatchedLogRatio);
