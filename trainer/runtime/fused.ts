import * as tf from "./tf";

/**
 * Attention over a resident cache in one kernel, for providers with `opensSizes` and head sizes divisible by 16.
 *
 * qkv [R·T, (heads + 2·kv)·size]: queries, keys, values side by side, not rotated yet. k, v [R, kv, S, size]: the cache.
 * places [R] int32: the place in the cache of each row's last token. T = 1: one token a row, at its place. T > 1: prompts
 * from place 0 on, right-padded to T = max(places) + 1. cos, sin [positions, size/2] (RoFormer, halves).
 *
 * Returns the mixed values [R·T, heads·size] and the cache with the new keys and values in it. Given the arrays of the
 * cache as the place for those results, ONNX Runtime writes in place and copies nothing.
 */
export function groupQueryAttention(
  inputs: { readonly qkv: tf.Tensor; readonly k: tf.Tensor; readonly v: tf.Tensor; readonly places: tf.Tensor },
  attributes: { readonly heads: number; readonly cos: Float32Array; readonly sin: Float32Array },
): [mixed: tf.Tensor, k: tf.Tensor, v: tf.Tensor] {
  const results = tf.engine().runKernel("GroupQueryAttention", { ...inputs }, { ...attributes } as never);
  return results as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
}

/** The head sizes that the kernel takes. */
export const fusedHeadSize = (size: number): boolean => size % 16 === 0;
