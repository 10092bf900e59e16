import * as tf from "../runtime/tf";
import { prefixLength } from "./adapter";
import type { ModelConfig } from "./config";
import { linear, turned } from "./layers";
import { namesOf } from "./names";
import { isQuantised } from "./quantised";
import { anglesAt, ropeAngles } from "./rope";
import { type KeysAndValues, type TensorParameters, weight } from "./tensors";
import {
  afterPrefix,
  embed,
  feedForward,
  headNormed,
  logitsOf,
  normalise,
  positioned,
  project,
  queriesKeysValues,
} from "./transformer";

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

/**
 * Reads prompts whole; T is part of the program. Their keys and values are [R, kv, V + T, size], those of an adapter's
 * prefix of V places first and padding's included.
 */
export function readPrompts(p: TensorParameters, c: ModelConfig, input: PromptInput): DecodeOutput {
  const [R, T] = input.ids.shape as [number, number];
  const ramp = tf.range(0, T, 1, "int32");
  // R stays open: no constant may know it.
  const noughts = tf.sub(input.ids, input.ids);
  const places = tf.reshape(tf.add(noughts, ramp), [R * T]);
  const rows = tf.cast(tf.sum(noughts, 1), "float32");
  const embeddings = embed(p, c, tf.reshape(input.ids, [R * T]), places);
  return decode(p, c, embeddings, input, attendWhole(p, c, { R, T, rows }));
}

/** The keys and values of one row of embeddings [T, d]: of each layer [kv, T, size]. */
export function readEmbeddings(p: TensorParameters, c: ModelConfig, embeddings: tf.Tensor): KeysAndValues[] {
  const T = embeddings.shape[0] as number;
  const h = positioned(p, c, embeddings, tf.range(0, T, 1, "int32"));
  const { layers } = throughLayers(p, c, h, attendWhole(p, c, { R: 1, T, rows: tf.zeros([1]) }));
  return layers.map(({ k, v }) => ({ k: tf.squeeze(k, [0]), v: tf.squeeze(v, [0]) }));
}

/** Attention of R rows of T tokens to those before them and to the prefix; `rows` are R noughts. */
function attendWhole(
  p: TensorParameters,
  c: ModelConfig,
  { R, T, rows: noughts }: { readonly R: number; readonly T: number; readonly rows: tf.Tensor },
): Attend {
  const { headSize: size, keyValueHeads: kv } = c;
  const groups = c.heads / kv;
  const V = prefixLength(c);
  const angles = anglesUpTo(c, T);
  const ramp = tf.reshape(tf.range(0, T, 1, "int32"), [T, 1]);
  const future = tf.mul(tf.cast(tf.less(ramp, tf.range(-V, T, 1, "int32")), "float32"), -1e9); // [T, V + T]
  const prefixes = c.adapter?.prefix?.keysAndValues(p);
  return (x, layer) => {
    const own = queriesKeysValues(p, c, layer, x);
    const rows = (y: tf.Tensor, heads: number) => tf.reshape(y, [R, T, heads, size]);
    const perHead = (y: tf.Tensor) => tf.transpose(y, [0, 2, 1, 3]); // [R, heads, T, size]
    const q = tf.mul(perHead(rotated(rows(own.q, c.heads), angles)), 1 / Math.sqrt(size));
    const before = prefixes?.[layer];
    const whole = (y: tf.Tensor, prefix: tf.Tensor | undefined) => (prefix ? afterPrefix(prefix, y, noughts) : y);
    const k = whole(perHead(rotated(rows(own.k, kv), angles)), before?.k);
    const v = whole(perHead(rows(own.v, kv)), before?.v);
    // The queries of one key/value head side by side, so that no key is copied.
    const ofHead = (y: tf.Tensor, length: number) => tf.reshape(y, [R * kv, length, size]);
    const scores = tf.matMul(ofHead(q, groups * T), ofHead(k, V + T), false, true);
    const attention = tf.softmax(tf.add(tf.reshape(scores, [R * c.heads, T, V + T]), future));
    const mixed = tf.matMul(tf.reshape(attention, [R * kv, groups * T, V + T]), ofHead(v, V + T));
    const joined = tf.reshape(perHead(tf.reshape(mixed, [R, c.heads, T, size])), [R * T, c.heads * size]);
    return { mixed: joined, fresh: { k, v } };
  };
}

export interface StepInput<T = tf.Tensor> {
  /** One token a row: [R] int32. */
  readonly ids: T;
  /** The place of each in its text: [R] int32. */
  readonly places: T;
  /** −1e9 at the places of the cache that a row has not filled, 0 at the others: [R, 1, 1, S]. */
  readonly hidden: T;
  /** [R] float32. */
  readonly inverseTemperature: T;
}

