import { groupQueryAttention } from "../runtime/fused";
import * as tf from "../runtime/tf";
import type { LlamaConfig } from "./config";
import { linear, rmsNorm, rotate } from "./layers";
import { block, feedForward, logitsOf, ropeAngles, type TensorParameters, weight } from "./llama";

/** One layer's cached keys and values, each [R, kv, S, size]; keys are rotated. */
export interface LayerCache<T = tf.Tensor> {
  readonly k: T;
  readonly v: T;
}

/**
 * What one call reads. T = 1: one more token a row, whose cache holds all before it. T > 1: prompts from place 0 on,
 * right-padded.
 */
export interface DecodeInput<T = tf.Tensor> {
  /** [R, T] int32. */
  readonly ids: T;
  /** The place in the cache of each row's last token: [R] int32. */
  readonly places: T;
  /** Where the rows' last tokens are among the R·T: [R] int32. */
  readonly last: T;
  /** [R] float32. */
  readonly inverseTemperature: T;
}

export interface DecodeOutput<T = tf.Tensor> {
  /** Of the token after each row's last: [R, V]. */
  readonly logits: T;
  /** exp((logits − their maximum) · inverseTemperature): the distribution before normalising, [R, V]. */
  readonly weights: T;
  /** Fused: the whole cache. Otherwise only the new keys and values [R, kv, T, size], for the host to write in. */
  readonly layers: readonly LayerCache<T>[];
}

type Attend = (x: tf.Tensor, layer: number) => { mixed: tf.Tensor; cached: LayerCache };

function decode(p: TensorParameters, c: LlamaConfig, input: DecodeInput, attend: Attend): DecodeOutput {
  const [R, T] = input.ids.shape as [number, number];
  const layers: LayerCache[] = [];
  let h = tf.gather(weight(p, "model.embed_tokens.weight"), tf.reshape(input.ids, [R * T]) as tf.Tensor1D); // [R·T, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const w = block(p, c, layer);
    const { mixed, cached } = attend(rmsNorm(h, w.norm1, w.epsilon), layer);
    layers.push(cached);
    h = feedForward(w, tf.add(h, linear(mixed, w.o)));
  }
  const last = tf.gather(h, input.last as tf.Tensor1D);
  const logits = logitsOf(p, c, rmsNorm(last, weight(p, "model.norm.weight"), c.normEpsilon));
  const below = tf.sub(logits, tf.max(logits, -1, true));
  const weights = tf.exp(tf.mul(below, tf.expandDims(input.inverseTemperature, 1)));
  return { logits, weights, layers };
}

/** The step with the runtime's fused attention: any R, T and S in one program. */
export function fusedDecode(
  p: TensorParameters,
  c: LlamaConfig,
  cache: readonly LayerCache[],
  input: DecodeInput,
): DecodeOutput {
  const angles = ropeAngles(c, c.maxPositions);
  return decode(p, c, input, (x, layer) => {
    const w = block(p, c, layer);
    const qkv = linear(x, tf.concat([w.q, w.k, w.v], 0));
    const [mixed, k, v] = groupQueryAttention(
      { qkv, ...(cache[layer] as LayerCache), places: input.places },
      { heads: c.heads, ...angles },
    );
    return { mixed, cached: { k, v } };
  });
}

/** The same in plain operations, for every provider and head size; R, T and S are part of the program. */
export function plainDecode(
  p: TensorParameters,
  c: LlamaConfig,
  cache: readonly LayerCache[],
  input: DecodeInput,
): DecodeOutput {
  const { headSize: size, keyValueHeads: kv } = c;
  const groups = c.heads / kv;
  const [R, T] = input.ids.shape as [number, number];
  const S = cache[0]?.k.shape[2] as number;
  const places = tf.reshape(T === 1 ? input.places : tf.range(0, T, 1, "int32"), [-1]) as tf.Tensor1D;
  const { cos, sin } = ropeAngles(c, c.maxPositions);
  // [R, 1, 1, size/2] for one token a row, [1, T, 1, size/2] for prompts.
  const anglesOf = (table: Float32Array) =>
    tf.reshape(tf.gather(tf.tensor(table, [c.maxPositions, size / 2]), places), [T === 1 ? R : 1, T, 1, size / 2]);
  const angles = [anglesOf(cos), anglesOf(sin)] as const;
  const hide = (hidden: tf.Tensor) => tf.mul(tf.cast(hidden, "float32"), -1e9);
  const ramp = tf.range(0, Math.max(S, T), 1, "int32");
  const future = hide(tf.less(tf.reshape(tf.slice(ramp, [0], [T]), [T, 1]), tf.slice(ramp, [0], [T]))); // [T, T]
  const empty = hide(tf.greaterEqual(tf.slice(ramp, [0], [S]), tf.reshape(input.places, [R, 1]))); // [R, S]

  return decode(p, c, input, (x, layer) => {
    const w = block(p, c, layer);
    const headsOf = (weights: tf.Tensor, n: number) => tf.reshape(linear(x, weights), [R, T, n, size]);
    const perHead = (y: tf.Tensor) => tf.transpose(y, [0, 2, 1, 3]); // [R, heads, T, size]
    const q = tf.mul(perHead(rotate(headsOf(w.q, c.heads), ...angles)), 1 / Math.sqrt(size));
    const k = perHead(rotate(headsOf(w.k, kv), ...angles)); // [R, kv, T, size]
    const v = perHead(headsOf(w.v, kv));
    const queries = tf.reshape(q, [R, kv, groups * T, size]);
    const own = tf.add(tf.reshape(tf.matMul(queries, k, false, true), [R, kv, groups, T, T]), future);
    const joined = (mixed: tf.Tensor) =>
      tf.reshape(tf.transpose(tf.reshape(mixed, [R, c.heads, T, size]), [0, 2, 1, 3]), [R * T, c.heads * size]);
    if (T > 1) {
      const attention = tf.reshape(tf.softmax(own), [R, kv, groups * T, T]);
      return { mixed: joined(tf.matMul(attention, v)), cached: { k, v } };
    }
    const past = cache[layer] as LayerCache;
    const before = tf.add(tf.matMul(queries, past.k, false, true), tf.reshape(empty, [R, 1, 1, S])); // [R, kv, groups, S]
    const attention = tf.softmax(tf.concat([before, tf.reshape(own, [R, kv, groups, 1])], -1));
    const [toPast, toOwn] = tf.split(attention, [S, 1], -1) as [tf.Tensor, tf.Tensor];
    return { mixed: joined(tf.add(tf.matMul(toPast, past.v), tf.matMul(toOwn, v))), cached: { k, v } };
  });
}
