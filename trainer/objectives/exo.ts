import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, logSigmoid, type Side } from "./side";

/**
 * Efficient exact optimisation on pairs (Ji et al. 2024, eq. 16): KL(σ(±βΔ) ‖ (1−ε, ε)), the policy's verdict on the pair
 * first. ε > 0.
 */
export function exoPairLoss(
  chosen: Side,
  rejected: Side,
  { beta, labelSmoothing }: Pick<PairHyperparameters, "beta" | "labelSmoothing">,
): tf.Tensor {
  const margin = tf.mul(deltaOf(chosen, rejected), beta);
  const term = (x: tf.Tensor, share: number) => tf.mul(tf.sigmoid(x), tf.sub(logSigmoid(x), Math.log(share)));
  return tf.add(term(margin, 1 - labelSmoothing), term(tf.neg(margin), labelSmoothing));
}
