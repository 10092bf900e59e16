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
  /** Prompts from place 0 on, right-padded: [R, T] int32. */
  readonly ids: T;
  /** Where the tokens whose predictions are wanted are among the R·T: [L] int32. */
  readonly last: T;
  /** [L] float32. */
  readonly inverseTemperature: T;
}

/** Reads prompts whole; T is part of the program. Their keys and values are [R, kv, T, size], padding's included. */
export function readPrompts(p: TensorParameters, c: LlamaConfig, input: PromptInput): DecodeOutput {
  const { headSize: size, keyValueHeads: kv } = c;
  const groups = c.heads / kv;
  const [R, T] = input.ids.shape as [number, number];
  const { cos, sin } = ropeAngles(c, T);
  const angles = [tf.tensor(cos, [T, 1, size / 2]), tf.tensor(sin, [T, 1, size / 2])] as const;
  const ramp = tf.range(0, T, 1, "int32");
  const future = tf.mul(tf.cast(tf.less(tf.reshape(ramp, [T, 1]), ramp), "float32"), -1e9); // [T, T]
  const flat = { ...input, ids: tf.reshape(input.ids, [R * T]) };
  return decode(p, c, flat, (x, layer) => {
    const w = block(p, c, layer);
    const headsOf = (weights: tf.Tensor, heads: number) => tf.reshape(linear(x, weights), [R, T, heads, size]);
    const perHead = (y: tf.Tensor) => tf.transpose(y, [0, 2, 1, 3]); // [R, heads, T, size]
    const q = tf.mul(perHead(rotate(headsOf(w.q, c.heads), ...angles)), 1 / Math.sqrt(size));
    const k = perHead(rotate(headsOf(w.k, kv), ...angles));
    const v = perHead(headsOf(w.v, kv));
    // The queries of one key/value head side by side, so that no key is copied.
    const ofHead = (y: tf.Tensor, length: number) => tf.reshape(y, [R * kv, length, size]);
    const scores = tf.matMul(ofHead(q, groups * T), ofHead(k, T), false, true);
    const attention = tf.softmax(tf.add(tf.reshape(scores, [R * c.heads, T, T]), future));
    const mixed = tf.matMul(tf.reshape(attention, [R * kv, groups * T, T]), ofHead(v, T));
    const joined = tf.reshape(perHead(tf.reshape(mixed, [R, c.heads, T, size])), [R * T, c.heads * size]);
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
    // Frozen weights are put together once, when the program is made: fewer, larger operations in each step.
    const qkv = tf.reshape(linear(x, tf.concat([w.q, w.k, w.v], 0)), [R, c.heads + 2 * kv, size]);
    const [toRotate, newV] = tf.split(qkv, [c.heads + kv, kv], 1) as [tf.Tensor, tf.Tensor];
    const [newQ, newK] = tf.split(rotate(toRotate, cos, sin), [c.heads, kv], 1) as [tf.Tensor, tf.Tensor];
    const q = tf.reshape(tf.mul(newQ, 1 / Math.sqrt(size)), [R, kv, c.heads / kv, size]);
    const k = tf.reshape(newK, [R, kv, 1, size]);
    const v = tf.reshape(newV, [R, kv, 1, size]);
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
