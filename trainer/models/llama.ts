import * as tf from "../runtime/tf";
import type { LlamaConfig } from "./config";
import { attend, gated, linear, rmsNorm, rotate } from "./layers";
import { recomputed } from "./withGradient";

/** Parameters as tensors, by Hugging Face's names; Linear weights are [out, in]. */
export type TensorParameters = Readonly<Record<string, tf.Tensor>>;

/** cos and sin of position × θ^(−2i/size), each [positions, size/2], computed in double precision. */
export function ropeAngles(c: LlamaConfig, positions: number, from = 0): { cos: Float32Array; sin: Float32Array } {
  const half = c.headSize / 2;
  const angle = (n: number) => (from + Math.floor(n / half)) * c.ropeTheta ** (-(2 * (n % half)) / c.headSize);
  const at = Array.from({ length: positions * half }, (_, n) => angle(n));
  return { cos: Float32Array.from(at, Math.cos), sin: Float32Array.from(at, Math.sin) };
}

export function weight(p: TensorParameters, name: string): tf.Tensor {
  const tensor = p[name];
  if (!tensor) throw new Error(`parameter ${name} is missing`);
  return tensor;
}

export function block(p: TensorParameters, c: LlamaConfig, layer: number) {
  const prefix = `model.layers.${layer}`;
  return {
    norm1: weight(p, `${prefix}.input_layernorm.weight`),
    q: weight(p, `${prefix}.self_attn.q_proj.weight`),
    k: weight(p, `${prefix}.self_attn.k_proj.weight`),
    v: weight(p, `${prefix}.self_attn.v_proj.weight`),
    o: weight(p, `${prefix}.self_attn.o_proj.weight`),
    norm2: weight(p, `${prefix}.post_attention_layernorm.weight`),
    gate: weight(p, `${prefix}.mlp.gate_proj.weight`),
    up: weight(p, `${prefix}.mlp.up_proj.weight`),
    down: weight(p, `${prefix}.mlp.down_proj.weight`),
    epsilon: c.normEpsilon,
  };
}
type Block = ReturnType<typeof block>;

export const feedForward = (w: Block, h: tf.Tensor): tf.Tensor => {
  const x = rmsNorm(h, w.norm2, w.epsilon);
  return tf.add(h, linear(gated(linear(x, w.gate), linear(x, w.up)), w.down));
};

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

/** What every layer shares: the angles of the tokens, those of queries scaled by 1/√size, and who sees whom. */
function surroundings(c: LlamaConfig, ids: tf.Tensor, layout: Layout | undefined) {
  const [R, T] = ids.shape as [number, number];
  const angles = ropeAngles(c, T);
  const half = c.headSize / 2;
  const at = (table: Float32Array, scale: number) => {
    const all = tf.tensor(scale === 1 ? table : table.map((x) => x * scale), [T, half]);
    const own = layout ? tf.gather(all, tf.reshape(layout.positions, [R * T]) as tf.Tensor1D) : all;
    return tf.reshape(own, [layout ? R : 1, T, 1, half]);
  };
  const ramp = tf.range(0, T, 1, "int32");
  const past = tf.greaterEqual(tf.reshape(ramp, [1, T, 1]), tf.reshape(ramp, [1, 1, T]));
  const pairwise = (mine: tf.Tensor, other: tf.Tensor) =>
    tf.equal(tf.reshape(mine, [R, T, 1]), tf.reshape(other, [R, 1, T]));
  const visible = layout
    ? tf.logicalAnd(past, tf.logicalOr(pairwise(layout.block, layout.block), pairwise(layout.parent, layout.block)))
    : past;
  const scale = 1 / Math.sqrt(c.headSize);
  return {
    queryCos: at(angles.cos, scale),
    querySin: at(angles.sin, scale),
    keyCos: at(angles.cos, 1),
    keySin: at(angles.sin, 1),
    mask: tf.mul(tf.cast(tf.logicalNot(visible), "float32"), -1e9), // [R or 1, T, T]
  };
}
type Surroundings = ReturnType<typeof surroundings>;

