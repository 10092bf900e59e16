import * as tf from "../runtime/tf";

/**
 * What a loss sees of one side of the pairs in a batch; it never sees a model. All [B], log-probabilities summed over the
 * completion with its end-of-text token.
 */
export interface Side {
  readonly logp: tf.Tensor;
  /** The same under the reference model; zeros where a loss has none. */
  readonly reference: tf.Tensor;
  /** Tokens in the completion. */
  readonly length: tf.Tensor;
  /** Mean of `length` over the whole optimizer step, [] : what makes a mean over pairs a mean over tokens. */
  readonly meanLength: tf.Tensor;
  /** Prompt and completion together, for losses that score both. */
  readonly sequence?: { readonly logp: tf.Tensor; readonly meanLength: tf.Tensor };
}

/** log σ(x), stable on both sides. */
export const logSigmoid = (x: tf.Tensor): tf.Tensor => tf.neg(tf.softplus(tf.neg(x)));

/**
 * log(1 − eᵃ) for a < 0. From 1 − eᵃ = −tanh(a/2)·(1 + eᵃ), which loses no digits near 0 and needs no branch
 * (Mächler 2012 branches at −ln 2 for the same end).
 */
export const log1mexp = (a: tf.Tensor): tf.Tensor =>
  tf.log(tf.mul(tf.neg(tf.tanh(tf.mul(a, 0.5))), tf.add(tf.exp(a), 1)));

/** log π(y|x) − log π_ref(y|x). */
export const logRatio = ({ logp, reference }: Pick<Side, "logp" | "reference">): tf.Tensor => tf.sub(logp, reference);

/** Mean log-probability of a token. */
export const meanLogp = ({ logp, length }: Side): tf.Tensor => tf.div(logp, length);

/** log-ratio per token. */
export const meanLogRatio = (side: Side): tf.Tensor => tf.div(logRatio(side), side.length);

/** Δ: by how much more the policy has moved towards the chosen answer than towards the rejected one. */
export const deltaOf = (chosen: Side, rejected: Side): tf.Tensor => tf.sub(logRatio(chosen), logRatio(rejected));

/**
 * How far the policy is from the reference on a pair's two answers, [B], in nats an answer: the mean of the two log-ratios,
 * and of their sizes. Neither is a KL divergence: the answers are the data's, not the policy's own.
 */
export function driftOf(
  chosen: Side,
  rejected: Side,
): Readonly<Record<"logratios/mean" | "logratios/drift", tf.Tensor>> {
  const [c, r] = [logRatio(chosen), logRatio(rejected)];
  const average = (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.add(a, b), 0.5);
  return { "logratios/mean": average(c, r), "logratios/drift": average(tf.abs(c), tf.abs(r)) };
}
