import { fused } from "../runtime/fused";
import * as tf from "../runtime/tf";
import { withGradient } from "./withGradient";

/**
 * Root-mean-square normalisation over the last axis of x [N, d] with gain g [d] (Zhang & Sennrich 2019):
 * y = x · r · g, r = (mean(x²) + ε)^−½. The gradient is written out: tfjs's own makes full-size ones for the mean.
 */
export const rmsNorm = (x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor =>
  withGradient(
    [x, gain],
    (input, g) => {
      const r = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
      return { value: tf.mul(tf.mul(input, r), g), saved: { input, g, r } };
    },
    (dy, { input, g, r }) => {
      const scaled = tf.mul(dy, g);
      const along = tf.mean(tf.mul(scaled, input), -1, true);
      const dx = tf.sub(tf.mul(scaled, r), tf.mul(input, tf.mul(along, tf.mul(tf.square(r), r))));
      return [dx, tf.sum(tf.mul(dy, tf.mul(input, r)), 0)];
    },
  );

/**
 * Layer normalisation over the last axis of x [N, d] with gain g and bias b [d] (Ba et al. 2016):
 * y = x̂ · g + b, x̂ = (x − mean(x)) · r, r = (variance(x) + ε)^−½.
 */
export const layerNorm = (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon: number): tf.Tensor =>
  withGradient(
    [x, gain, bias],
    (input, g, b) => {
      const centred = tf.sub(input, tf.mean(input, -1, true));
      const r = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      const unit = tf.mul(centred, r);
      return { value: tf.add(tf.mul(unit, g), b), saved: { unit, g, r } };
    },
    (dy, { unit, g, r }) => {
      const scaled = tf.mul(dy, g);
      const along = tf.mean(tf.mul(scaled, unit), -1, true);
      const dx = tf.mul(tf.sub(tf.sub(scaled, tf.mean(scaled, -1, true)), tf.mul(unit, along)), r);
      return [dx, tf.sum(tf.mul(dy, unit), 0), tf.sum(dy, 0)];
    },
  );

/** x [N, in] times a Linear's weight [out, in]: [N, out]. */
export const linear = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
  tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true);

/** SwiGLU's product g·σ(g)·u (Shazeer 2020). The gradient is written out: five passes over it fewer than tfjs's own. */
export const gated = (gate: tf.Tensor, up: tf.Tensor): tf.Tensor =>
  withGradient(
    [gate, up],
    (g, u) => {
      const sigma = tf.sigmoid(g);
      const activated = tf.mul(g, sigma);
      return { value: tf.mul(activated, u), saved: { u, sigma, activated } };
    },
    // (g·σ)' = σ + g·σ·(1 − σ)
    (dy, { u, sigma, activated }) => [
      tf.mul(tf.mul(dy, u), tf.add(sigma, tf.mul(activated, tf.sub(1, sigma)))),
      tf.mul(dy, activated),
    ],
  );

const [geluSlope, geluCubic] = [Math.sqrt(2 / Math.PI), 0.044715];

/** GELU in its tanh form, x · ½(1 + tanh(√(2/π)(x + 0.044715 x³))) (Hendrycks & Gimpel 2016): GPT-2's activation. */
export const gelu = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    [x],
    (input) => {
      const cubic = tf.mul(tf.mul(tf.square(input), input), geluCubic);
      const t = tf.tanh(tf.mul(tf.add(input, cubic), geluSlope));
      return { value: tf.mul(tf.mul(input, 0.5), tf.add(t, 1)), saved: { input, t } };
    },
    (dy, { input, t }) => {
      const inner = tf.mul(tf.add(tf.mul(tf.square(input), 3 * geluCubic), 1), geluSlope);
      const rest = tf.mul(tf.mul(input, tf.sub(1, tf.square(t))), inner);
      return [tf.mul(dy, tf.mul(tf.add(tf.add(t, 1), rest), 0.5))];
    },
  );

/** Turns pairs (i, i + half) of the last axis of x [..., heads, size] by the angles of cos, sin [..., 1, size/2] (RoFormer, HF's halves). */
export function turned(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.concat(
    [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(second, cos), tf.mul(first, sin))],
    -1,
  );
}

/**
 * The same for x [R, T, heads, size] with angles [R or 1, T, 1, size/2], in one operation where there is one. Its gradient
 * turns back; the angles have none.
 */
export function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  const by = (y: tf.Tensor, c: tf.Tensor, s: tf.Tensor) =>
    fused("RotateHalves", { x: y, cos: c, sin: s }, () => turned(y, c, s));
  return withGradient<readonly tf.Tensor[], { cos: tf.Tensor; sin: tf.Tensor }>(
    [x],
    (input) => ({ value: by(input as tf.Tensor, cos, sin), saved: { cos, sin } }),
    (dy, saved) => [by(dy, saved.cos, tf.neg(saved.sin))],
  );
}

/**
 * Scaled dot-product attention of queries [G, groups·n, size] (scaled already) over keys and values [G, m, size] of the
 * same G heads, with mask [R, n, m] added to the scores of each of the R rows that the heads belong to: [G, groups·n, size].
 * The softmax's gradient takes Σ P·dP from the output, Σ O·dO (Dao et al. 2022), which spares two passes over the scores.
 */
export const attend = (queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
  withGradient(
    [queries, keys, values],
    (q, k, v) => {
      const scores = tf.matMul(q, k, false, true);
      const [R, n, m] = mask.shape as [number, number, number];
      const masked = tf.add(tf.reshape(scores, [R, -1, n, m]), tf.reshape(mask, [R, 1, n, m]));
      const share = tf.reshape(tf.softmax(masked), scores.shape);
      const value = tf.matMul(share, v);
      return { value, saved: { q, k, v, share, value } };
    },
    (dy, { q, k, v, share, value }) => {
      const along = tf.sum(tf.mul(dy, value), -1, true);
      const dScores = tf.mul(share, tf.sub(tf.matMul(dy, v, false, true), along));
      return [tf.matMul(dScores, k), tf.matMul(dScores, q, true, false), tf.matMul(share, dy, true, false)];
    },
  );
