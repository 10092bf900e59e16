import * as tf from "../runtime/tf";
import { prefixLength } from "./adapter";
import type { ModelConfig } from "./config";
import { attend, gated, gelu, layerNorm, linear, rmsNorm, rotate } from "./layers";
import { namesOf } from "./names";
import { isQuantised, quantisedLinear } from "./quantised";
import { ropeAngles } from "./rope";
import { type KeysAndValues, type TensorParameters, weight } from "./tensors";
import { recomputed } from "./withGradient";

/** The projection of that name of x [N, in] with the adapter's part in it, its bias added where it has one: [N, out]. */
export function project(p: TensorParameters, c: ModelConfig, name: string, x: tf.Tensor): tf.Tensor {
  const plain = (input: tf.Tensor) => {
    if (isQuantised(p, name)) return quantisedLinear(p, name, input);
    const w = weight(p, `${name}.weight`);
    return c.family === "gpt2" ? tf.matMul(input as tf.Tensor2D, w as tf.Tensor2D) : linear(input, w);
  };
  const y = c.adapter?.project ? c.adapter.project(p, name, x, plain) : plain(x);
  const bias = p[`${name}.bias`];
  return bias ? tf.add(y, bias) : y;
}

/** The normalisation of that name of x [N, width]: LayerNorm where it has a bias, else RMSNorm. */
export function normalise(p: TensorParameters, c: ModelConfig, name: string, x: tf.Tensor): tf.Tensor {
  const gain = weight(p, `${name}.weight`);
  const bias = p[`${name}.bias`];
  return bias ? layerNorm(x, gain, bias, c.normEpsilon) : rmsNorm(x, gain, c.normEpsilon);
}

const rowsOf = (p: TensorParameters, name: string, at: tf.Tensor): tf.Tensor =>
  tf.gather(weight(p, `${name}.weight`), at as tf.Tensor1D);

/** What the layers read: embeddings of ids [N] with learned positions added, where it has them, for their places [N] in the text: [N, d]. */
export function embed(p: TensorParameters, c: ModelConfig, ids: tf.Tensor, places: tf.Tensor): tf.Tensor {
  const V = prefixLength(c);
  return positioned(p, c, rowsOf(p, namesOf(c).embedding, ids), V > 0 ? tf.add(places, tf.scalar(V, "int32")) : places);
}

/** Embeddings [N, d] with learned positions [N] added, where the model has them. */
export function positioned(
  p: TensorParameters,
  c: ModelConfig,
  embeddings: tf.Tensor,
  positions: tf.Tensor,
): tf.Tensor {
  const { positions: table } = namesOf(c);
  if (!table) return embeddings;
  // Padding may lie beyond the last position.
  const last = tf.scalar(prefixLength(c) + c.maxPositions - 1, "int32");
  return tf.add(embeddings, rowsOf(p, table, tf.minimum(positions, last)));
}

/** Keys or values of a prefix [kv, V, size] put before those of each row [R, kv, T, size]; `rows` are R noughts. */
export function afterPrefix(prefix: tf.Tensor, own: tf.Tensor, rows: tf.Tensor): tf.Tensor {
  const [kv, V, size] = prefix.shape as [number, number, number];
  const copies = tf.add(tf.reshape(prefix, [1, kv, V, size]), tf.reshape(rows, [-1, 1, 1, 1]));
  return tf.concat([copies, own], 2);
}

/** Queries [N, heads, size], keys and values [N, kv, size] of normalised x [N, d], before any rotation. */
export function queriesKeysValues(p: TensorParameters, c: ModelConfig, layer: number, x: tf.Tensor) {
  const { queryKeyValue } = namesOf(c).layer(layer);
  const widths = [c.heads, c.keyValueHeads, c.keyValueHeads].map((n) => n * c.headSize);
  const flat =
    queryKeyValue.length === 1
      ? tf.split(project(p, c, queryKeyValue[0], x), widths, -1)
      : queryKeyValue.map((name) => project(p, c, name, x));
  const [q, k, v] = flat.map((y) => tf.reshape(y, [-1, (y.shape[1] as number) / c.headSize, c.headSize]));
  return { ...headNormed(p, c, layer, q as tf.Tensor, k as tf.Tensor), v: v as tf.Tensor };
}

/** Queries and keys [N, heads, size] with each head normalised, where the model does that. */
export function headNormed(p: TensorParameters, c: ModelConfig, layer: number, q: tf.Tensor, k: tf.Tensor) {
  const { headNorms } = namesOf(c).layer(layer);
  if (!headNorms) return { q, k };
  const each = (name: string, x: tf.Tensor) =>
    tf.reshape(normalise(p, c, name, tf.reshape(x, [-1, c.headSize])), [-1, x.shape[1] as number, c.headSize]);
  return { q: each(headNorms[0], q), k: each(headNorms[1], k) };
}

