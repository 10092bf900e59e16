import * as tf from "../runtime/tf";

/**
 * Root-mean-square normalisation over the last axis of x [N, d] with gain g [d] (Zhang & Sennrich 2019):
 * y = x · r · g, r = (mean(x²) + ε)^−½. The gradient is written out: tfjs's own makes full-size ones for the mean.
 */
export function rmsNorm(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, g, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
    save([input, g, r]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [xs, gs, rs] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const scaled = tf.mul(dy, gs);
      const along = tf.mean(tf.mul(scaled, xs), -1, true);
      const dx = tf.sub(tf.mul(scaled, rs), tf.mul(xs, tf.mul(along, tf.mul(tf.square(rs), rs))));
      return [dx, tf.sum(tf.mul(dy, tf.mul(xs, rs)), 0)];
    };
    return { value: tf.mul(tf.mul(input, r), g), gradFunc };
  });
  return op(x, gain);
}

/** x [N, in] times a Linear's weight [out, in]: [N, out]. */
export const linear = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
  tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true);

/** SwiGLU's gate: x·σ(x). */
export const silu = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));

/** Rotates pairs (i, i + half) of the last axis of x [..., heads, size] by the angles of cos, sin [..., 1, size/2] (RoFormer, HF's halves). */
export function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.concat(
    [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(second, cos), tf.mul(first, sin))],
    -1,
  );
}

/** log p(target) for logits [N, V] and targets [N] int32: [N]. The gradient is dy·(onehot − softmax), never through N·V ones. */
export function tokenLogProbs(logits: tf.Tensor, targets: tf.Tensor, vocab: number): tf.Tensor {
  const hot = tf.oneHot(targets as tf.Tensor1D, vocab);
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [z, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const peak = tf.max(z, -1, true);
    const logSum = tf.add(tf.log(tf.sum(tf.exp(tf.sub(z, peak)), -1, true)), peak);
    save([z]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const column = tf.reshape(dy, [dy.shape[0] as number, 1]);
      return tf.mul(tf.sub(hot, tf.softmax(saved[0] as tf.Tensor)), column);
    };
    const picked = tf.sum(tf.mul(z, hot), -1);
    return { value: tf.sub(picked, tf.squeeze(logSum, [-1])), gradFunc };
  });
  return op(logits);
}
