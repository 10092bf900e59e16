import * as tf from "../runtime/tf";
import type { LlamaConfig } from "./config";
import { linear, rotate } from "./layers";
import {
  embed,
  feedForward,
  headNormed,
  logitsOf,
  normalise,
  project,
  queriesKeysValues,
  type TensorParameters,
  weight,
} from "./llama";
import { namesOf } from "./names";
import { anglesAt, ropeAngles } from "./rope";

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
  const angles = anglesUpTo(c, T);
  const ramp = tf.range(0, T, 1, "int32");
  const future = tf.mul(tf.cast(tf.less(tf.reshape(ramp, [T, 1]), ramp), "float32"), -1e9); // [T, T]
  const places = tf.reshape(tf.add(tf.sub(input.ids, input.ids), ramp), [R * T]); // R stays open: no constant may know it
  const flat = { ...input, ids: tf.reshape(input.ids, [R * T]), places };
  return decode(p, c, flat, (x, layer) => {
    const own = queriesKeysValues(p, c, layer, x);
    const rows = (y: tf.Tensor, heads: number) => tf.reshape(y, [R, T, heads, size]);
    const perHead = (y: tf.Tensor) => tf.transpose(y, [0, 2, 1, 3]); // [R, heads, T, size]
    const q = tf.mul(perHead(turned(rows(own.q, c.heads), angles)), 1 / Math.sqrt(size));
    const k = perHead(turned(rows(own.k, kv), angles));
    const v = perHead(rows(own.v, kv));
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
  const angles = namesOf(c).positions ? null : anglesAt(c, input.places, [R, 1, size / 2]);
  return decode(p, c, input, (x, layer) => {
    const past = cache[layer] as KeysAndValues;
    const qkv = tf.reshape(projectTogether(p, c, layer, x), [R, c.heads + 2 * kv, size]);
    const [toRotate, newV] = tf.split(qkv, [c.heads + kv, kv], 1) as [tf.Tensor, tf.Tensor];
    const rotated = turned(eachHeadNormed(p, c, layer, toRotate), angles);
    const [newQ, newK] = tf.split(rotated, [c.heads, kv], 1) as [tf.Tensor, tf.Tensor];
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
function projectTogether(p: TensorParameters, c: LlamaConfig, layer: number, x: tf.Tensor): tf.Tensor {
  const { queryKeyValue: names } = namesOf(c).layer(layer);
  if (names.length === 1) return project(p, c, names[0], x);
  // Frozen weights are put together once, when the program is made: fewer, larger operations in each step.
  const all = (kind: string) => tf.concat(names.map((name) => weight(p, `${name}.${kind}`)));
  const y = linear(x, all("weight"));
  return c.biases.queryKeyValue ? tf.add(y, all("bias")) : y;
}

/** Queries and keys side by side, [R, heads + kv, size], each head normalised where the model does that. */
function eachHeadNormed(p: TensorParameters, c: LlamaConfig, layer: number, both: tf.Tensor): tf.Tensor {
  if (!namesOf(c).layer(layer).headNorms) return both;
  const [q, k] = tf.split(both, [c.heads, c.keyValueHeads], 1) as [tf.Tensor, tf.Tensor];
  const normed = headNormed(p, c, layer, q, k);
  return tf.concat([normed.q, normed.k], 1);
}

type Angles = readonly [cos: tf.Tensor, sin: tf.Tensor] | null;

const anglesUpTo = (c: LlamaConfig, T: number): Angles => {
  if (namesOf(c).positions) return null;
  const { cos, sin } = ropeAngles(c, T);
  return [tf.tensor(cos, [T, 1, c.headSize / 2]), tf.tensor(sin, [T, 1, c.headSize / 2])];
};

const turned = (x: tf.Tensor, angles: Angles): tf.Tensor => (angles ? rotate(x, ...angles) : x);

type Attend = (x: tf.Tensor, layer: number) => { readonly mixed: tf.Tensor; readonly fresh: KeysAndValues };

function decode(
  p: TensorParameters,
  c: LlamaConfig,
  input: Pick<StepInput, "ids" | "places" | "inverseTemperature"> & { readonly last?: tf.Tensor },
  attend: Attend,
): DecodeOutput {
  const names = namesOf(c);
  const layers: KeysAndValues[] = [];
  let h = embed(p, c, input.ids, input.places); // [N, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const { norm1, attentionOutput } = names.layer(layer);
    const { mixed, fresh } = attend(normalise(p, c, norm1, h), layer);
    layers.push(fresh);
    h = feedForward(p, c, layer, tf.add(h, project(p, c, attentionOutput, mixed)));
  }
  const last = input.last ? tf.gather(h, input.last as tf.Tensor1D) : h;
  const logits = logitsOf(p, c, normalise(p, c, names.finalNorm, last));
  const below = tf.sub(logits, tf.max(logits, -1, true));
  const weights = tf.exp(tf.mul(below, tf.expandDims(input.inverseTemperature, 1)));
  return { logits, weights, layers };
}
