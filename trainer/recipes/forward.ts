import type { Batch } from "../loop/trainStep";
import type { LlamaConfig } from "../models/config";
import { tokenLogProbs } from "../models/layers";
import { hiddenStates, logitsOf, scoresOf, type TensorParameters } from "../models/llama";
import * as tf from "../runtime/tf";

/** Summed log-probability of each sequence's completion, end-of-text included: [2B]. Logits exist only where the completion is. */
export function completionLogProbs(p: TensorParameters, c: LlamaConfig, batch: Batch): tf.Tensor {
  const { ids, rows, targets, mask } = batch as Record<"ids" | "rows" | "targets" | "mask", tf.Tensor>;
  const [n, C] = rows.shape as [number, number];
  const hidden = tf.gather(hiddenStates(p, c, ids), tf.reshape(rows, [n * C]) as tf.Tensor1D);
  const each = tokenLogProbs(logitsOf(p, c, hidden), tf.reshape(targets, [n * C]), c.vocabSize);
  return tf.sum(tf.mul(tf.reshape(each, [n, C]), mask), -1);
}

/** The reward of each sequence, read at its last real token: [2B]. */
export function rewards(p: TensorParameters, c: LlamaConfig, batch: Batch): tf.Tensor {
  const { ids, last } = batch as Record<"ids" | "last", tf.Tensor>;
  return scoresOf(p, tf.gather(hiddenStates(p, c, ids), last as tf.Tensor1D));
}

/** Chosen and rejected halves of [2B]. */
export const halves = (x: tf.Tensor): [tf.Tensor, tf.Tensor] => tf.split(x, 2, 0) as [tf.Tensor, tf.Tensor];

/** Mean over the real pairs of a batch. */
export const weightedMean = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
  tf.div(tf.sum(tf.mul(x, weight)), tf.sum(weight));

/** Share of pairs where a > b, ties half. */
export const shareAbove = (a: tf.Tensor, b: tf.Tensor, weight: tf.Tensor): tf.Tensor => {
  const above = tf.add(tf.cast(tf.greater(a, b), "float32"), tf.mul(tf.cast(tf.equal(a, b), "float32"), 0.5));
  return weightedMean(above, weight);
};
