import * as tf from "../runtime/tf";

interface ClipRange {
  /** ε below 1. */
  readonly clipRange: number;
  /** ε above 1; the same when left out (DAPO's clip-higher; Yu et al. 2025). */
  readonly clipRangeHigh?: number | undefined;
}

/**
 * What PPO's gradient follows (Schulman et al. 2017, eq. 7): max(−A·ρ, −A·clip(ρ, 1 − ε, 1 + ε)), ρ = e^(logp − old). Of tokens
 * for PPO and GRPO, of whole answers for RLOO: log-probabilities under the policy and under the one that sampled, and
 * advantages, all of one shape; so is the loss.
 */
export function clippedPolicyLoss(
  logp: tf.Tensor,
  old: tf.Tensor,
  advantage: tf.Tensor,
  { clipRange, clipRangeHigh = clipRange }: ClipRange,
): tf.Tensor {
  const ratio = tf.exp(tf.sub(logp, old));
  const clipped = tf.clipByValue(ratio, 1 - clipRange, 1 + clipRangeHigh);
  return tf.neg(tf.minimum(tf.mul(ratio, advantage), tf.mul(clipped, advantage)));
}

/** 1 where clipping stops the gradient: the ratio has left the range on the side that the advantage pushes to. */
export function isClipped(
  logp: tf.Tensor,
  old: tf.Tensor,
  advantage: tf.Tensor,
  { clipRange, clipRangeHigh = clipRange }: ClipRange,
): { readonly low: tf.Tensor; readonly high: tf.Tensor } {
  const ratio = tf.exp(tf.sub(logp, old));
  const both = (a: tf.Tensor, b: tf.Tensor) => tf.cast(tf.logicalAnd(a, b), "float32");
  return {
    low: both(tf.less(ratio, 1 - clipRange), tf.less(advantage, 0)),
    high: both(tf.greater(ratio, 1 + clipRangeHigh), tf.greater(advantage, 0)),
  };
}

/**
 * The value function's loss with its step clipped as PPO's reference code does (Schulman et al. 2017; Huang et al. 2022, detail
 * 9): ½·max((V − R)², (V_old + clip(V − V_old, ±ε) − R)²). All of one shape.
 */
export function clippedValueLoss(value: tf.Tensor, old: tf.Tensor, returns: tf.Tensor, clipRange: number): tf.Tensor {
  const { free, clipped } = valueErrors(value, old, returns, clipRange);
  return tf.mul(tf.maximum(free, clipped), 0.5);
}

/** 1 where the clipped error is the larger one. */
export function isValueClipped(value: tf.Tensor, old: tf.Tensor, returns: tf.Tensor, clipRange: number): tf.Tensor {
  const { free, clipped } = valueErrors(value, old, returns, clipRange);
  return tf.cast(tf.greater(clipped, free), "float32");
}

function valueErrors(value: tf.Tensor, old: tf.Tensor, returns: tf.Tensor, clipRange: number) {
  const near = tf.add(old, tf.clipByValue(tf.sub(value, old), -clipRange, clipRange));
  return { free: tf.square(tf.sub(value, returns)), clipped: tf.square(tf.sub(near, returns)) };
}
