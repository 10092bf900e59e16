import * as tf from "../runtime/tf";
import type { LlamaConfig } from "./config";
import { linear, rmsNorm, rotate } from "./layers";
import { block, feedForward, logitsOf, ropeAngles, type TensorParameters, weight } from "./llama";

/** One layer's keys, rotated, and values. */
export interface KeysAndValues<T = tf.Tensor> {
  readonly k: T;
  readonly v: T;
}

/** What both programs say about the token after each row's last. */
export interface DecodeOutput<T = tf.Tensor> {
  /** [R, V]. */
  readonly logits: T;
  /** exp((logits − their maximum) · inverseTemperature): the distribution before normalising, [R, V]. */
  readonly weights: T;
  /** The new keys and values of each layer, for the host to write into the cache, which no program copies. */
  readonly layers: readonly KeysAndValues<T>[];
}

export interface PromptInput<T = tf.Tensor> {
  /** The prompt: [T] int32. */
  readonly ids: T;
  /** 0 … T−1: [T] int32. */
  readonly places: T;
  /** T−1: [1] int32. */
  readonly last: T;
  /** [1] float32. */
  readonly inverseTemperature: T;
}

/** Reads one prompt whole; its keys and values are [kv, T, size]. */
export function readPrompt(p: TensorParameters, c: LlamaConfig, input: PromptInput): DecodeOutput {
  const { headSize: size, keyValueHeads: kv } = c;
  const T = input.ids.shape[0] as number;
  const [cos, sin] = anglesAt(c, input.places, [T, 1, size / 2]);
  const groups = c.heads / kv;
  const future = tf.mul(tf.cast(tf.less(tf.reshape(input.places, [T, 1]), input.places), "float32"), -1e9); // [T, T]
  const masks = groups === 1 ? future : tf.concat(Array<tf.Tensor>(groups).fill(future), 0);
  return decode(p, c, input, (x, layer) => {
    const w = block(p, c, layer);
    const headsOf = (weights: tf.Tensor, heads: number) => tf.reshape(linear(x, weights), [T, heads, size]);
    const perHead = (y: tf.Tensor) => tf.transpose(y, [1, 0, 2]); // [heads, T, size]
    const q = tf.mul(perHead(rotate(headsOf(w.q, c.heads), cos, sin)), 1 / Math.sqrt(size));
    const k = perHead(rotate(headsOf(w.k, kv), cos, sin));
    const v = perHead(headsOf(w.v, kv));
    // The queries of one key/value head side by side, so that no key is copied: [kv, groups·T, …].
    const scores = tf.matMul(tf.reshape(q, [kv, groups * T, size]), k, false, true);
    const mixed = tf.matMul(tf.softmax(tf.add(scores, masks)), v);
    const joined = tf.reshape(perHead(tf.reshape(mixed, [c.heads, T, size])), [T, c.heads * size]);
    return { mixed: joined, fresh: { k, v } };
  });
}

export interface StepInput<T = tf.Tensor> {
  /** One token a row: [R] int32. */
  readonly ids: T;
  /** The place of each: [R] int32. */
  readonly places: T;
  /** −1e9 at the places of the cache that a row has not filled, 0 at the others: [R, 1, 1, S]. */
  readonly hidden: T;
  /** [R] float32. */
  readonly inverseTemperature: T;
}

/** One more token for each row. The cache's keys and values are [R, kv, S, size], the new ones [R, kv, 1, size]. */
export function readToken(
  p: TensorParameters,
  c: LlamaConfig,
  cache: readonly KeysAndValues[],
  input: StepInput,
): DecodeOutput {
  const { headSize: size, keyValueHeads: kv } = c;
  const R = input.ids.shape[0] as number;
  const [cos, sin] = anglesAt(c, input.places, [R, 1, size / 2]);
  return decode(p, c, input, (x, layer) => {
    const w = block(p, c, layer);
    const past = cache[layer] as KeysAndValues;
    const headsOf = (weights: tf.Tensor, heads: number) => tf.reshape(linear(x, weights), [R, heads, size]);
    const q = tf.reshape(tf.mul(rotate(headsOf(w.q, c.heads), cos, sin), 1 / Math.sqrt(size)), [
      R,
      kv,
      c.heads / kv,
      size,
    ]);
    const k = tf.reshape(rotate(headsOf(w.k, kv), cos, sin), [R, kv, 1, size]);
    const v = tf.reshape(linear(x, w.v), [R, kv, 1, size]);
    // One softmax over the cache and the token itself, without putting the two together.
    const before = tf.add(tf.matMul(q, past.k, false, true), input.hidden); // [R, kv, groups, S]
    const own = tf.sum(tf.mul(q, k), -1, true); // [R, kv, groups, 1]
    const peak = tf.maximum(tf.max(before, -1, true), own);
    const toBefore = tf.exp(tf.sub(before, peak));
    const toOwn = tf.exp(tf.sub(own, peak));
    const total = tf.add(tf.sum(toBefore, -1, true), toOwn);
    const mixed = tf.div(tf.add(tf.matMul(toBefore, past.v), tf.mul(toOwn, v)), total);
    return { mixed: tf.reshape(mixed, [R, c.heads * size]), fresh: { k, v } };
  });
}

/** cos and sin of RoPE at places [N], in `shape`. */
function anglesAt(c: LlamaConfig, places: tf.Tensor, shape: number[]): [tf.Tensor, tf.Tensor] {
  const { cos, sin } = ropeAngles(c, c.maxPositions);
  const at = (table: Float32Array) =>
    tf.reshape(tf.gather(tf.tensor(table, [c.maxPositions, c.headSize / 2]), places as tf.Tensor1D), shape);
  return [at(cos), at(sin)];
}

type Attend = (x: tf.Tensor, layer: number) => { readonly mixed: tf.Tensor; readonly fresh: KeysAndValues };

function decode(
  p: TensorParameters,
  c: LlamaConfig,
  input: Pick<StepInput, "ids" | "inverseTemperature"> & { readonly last?: tf.Tensor },
  attend: Attend,
): DecodeOutput {
  const layers: KeysAndValues[] = [];
  let h = tf.gather(weight(p, "model.embed_tokens.weight"), input.ids as tf.Tensor1D); // [N, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const w = block(p, c, layer);
    const { mixed, fresh } = attend(rmsNorm(h, w.norm1, w.epsilon), layer);
    layers.push(fresh);
    h = feedForward(w, tf.add(h, linear(mixed, w.o)));
  }
  const last = input.last ? tf.gather(h, input.last as tf.Tensor1D) : h;
  const logits = logitsOf(p, c, rmsNorm(last, weight(p, "model.norm.weight"), c.normEpsilon));
  const below = tf.sub(logits, tf.max(logits, -1, true));
  const weights = tf.exp(tf.mul(below, tf.expandDims(input.inverseTemperature, 1)));
  return { logits, weights, layers };
}