/** The residual stream h [N, d] after a layer's feed-forward part. */
export function feedForward(p: TensorParameters, c: ModelConfig, layer: number, h: tf.Tensor): tf.Tensor {
  const { norm2, gate, up, down } = namesOf(c).layer(layer);
  const x = normalise(p, c, norm2, h);
  const wide = project(p, c, up, x);
  return tf.add(h, project(p, c, down, gate ? gated(project(p, c, gate, x), wide) : gelu(wide)));
}

/**
 * How documents lie in rows, all [R, T] int32. `positions` count within a document; a token sees those before it in its
 * row whose `block` is its own or its `parent`. Without a layout each row is one document.
 */
export interface Layout {
  readonly positions: tf.Tensor;
  readonly block: tf.Tensor;
  readonly parent: tf.Tensor;
}

/** How the same numbers are computed. */
export interface ModelExecution {
  /** Layers keep nothing for the gradient but their inputs: less memory, a forward pass more. */
  readonly recompute: boolean;
  /** Queries at a time: those of the first so many places need no later keys. */
  readonly attentionBlock: number;
}

export const defaultModelExecution: ModelExecution = { recompute: false, attentionBlock: 128 };

/** What every layer shares: who sees whom (all see the prefix), and the angles of the tokens where the model has RoPE, those of queries scaled by 1/√size. */
type Surroundings = Readonly<Record<string, tf.Tensor> & { mask: tf.Tensor }>;

function surroundings(c: ModelConfig, ids: tf.Tensor, layout: Layout | undefined): Surroundings {
  const [R, T] = ids.shape as [number, number];
  const ramp = tf.range(0, T, 1, "int32");
  const past = tf.greaterEqual(tf.reshape(ramp, [1, T, 1]), tf.reshape(ramp, [1, 1, T]));
  const pairwise = (mine: tf.Tensor, other: tf.Tensor) =>
    tf.equal(tf.reshape(mine, [R, T, 1]), tf.reshape(other, [R, 1, T]));
  const visible = layout
    ? tf.logicalAnd(past, tf.logicalOr(pairwise(layout.block, layout.block), pairwise(layout.parent, layout.block)))
    : past;
  const V = prefixLength(c);
  const text = tf.mul(tf.cast(tf.logicalNot(visible), "float32"), -1e9); // [R or 1, T, T]
  const mask = V > 0 ? tf.concat([tf.zeros([layout ? R : 1, T, V]), text], 2) : text; // [R or 1, T, V + T]
  if (namesOf(c).positions) return { mask };
  const angles = ropeAngles(c, V + T);
  const half = c.headSize / 2;
  const turned = (table: Float32Array, scale: number) => {
    const ofText = table.subarray(V * half);
    const all = tf.tensor(scale === 1 ? ofText : ofText.map((x) => x * scale), [T, half]);
    const own = layout ? tf.gather(all, tf.reshape(layout.positions, [R * T]) as tf.Tensor1D) : all;
    return tf.reshape(own, [layout ? R : 1, T, 1, half]);
  };
  const scale = 1 / Math.sqrt(c.headSize);
  return {
    queryCos: turned(angles.cos, scale),
    querySin: turned(angles.sin, scale),
    keyCos: turned(angles.cos, 1),
    keySin: turned(angles.sin, 1),
    mask,
  };
}

/**
 * Causal attention of x [R·T, d]: [R·T, heads·size]. Grouped queries: each key/value head serves heads/keyValueHeads query
 * heads, whose queries lie side by side so that no key is ever copied. Queries go in blocks, each with only the keys up
 * to its last place and the prefix before them.
 */