/**
 * Causal attention of x [R·T, d]: [R·T, heads·size]. Grouped queries: each key/value head serves heads/keyValueHeads query
 * heads, whose queries lie side by side so that no key is ever copied. Queries go in blocks, each with only the keys up
 * to its last place.
 */
function attention(w: Block, c: LlamaConfig, x: tf.Tensor, around: Surroundings, blockSize: number): tf.Tensor {
  const { headSize: size, keyValueHeads: kv } = c;
  const T = around.mask.shape[1] as number;
  const R = (x.shape[0] as number) / T;
  const groups = c.heads / kv;
  const q = rotate(tf.reshape(linear(x, w.q), [R, T, c.heads, size]), around.queryCos, around.querySin);
  const k = rotate(tf.reshape(linear(x, w.k), [R, T, kv, size]), around.keyCos, around.keySin);
  const v = tf.reshape(linear(x, w.v), [R, T, kv, size]);
  const queries = tf.transpose(tf.reshape(q, [R, T, kv, groups, size]), [0, 2, 3, 1, 4]);
  const keys = tf.reshape(tf.transpose(k, [0, 2, 1, 3]), [R * kv, T, size]);
  const values = tf.reshape(tf.transpose(v, [0, 2, 1, 3]), [R * kv, T, size]);
  const count = Math.ceil(T / blockSize);
  const mixed = Array.from({ length: count }, (_, i) => {
    const [from, to] = [Math.round((i * T) / count), Math.round(((i + 1) * T) / count)];
    const own = tf.slice(queries, [0, 0, 0, from, 0], [R, kv, groups, to - from, size]);
    const upTo = (all: tf.Tensor) => tf.slice(all as tf.Tensor3D, [0, 0, 0], [R * kv, to, size]);
    const mask = tf.slice(around.mask as tf.Tensor3D, [0, from, 0], [around.mask.shape[0] as number, to - from, to]);
    const flat = tf.reshape(own, [R * kv, groups * (to - from), size]);
    return tf.reshape(attend(flat, upTo(keys), upTo(values), mask), [R, kv, groups, to - from, size]);
  });
  return tf.reshape(tf.transpose(tf.concat(mixed, 3), [0, 3, 1, 2, 4]), [R * T, c.heads * size]);
}

/** Final hidden states of rows of tokens: ids [R, T] int32 → [R·T, d]. Padding to the right of a row changes nothing before it. */
export function hiddenStates(
  p: TensorParameters,
  c: LlamaConfig,
  ids: tf.Tensor,
  layout?: Layout,
  execution: ModelExecution = defaultModelExecution,
): tf.Tensor {
  const around = surroundings(c, ids, layout);
  let h = tf.gather(weight(p, "model.embed_tokens.weight"), tf.reshape(ids, [ids.size]) as tf.Tensor1D); // [R·T, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const { epsilon, ...weights } = block(p, c, layer);
    const names = Object.keys(weights);
    const whole = ([input, ...values]: readonly tf.Tensor[], near: Surroundings) => {
      const w = { epsilon, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) } as Block;
      const x = rmsNorm(input as tf.Tensor, w.norm1, epsilon);
      const mixed = linear(attention(w, c, x, near, execution.attentionBlock), w.o);
      return feedForward(w, tf.add(input as tf.Tensor, mixed));
    };
    const inputs = [h, ...Object.values(weights)];
    h = execution.recompute ? recomputed(inputs, around, whole) : whole(inputs, around);
  }
  return rmsNorm(h, weight(p, "model.norm.weight"), c.normEpsilon);
}

/** The language-model head [V, d]. */
export const outputWeight = (p: TensorParameters, c: LlamaConfig): tf.Tensor =>
  weight(p, c.tied ? "model.embed_tokens.weight" : "lm_head.weight");

/** Logits of hidden states [N, d] → [N, V]. */
export const logitsOf = (p: TensorParameters, c: LlamaConfig, hidden: tf.Tensor): tf.Tensor =>
  linear(hidden, outputWeight(p, c));

/** Scores of hidden states [N, d] by the reward head → [N]. */
export const scoresOf = (p: TensorParameters, hidden: tf.Tensor): tf.Tensor =>
  tf.squeeze(linear(hidden, weight(p, "score.weight")), [-1]);
