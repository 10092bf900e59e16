import * as tf from "../runtime/tf";

/** log σ(x), stable on both sides. */
export const logSigmoid = (x: tf.Tensor): tf.Tensor => tf.neg(tf.softplus(tf.neg(x)));

/**
 * Direct preference optimisation (Rafailov et al. 2023, eq. 7) with soft labels (conservative DPO where they are constant):
 * −p·log σ(βΔ) − (1−p)·log σ(−βΔ), Δ = (log π − log π_ref)(chosen) − (log π − log π_ref)(rejected).
 * All arguments [B]; returns the loss of each pair [B].
 */
export function dpoLoss(
  chosenLogRatio: tf.Tensor,
  rejectedLogRatio: tf.Tensor,
  probability: tf.Tensor,
  beta: number,
): tf.Tensor {
  const margin = tf.mul(tf.sub(chosenLogRatio, rejectedLogRatio), beta);
  const agree = tf.mul(probability, logSigmoid(margin));
  const disagree = tf.mul(tf.sub(1, probability), logSigmoid(tf.neg(margin)));
  return tf.neg(tf.add(agree, disagree));
}