function attention(
  p: TensorParameters,
  c: ModelConfig,
  layer: number,
  x: tf.Tensor,
  around: Surroundings,
  { prefix, blockSize }: { readonly prefix: KeysAndValues | null; readonly blockSize: number },
): tf.Tensor {
  const { headSize: size, keyValueHeads: kv } = c;
  const T = around.mask.shape[1] as number;
  const V = prefixLength(c);
  const R = (x.shape[0] as number) / T;
  const groups = c.heads / kv;
  const own = queriesKeysValues(p, c, layer, x);
  const rows = (y: tf.Tensor) => tf.reshape(y, [R, T, -1, size]);
  const { queryCos, querySin, keyCos, keySin } = around;
  const q = queryCos && querySin ? rotate(rows(own.q), queryCos, querySin) : tf.mul(rows(own.q), 1 / Math.sqrt(size));
  const k = keyCos && keySin ? rotate(rows(own.k), keyCos, keySin) : rows(own.k);
  const v = rows(own.v);
  const queries = tf.transpose(tf.reshape(q, [R, T, kv, groups, size]), [0, 2, 3, 1, 4]);
  const ofHeads = (y: tf.Tensor, before: tf.Tensor | undefined) => {
    const text = tf.transpose(y, [0, 2, 1, 3]);
    return tf.reshape(before ? afterPrefix(before, text, tf.zeros([R])) : text, [R * kv, V + T, size]);
  };
  const [keys, values] = [ofHeads(k, prefix?.k), ofHeads(v, prefix?.v)];
  const count = Math.ceil(T / blockSize);
  const ends = Array.from({ length: count }, (_, i) => Math.round(((i + 1) * T) / count));
  const sizes = ends.map((to, i) => to - (ends[i - 1] ?? 0));
  const blocks = count === 1 ? [queries] : tf.split(queries, sizes, 3);
  const mixed = blocks.map((some, i) => {
    const [from, to] = [ends[i - 1] ?? 0, ends[i] as number];
    const upTo = (all: tf.Tensor) => tf.slice(all as tf.Tensor3D, [0, 0, 0], [R * kv, V + to, size]);
    const masks = around.mask.shape[0] as number;
    const mask = tf.slice(around.mask as tf.Tensor3D, [0, from, 0], [masks, to - from, V + to]);
    const flat = tf.reshape(some, [R * kv, groups * (to - from), size]);
    return tf.reshape(attend(flat, upTo(keys), upTo(values), mask), [R, kv, groups, to - from, size]);
  });
  return tf.reshape(tf.transpose(tf.concat(mixed, 3), [0, 3, 1, 2, 4]), [R * T, c.heads * size]);
}

/** Rows of x [N, d] at some of them [C]: [C, d]. */
const at = (x: tf.Tensor, rows: tf.Tensor): tf.Tensor => tf.gather(x, rows as tf.Tensor1D);

/**
 * Final hidden states of rows of tokens: ids [R, T] int32 → [R·T, d]. Padding to the right of a row changes nothing before
 * it. With `only`, flattened places [C] int32, those alone: [C, d]; what follows the last attention is then computed nowhere else.
 */
export function hiddenStates(
  p: TensorParameters,
  c: ModelConfig,
  ids: tf.Tensor,
  layout?: Layout,
  execution: ModelExecution = defaultModelExecution,
  only?: tf.Tensor,
): tf.Tensor {
  const around = surroundings(c, ids, layout);
  const [R, T] = ids.shape as [number, number];
  const ramp = () => tf.reshape(tf.add(tf.zeros([R, 1], "int32"), tf.range(0, T, 1, "int32")), [R * T]);
  const places = layout ? tf.reshape(layout.positions, [R * T]) : ramp();
  const prefixes = c.adapter?.prefix?.keysAndValues(p);
  const few = only && only.size < R * T;
  let h = embed(p, c, tf.reshape(ids, [R * T]), places); // [R·T, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const { prefix, norm1, attentionOutput } = namesOf(c).layer(layer);
    const names = Object.keys(p).filter((name) => name.startsWith(`${prefix}.`));
    const before = prefixes?.[layer];
    const whole = ([input, ...values]: readonly tf.Tensor[], near: Surroundings) => {
      const [k, v] = values.slice(names.length);
      const prefix = k && v ? { k, v } : null;
      const own = Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor]));
      const x = normalise(own, c, norm1, input as tf.Tensor);
      const mixed = attention(own, c, layer, x, near, { prefix, blockSize: execution.attentionBlock });
      const wanted = (y: tf.Tensor) => (near.only ? at(y, near.only) : y);
      const attended = tf.add(wanted(input as tf.Tensor), project(own, c, attentionOutput, wanted(mixed)));
      return feedForward(own, c, layer, attended);
    };
    const inputs = [h, ...names.map((name) => weight(p, name)), ...(before ? [before.k, before.v] : [])];
    const near: Surroundings = few && layer === c.layers - 1 ? { ...around, only } : around;
    h = execution.recompute ? recomputed(inputs, near, whole) : whole(inputs, near);
  }
  const final = normalise(p, c, namesOf(c).finalNorm, h);
  return only && !few ? at(final, only) : final;
}

/** The language-model head [V, d]. */
export const outputWeight = (p: TensorParameters, c: ModelConfig): tf.Tensor =>
  weight(p, `${c.tied ? namesOf(c).embedding : namesOf(c).output}.weight`);

/** Logits of hidden states [N, d] → [N, V]. */
export const logitsOf = (p: TensorParameters, c: ModelConfig, hidden: tf.Tensor): tf.Tensor =>
  linear(hidden, outputWeight(p, c));

/** Scores of hidden states [N, d] by the reward head → [N]. */
export const scoresOf = (p: TensorParameters, hidden: tf.Tensor): tf.Tensor =>
  tf.squeeze(linear(hidden, weight(p, "score.weight")), [-1]);
