import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, logSigmoid, type Side } from "./side";

/** Discovered preference optimisation (Lu et al. 2024, eq. 5): (1−s)·(−log σ(βΔ)) + s·e^(−βΔ), s = σ(βΔ/τ). */
export function discopopLoss(
  chosen: Side,
  rejected: Side,
  { beta, tau }: Pick<PairHyperparameters, "beta" | "tau">,
): tf.Tensor {
  const margin = tf.mul(deltaOf(chosen, rejected), beta);
  const share = tf.sigmoid(tf.div(margin, tau));
  return tf.sub(tf.mul(share, tf.exp(tf.neg(margin))), tf.mul(tf.sub(1, share), logSigmoid(margin)));
}
