import * as tf from "../runtime/tf";
import type { LlamaConfig } from "./config";
import { linear, rmsNorm, rotate, silu } from "./layers";

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
  return tf.add(h, linear(tf.mul(silu(linear(x, w.gate)), linear(x, w.up)), w.down));
};

/**
 * Final hidden states of right-padded sequences: ids [B, T] int32 → [B·T, d]. Causal attention means that padding to the
 * right changes nothing before it. Grouped queries: each key/value head serves heads/keyValueHeads query heads.
 */
export function hiddenStates(p: TensorParameters, c: LlamaConfig, ids: tf.Tensor): tf.Tensor {
  const [B, T] = ids.shape as [number, number];
  const { headSize: size, keyValueHeads: kv } = c;
  const groups = c.heads / kv;
  const angles = ropeAngles(c, T);
  const cos = tf.tensor(angles.cos, [T, 1, size / 2]);
  const sin = tf.tensor(angles.sin, [T, 1, size / 2]);
  const ramp = tf.range(0, T, 1, "int32");
  const future = tf.cast(tf.less(tf.reshape(ramp, [T, 1]), ramp), "float32");
  const mask = tf.mul(future, -1e9); // [T, T]

  let h = tf.gather(weight(p, "model.embed_tokens.weight"), tf.reshape(ids, [B * T]) as tf.Tensor1D); // [B·T, d]
  for (let layer = 0; layer < c.layers; layer++) {
    const w = block(p, c, layer);
    const x = rmsNorm(h, w.norm1, w.epsilon);
    const rotated = (weights: tf.Tensor, heads: number) =>
      rotate(tf.reshape(linear(x, weights), [B, T, heads, size]), cos, sin);
    const q = tf.mul(rotated(w.q, c.heads), 1 / Math.sqrt(size));
    const k = rotated(w.k, kv);
    const v = tf.reshape(linear(x, w.v), [B, T, kv, size]);
    // [B·kv, groups·T, size]: the queries of one key/value head side by side, so that no key is ever copied.
    const queries = tf.reshape(tf.transpose(tf.reshape(q, [B, T, kv, groups, size]), [0, 2, 3, 1, 4]), [
      B * kv,
      groups * T,
      size,
    ]);
    const keys = tf.reshape(tf.transpose(k, [0, 2, 1, 3]), [B * kv, T, size]);
    const values = tf.reshape(tf.transpose(v, [0, 2, 1, 3]), [B * kv, T, size]);
    const scores = tf.reshape(tf.matMul(queries, keys, false, true), [B * kv * groups, T, T]);
    const attention = tf.reshape(tf.softmax(tf.add(scores, mask)), [B * kv, groups * T, T]);
    const mixed = tf.reshape(tf.matMul(attention, values), [B, kv, groups, T, size]);
    const joined = tf.reshape(tf.transpose(mixed, [0, 3, 1, 2, 4]), [B * T, c.heads * size]);
    h = feedForward(w, tf.add(h, linear(joined, w.o)));
  }
  return rmsNorm(h, weight(p, "model.norm.weight"), c.normEpsilon);
}

/** Logits of hidden states [N, d] → [N, V]. */
export const logitsOf = (p: TensorParameters, c: LlamaConfig, hidden: tf.Tensor): tf.Tensor =>
  linear(hidden, weight(p, c.tied ? "model.embed_tokens.weight" : "lm_head.weight"));

/** Scores of hidden states [N, d] by the reward head → [N]. */
export const scoresOf = (p: TensorParameters, hidden: tf.Tensor): tf.Tensor =>
  tf.squeeze(linear(hidden, weight(p, "score.weight")), [-1]);
