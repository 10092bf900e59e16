import type { KlEstimator } from "../contracts/online";
import * as tf from "../runtime/tf";

/**
 * Estimates of KL(π ‖ π_ref) from tokens that π sampled (Schulman 2020, "Approximating KL divergence"), of lr = log π_ref − log π:
 * k1 = −lr is unbiased and may be negative, k2 = lr²/2 is biased and steady, k3 = e^lr − 1 − lr is unbiased and never negative.
 */
const estimators: Readonly<Record<KlEstimator, (lr: tf.Tensor) => tf.Tensor>> = {
  k1: (lr) => tf.neg(lr),
  k2: (lr) => tf.mul(tf.square(lr), 0.5),
  k3: (lr) => tf.sub(tf.sub(tf.exp(lr), 1), lr),
};

/** Of each token; log-probabilities and result of one shape. */
export const klEstimate = (estimator: KlEstimator, logp: tf.Tensor, reference: tf.Tensor): tf.Tensor =>
  estimators[estimator](tf.sub(reference, logp));

interface AdaptiveKl {
  /** Nats of an answer that the coefficient steers to. */
  readonly target: number;
  /** Answers over which it follows. */
  readonly horizon: number;
}

/** The farthest that one measurement moves the coefficient. */
const farthest = 0.2;

/**
 * The coefficient after `answers` more answers whose mean sequence KL was `kl` (Ziegler et al. 2019, section 2.2):
 * β·(1 + clip(KL/target − 1, ±0.2)·answers/horizon).
 */
export function adaptedCoefficient(beta: number, kl: number, answers: number, { target, horizon }: AdaptiveKl): number {
  const error = Math.min(farthest, Math.max(-farthest, kl / target - 1));
  return beta * (1 + (error * answers) / horizon);
}
