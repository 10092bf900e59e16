import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import { type TokenStatistics, tokenLogProbs, tokenLogProbsInChunks, tokenStatisticsInChunks } from "../models/head";
import type { TensorParameters } from "../models/tensors";
import { hiddenStates, logitsOf, outputWeight, scoresOf } from "../models/transformer";
import * as tf from "../runtime/tf";
import { defaultExecution, type Execution } from "./execution";

type Named<K extends string> = Readonly<Record<K, tf.Tensor>>;

/**
 * Final hidden states, at some flattened places [C], of a batch that `collateSequences` laid out, or of `ids` [n, T] with a
 * sequence in each row: [C, d]. With a `seed` in it an adapter drops out.
 */
function hiddenAt(
  p: TensorParameters,
  llama: ModelConfig,
  batch: Batch,
  places: tf.Tensor,
  { model }: Execution,
): tf.Tensor {
  const { ids, positions, block, parent, seed } = batch;
  const adapter = seed ? llama.adapter?.droppingOut?.(seed) : undefined;
  const c = adapter ? { ...llama, adapter } : llama;
  const layout = positions && block && parent ? { positions, block, parent } : undefined;
  return hiddenStates(p, c, ids as tf.Tensor, layout, model, places);
}

/** Places where log-probabilities are computed, all [C]; `sequence` is −1 where there is none. */
type Places = Named<"rows" | "targets" | "sequence">;

/** Sums of each [C] over the places of each of n sequences: [n]. */
function sumOver(each: tf.Tensor, sequence: tf.Tensor, n: number): tf.Tensor {
  const own = tf.equal(tf.reshape(tf.range(0, n, 1, "int32"), [n, 1]), tf.reshape(sequence, [1, sequence.size]));
  return tf.reshape(tf.matMul(tf.cast(own, "float32") as tf.Tensor2D, tf.reshape(each, [each.size, 1])), [n]);
}

/** Log-probabilities of tokens [C] predicted from hidden states [C, d]: [C]. */
function logProbsAt(
  p: TensorParameters,
  c: ModelConfig,
  at: tf.Tensor,
  targets: tf.Tensor,
  { vocabularyChunk }: Execution,
): tf.Tensor {
  const head = outputWeight(p, c);
  return vocabularyChunk ? tokenLogProbsInChunks(at, head, targets, vocabularyChunk) : tokenLogProbs(at, head, targets);
}

/** Log-probability of the tokens at some places, from the hidden states there [C, d], summed over each of n sequences: [n]. */
const summedLogProbs = (
  p: TensorParameters,
  c: ModelConfig,
  hidden: tf.Tensor,
  { targets, sequence }: Pick<Places, "targets" | "sequence">,
  n: number,
  execution: Execution,
): tf.Tensor => sumOver(logProbsAt(p, c, hidden, targets, execution), sequence, n);

/** How a sampling policy's tokens are scored: logits are divided by the temperature that it sampled at. */
interface Tempered {
  readonly temperature: number;
  readonly execution: Execution;
}

/** Of the token at each scored place [C]: its log-probability and the entropy of what was predicted there. */
export function tokenScores(p: TensorParameters, c: ModelConfig, batch: Batch, { temperature, execution }: Tempered) {
  const { rows, targets } = batch as Places;
  // Logits are linear in the hidden state.
  const at = tf.mul(hiddenAt(p, c, batch, rows, execution), 1 / temperature);
  return { logp: logProbsAt(p, c, at, targets, execution), entropy: entropyOf(logitsOf(p, c, at)) };
}

/** What a value model expects at each scored place, before its token: [C]. */
export const tokenValues = (p: TensorParameters, c: ModelConfig, batch: Batch, execution: Execution): tf.Tensor =>
  scoresOf(p, hiddenAt(p, c, batch, (batch as Places).rows, execution));

/** Sums of each [C] over the sequences of a batch: [n]. */
export const overSequences = (each: tf.Tensor, batch: Batch): tf.Tensor =>
  sumOver(each, batch.sequence as tf.Tensor, sequencesIn(batch));

/** Entropy of softmax(logits), logits [C, V]: [C]. */
function entropyOf(logits: tf.Tensor): tf.Tensor {
  const peak = tf.max(logits, -1, true);
  const weights = tf.exp(tf.sub(logits, peak));
  const total = tf.sum(weights, -1, true);
  const expected = tf.div(tf.sum(tf.mul(weights, tf.sub(logits, peak)), -1), tf.squeeze(total, [-1]));
  return tf.sub(tf.log(tf.squeeze(total, [-1])), expected);
}