/** One more token for each row. The cache's, the prefix first, keys and values are [R, kv, S, size], the new ones [R, kv, 1, size]. */
export function readToken(
  p: TensorParameters,
  c: ModelConfig,
  cache: readonly KeysAndValues[],
  input: StepInput,
): DecodeOutput {
  const { headSize: size, keyValueHeads: kv } = c;
  const R = input.ids.shape[0] as number;
  const V = prefixLength(c);
  const places = V > 0 ? tf.add(input.places, tf.scalar(V, "int32")) : input.places;
  const angles = namesOf(c).positions ? null : anglesAt(c, places, [R, 1, size / 2]);
  return decode(p, c, embed(p, c, input.ids, input.places), input, (x, layer) => {
    const past = cache[layer] as KeysAndValues;
    const qkv = tf.reshape(projectTogether(p, c, layer, x), [R, c.heads + 2 * kv, size]);
    const [toRotate, newV] = tf.split(qkv, [c.heads + kv, kv], 1) as [tf.Tensor, tf.Tensor];
    const both = rotated(eachHeadNormed(p, c, layer, toRotate), angles);
    const [newQ, newK] = tf.split(both, [c.heads, kv], 1) as [tf.Tensor, tf.Tensor];
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

/** Queries, keys and values of x [R, d] in one product: [R, (heads + 2·kv)·size]. */
function projectTogether(p: TensorParameters, c: ModelConfig, layer: number, x: tf.Tensor): tf.Tensor {
  const { queryKeyValue: names } = namesOf(c).layer(layer);
  if (names.length === 1) return project(p, c, names[0], x);
  if (c.adapter?.project || isQuantised(p, names[0])) {
    const each = names.map((name) => project(p, c, name, x));
    return tf.concat(each, 1);
  }
  // Frozen weights are put together once, when the program is made: fewer, larger operations in each step.
  const all = (kind: string) => tf.concat(names.map((name) => weight(p, `${name}.${kind}`)));
  const y = linear(x, all("weight"));
  return c.biases.queryKeyValue ? tf.add(y, all("bias")) : y;
}

/** Queries and keys side by side, [R, heads + kv, size], each head normalised where the model does that. */
function eachHeadNormed(p: TensorParameters, c: ModelConfig, layer: number, both: tf.Tensor): tf.Tensor {
  if (!namesOf(c).layer(layer).headNorms) return both;
  const [q, k] = tf.split(both, [c.heads, c.keyValueHeads], 1) as [tf.Tensor, tf.Tensor];
  const normed = headNormed(p, c, layer, q, k);
  return tf.concat([normed.q, normed.k], 1);
}

type Angles = readonly [cos: tf.Tensor, sin: tf.Tensor] | null;

const anglesUpTo = (c: ModelConfig, T: number): Angles => {
  if (namesOf(c).positions) return null;
  const V = prefixLength(c);
  const { cos, sin } = ropeAngles(c, V + T);
  const half = c.headSize / 2;
  const ofText = (table: Float32Array) => tf.tensor(table.subarray(V * half), [T, 1, half]);
  return [ofText(cos), ofText(sin)];
};

const rotated = (x: tf.Tensor, angles: Angles): tf.Tensor => (angles ? turned(x, ...angles) : x);

type Attend = (x: tf.Tensor, layer: number) => { readonly mixed: tf.Tensor; readonly fresh: KeysAndValues };

function decode(
  p: TensorParameters,
  c: ModelConfig,
  embeddings: tf.Tensor, // [N, d]
  input: Pick<StepInput, "inverseTemperature"> & { readonly last?: tf.Tensor },
  attend: Attend,
): DecodeOutput {
  const { h, layers } = throughLayers(p, c, embeddings, attend);
  const last = input.last ? tf.gather(h, input.last as tf.Tensor1D) : h;
  const logits = logitsOf(p, c, normalise(p, c, namesOf(c).finalNorm, last));
  const below = tf.sub(logits, tf.max(logits, -1, true));
  const weights = tf.exp(tf.mul(below, tf.expandDims(input.inverseTemperature, 1)));
  return { logits, weights, layers };
}

/** Embeddings [N, d] through all layers, and the keys and values that each made. */
function throughLayers(p: TensorParameters, c: ModelConfig, embeddings: tf.Tensor, attend: Attend) {
  const layers: KeysAndValues[] = [];
  let h = embeddings;
  for (let layer = 0; layer < c.layers; layer++) {
    const { norm1, attentionOutput } = namesOf(c).layer(layer);
    const { mixed, fresh } = attend(normalise(p, c, norm1, h), layer);
    layers.push(fresh);
    h = feedForward(p, c, layer, tf.add(h, project(p, c, attentionOutput, mixed)));
  }
  return { h, layers };
}
