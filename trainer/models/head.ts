import * as tf from "../runtime/tf";
import { linear } from "./layers";
import { after, withGradient } from "./withGradient";

/** log Σ exp(z) over the last axis of z [M, V]: [M, 1]; and softmax(z), whose peak gives the sum without a pass of its own. */
function logSumExp(z: tf.Tensor): { logSum: tf.Tensor; softmax: tf.Tensor } {
  const softmax = tf.softmax(z);
  return { logSum: tf.sub(tf.max(z, -1, true), tf.log(tf.max(softmax, -1, true))), softmax };
}

/**
 * log p(target) at each place: hidden [M, d], output weight W [V, d], targets [M] int32 → [M]. A target's own logit is a
 * product of two rows and its share of the gradient a sum into rows, so that no one-hot [M, V] exists.
 */
export function tokenLogProbs(hidden: tf.Tensor, weight: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const at = targets as tf.Tensor1D;
  return withGradient(
    [hidden, weight],
    (h, w) => {
      const { logSum, softmax } = logSumExp(linear(h, w));
      return { value: tf.squeeze(tf.sub(ownLogit(h, w, at), logSum), [-1]), saved: { h, w, softmax } };
    },
    (dy, { h, w, softmax }) => {
      const scaled = scaledRows(h, dy);
      return [
        scaledRows(tf.sub(tf.gather(w, at), tf.matMul(softmax, w)), dy),
        tf.sub(tf.unsortedSegmentSum(scaled, at, w.shape[0] as number), tf.matMul(softmax, scaled, true, false)),
      ];
    },
  );
}

/**
 * The same without ever holding M·V logits: they are made for `chunk` rows of W at a time, and once more in the gradient.
 * One matrix product more, for a vocabulary that is large.
 */
export function tokenLogProbsInChunks(
  hidden: tf.Tensor,
  weight: tf.Tensor,
  targets: tf.Tensor,
  chunk: number,
): tf.Tensor {
  const [V, d] = weight.shape as [number, number];
  const at = targets as tf.Tensor1D;
  const pieces = Array.from({ length: Math.ceil(V / chunk) }, (_, i) => [i * chunk, Math.min(chunk, V - i * chunk)]);
  const rowsOf = (w: tf.Tensor, [first, rows]: number[]) =>
    tf.slice(w as tf.Tensor2D, [first as number, 0], [rows as number, d]);
  return withGradient(
    [hidden, weight],
    (h, w) => {
      let ready = h;
      const sums = pieces.map((piece) => {
        const { logSum } = logSumExp(linear(ready, rowsOf(w, piece)));
        ready = after(h, logSum);
        return logSum;
      });
      const logSum = tf.logSumExp(tf.concat(sums, -1), -1, true); // [M, 1]
      return { value: tf.squeeze(tf.sub(ownLogit(h, w, at), logSum), [-1]), saved: { h, w, logSum } };
    },
    (dy, { h, w, logSum }) => {
      const scaled = scaledRows(h, dy);
      let again = after(h, dy);
      const back = pieces.map((piece) => {
        const part = rowsOf(w, piece);
        const p = tf.exp(tf.sub(linear(again, part), logSum));
        const [toHidden, toWeight] = [tf.matMul(p, part), tf.matMul(p, scaled, true, false)];
        again = after(after(h, toHidden), toWeight);
        return { toHidden, toWeight };
      });
      return [
        scaledRows(tf.sub(tf.gather(w, at), tf.addN(back.map((b) => b.toHidden))), dy),
        tf.sub(tf.unsortedSegmentSum(scaled, at, V), tf.concat(back.map((b) => b.toWeight))),
      ];
    },
  );
}

const ownLogit = (h: tf.Tensor, w: tf.Tensor, targets: tf.Tensor1D): tf.Tensor =>
  tf.sum(tf.mul(h, tf.gather(w, targets)), -1, true);

/** Rows of x [M, d] times the numbers y [M]. */
const scaledRows = (x: tf.Tensor, y: tf.Tensor): tf.Tensor2D => tf.mul(x, tf.reshape(y, [y.size, 1]));