const sequencesIn = (batch: Batch): number => (batch.length as tf.Tensor).size;

/** Summed log-probability of each sequence's completion, end-of-text included: [n]. Logits exist only where the completion is. */
export const completionLogProbs = (
  p: TensorParameters,
  c: ModelConfig,
  batch: Batch,
  execution: Execution = defaultExecution,
): tf.Tensor => {
  const places = batch as Places;
  const hidden = hiddenAt(p, c, batch, places.rows, execution);
  return summedLogProbs(p, c, hidden, places, sequencesIn(batch), execution);
};

/**
 * The same, and for the metrics the logits' mean over the vocabulary, summed over each completion [n]; where the batch has
 * the prompts' places, also the log-probability of each prompt [B].
 */
export function sequenceScores(
  p: TensorParameters,
  c: ModelConfig,
  batch: Batch,
  execution: Execution = defaultExecution,
) {
  const completions = batch as Places;
  const { promptRows, promptTargets: targets, promptSequence: sequence } = batch;
  const places = promptRows ? tf.concat([completions.rows, promptRows]) : completions.rows;
  const all = hiddenAt(p, c, batch, places, execution);
  const sizes = [completions.rows.size, promptRows?.size ?? 0];
  const [hidden, ofPrompts] = promptRows ? tf.split(all, sizes) : [all];
  const head = tf.reshape(tf.mean(outputWeight(p, c), 0), [-1, 1]); // [d, 1]: a mean of products is a product with the mean
  const n = sequencesIn(batch);
  return {
    logp: summedLogProbs(p, c, hidden as tf.Tensor, completions, n, execution),
    meanLogits: sumOver(tf.matMul(hidden as tf.Tensor2D, head as tf.Tensor2D), completions.sequence, n),
    promptLogp:
      ofPrompts && targets && sequence
        ? summedLogProbs(p, c, ofPrompts, { targets, sequence }, n / 2, execution)
        : null,
  };
}

/** The reward of each sequence, read at its last real token: [n]. */
export const rewards = (
  p: TensorParameters,
  c: ModelConfig,
  batch: Batch,
  execution: Execution = defaultExecution,
): tf.Tensor => scoresOf(p, hiddenAt(p, c, batch, batch.last as tf.Tensor, execution));

/** Chosen and rejected halves of [2B] or [2]. */
export const halves = (x: tf.Tensor): [tf.Tensor, tf.Tensor] => tf.split(x, 2, 0) as [tf.Tensor, tf.Tensor];

/** Mean over the real pairs of a step; of a batch that is a part of it, that part. */
export const weightedMean = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor => tf.sum(tf.mul(x, weight));

/** 1 where a > b, ½ where they are equal: [B]. */
export const isAbove = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.add(tf.cast(tf.greater(a, b), "float32"), tf.mul(tf.cast(tf.equal(a, b), "float32"), 0.5));

/** What is predicted from hidden states [C, d], beside the tokens [C] that come. */
function statisticsAt(
  p: TensorParameters,
  c: ModelConfig,
  hidden: tf.Tensor,
  targets: tf.Tensor,
  { vocabularyChunk }: Execution,
): TokenStatistics {
  if (vocabularyChunk) return tokenStatisticsInChunks(hidden, outputWeight(p, c), targets, vocabularyChunk);
  const logits = logitsOf(p, c, hidden);
  return {
    logp: tokenLogProbs(hidden, outputWeight(p, c), targets),
    entropy: entropyOf(logits),
    hit: tf.cast(tf.equal(tf.argMax(logits, -1), targets), "float32"),
  };
}

/** Of each completion [n]: its log-probability, and summed over its tokens the entropy of what was predicted and how often the likeliest token was right. */
export function completionStatistics(
  p: TensorParameters,
  c: ModelConfig,
  batch: Batch,
  execution: Execution = defaultExecution,
) {
  const { rows, targets, sequence } = batch as Places;
  const n = sequencesIn(batch);
  const hidden = hiddenAt(p, c, batch, rows, execution);
  const { logp, entropy, hit } = statisticsAt(p, c, hidden, targets, execution);
  return { logp: sumOver(logp, sequence, n), entropy: sumOver(entropy, sequence, n), hits: sumOver(hit, sequence, n) };
}
