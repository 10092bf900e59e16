import type { Batch } from "../loop/trainStep";
import type { LlamaConfig } from "../models/config";
import { tokenLogProbs } from "../models/head";
import { hiddenStates, logitsOf, outputWeight, scoresOf, type TensorParameters } from "../models/llama";
import * as tf from "../runtime/tf";

type Named<K extends string> = Readonly<Record<K, tf.Tensor>>;

/** The hidden states at some places: [n, C] of them → [n·C, d]. */
const hiddenAt = (hidden: tf.Tensor, rows: tf.Tensor): tf.Tensor =>
  tf.gather(hidden, tf.reshape(rows, [rows.size]) as tf.Tensor1D);

/** Sums [n·C] over each row's real places: [n]. */
const sumOver = (each: tf.Tensor, mask: tf.Tensor): tf.Tensor => tf.sum(tf.mul(tf.reshape(each, mask.shape), mask), -1);

/** Log-probability of the tokens at some places of the hidden states, summed over each row: [n]. */
function summedLogProbs(
  p: TensorParameters,
  c: LlamaConfig,
  hidden: tf.Tensor,
  { rows, targets, mask }: Named<"rows" | "targets" | "mask">,
): tf.Tensor {
  return sumOver(tokenLogProbs(hiddenAt(hidden, rows), outputWeight(p, c), tf.reshape(targets, [targets.size])), mask);
}

/** Summed log-probability of each sequence's completion, end-of-text included: [n]. Logits exist only where the completion is. */
export const completionLogProbs = (p: TensorParameters, c: LlamaConfig, batch: Batch): tf.Tensor =>
  summedLogProbs(p, c, hiddenStates(p, c, batch.ids as tf.Tensor), batch as Named<"rows" | "targets" | "mask">);

/**
 * The same, and for the metrics the logits' mean over the vocabulary, summed over each completion [n]; where the batch has
 * the prompts' places, also the log-probability of each prompt [B].
 */
export function sequenceScores(p: TensorParameters, c: LlamaConfig, batch: Batch) {
  const hidden = hiddenStates(p, c, batch.ids as tf.Tensor);
  const completions = batch as Named<"rows" | "targets" | "mask">;
  const { promptRows: rows, promptTargets: targets, promptMask: mask } = batch;
  const head = tf.reshape(tf.mean(outputWeight(p, c), 0), [-1, 1]); // [d, 1]: a mean of products is a product with the mean
  return {
    logp: summedLogProbs(p, c, hidden, completions),
    meanLogits: sumOver(
      tf.matMul(hiddenAt(hidden, completions.rows) as tf.Tensor2D, head as tf.Tensor2D),
      completions.mask,
    ),
    promptLogp: rows && targets && mask ? summedLogProbs(p, c, hidden, { rows, targets, mask }) : null,
  };
}

/** The reward of each sequence, read at its last real token: [n]. */
export function rewards(p: TensorParameters, c: LlamaConfig, batch: Batch): tf.Tensor {
  const { ids, last } = batch as Named<"ids" | "last">;
  return scoresOf(p, tf.gather(hiddenStates(p, c, ids), last as tf.Tensor1D));
}

/** Chosen and rejected halves of [2B] or [2]. */
export const halves = (x: tf.Tensor): [tf.Tensor, tf.Tensor] => tf.split(x, 2, 0) as [tf.Tensor, tf.Tensor];

/** Mean over the real pairs of a step; of a batch that is a part of it, that part. */
export const weightedMean = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor => tf.sum(tf.mul(x, weight));

/** 1 where a > b, ½ where they are equal: [B]. */
export const isAbove = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.add(tf.cast(tf.greater(a, b), "float32"), tf.mul(tf.cast(tf.equal(a, b), "float32"), 0.5));

/** A tensor's value without a gradient. Put it on parameters, and no backward pass is left in the compiled program. */
export const detached = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.clone(args[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy)],
  }))(x);

/** Of each completion [n]: its log-probability, and summed over its tokens the entropy of what was predicted and how often the likeliest token was right. */
export function completionStatistics(p: TensorParameters, c: LlamaConfig, batch: Batch) {
  const { ids, rows, targets, mask } = batch as Named<"ids" | "rows" | "targets" | "mask">;
  const hidden = hiddenAt(hiddenStates(p, c, ids), rows);
  const logits = logitsOf(p, c, hidden);
  const flat = tf.reshape(targets, [targets.size]);
  const each = tokenLogProbs(hidden, outputWeight(p, c), flat);
  const peak = tf.max(logits, -1, true);
  const weights = tf.exp(tf.sub(logits, peak));
  const total = tf.sum(weights, -1, true);
  const expected = tf.div(tf.sum(tf.mul(weights, tf.sub(logits, peak)), -1), tf.squeeze(total, [-1]));
  const entropy = tf.sub(tf.log(tf.squeeze(total, [-1])), expected);
  const hit = tf.cast(tf.equal(tf.argMax(logits, -1), flat), "float32");
  return { logp: sumOver(each, mask), entropy: sumOver(entropy, mask), hits: sumOver(hit, mask) };
}
