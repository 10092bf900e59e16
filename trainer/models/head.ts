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

/** First row and number of rows of each chunk of a vocabulary of V words. */
const piecesOf = (V: number, chunk: number): [number, number][] =>
  Array.from({ length: Math.ceil(V / chunk) }, (_, i) => [i * chunk, Math.min(chunk, V - i * chunk)]);

const rowsOf = (w: tf.Tensor, [first, rows]: readonly [number, number]): tf.Tensor =>
  tf.slice(w as tf.Tensor2D, [first, 0], [rows, w.shape[1] as number]);

/** The gradients of log p(target) for hidden states and weight, chunk by chunk; `logSum` is log Σ exp of the logits [M, 1]. */
function gradientInChunks(
  dy: tf.Tensor,
  { h, w, logSum }: Readonly<Record<"h" | "w" | "logSum", tf.Tensor>>,
  at: tf.Tensor1D,
  chunk: number,
): [tf.Tensor, tf.Tensor] {
  const V = w.shape[0] as number;
  const scaled = scaledRows(h, dy);
  let again = after(h, dy);
  const back = piecesOf(V, chunk).map((piece) => {
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
  const at = targets as tf.Tensor1D;
  return withGradient(
    [hidden, weight],
    (h, w) => {
      let ready = h;
      const sums = piecesOf(w.shape[0] as number, chunk).map((piece) => {
        const { logSum } = logSumExp(linear(ready, rowsOf(w, piece)));
        ready = after(h, logSum);
        return logSum;
      });
      const logSum = tf.logSumExp(tf.concat(sums, -1), -1, true); // [M, 1]
      return { value: tf.squeeze(tf.sub(ownLogit(h, w, at), logSum), [-1]), saved: { h, w, logSum } };
    },
    (dy, saved) => gradientInChunks(dy, saved, at, chunk),
  );
}

/** Of each place [M]: log p(target), and for metrics, without a gradient, the entropy of p and whether the target is its likeliest word. */
export interface TokenStatistics {
  readonly logp: tf.Tensor;
  readonly entropy: tf.Tensor;
  readonly hit: tf.Tensor;
}

/** All of these for `chunk` words at a time. The entropy is log Σ exp(z) − Σ p·z, its last sum gathered from the chunks' own. */
export function tokenStatisticsInChunks(
  hidden: tf.Tensor,
  weight: tf.Tensor,
  targets: tf.Tensor,
  chunk: number,
): TokenStatistics {
  const at = targets as tf.Tensor1D;
  const all = withGradient(
    [hidden, weight],
    (h, w) => {
      let ready = h;
      const parts = piecesOf(w.shape[0] as number, chunk).map((piece) => {
        const z = linear(ready, rowsOf(w, piece));
        const { logSum, softmax } = logSumExp(z);
        const mean = tf.sum(tf.mul(softmax, z), -1, true);
        const peak = tf.max(z, -1, true);
        const best = tf.reshape(tf.add(tf.cast(tf.argMax(z, -1), "float32"), piece[0]), [-1, 1]);
        ready = after(after(after(h, logSum), mean), best);
        return { logSum, mean, peak, best };
      });
      const column = (of: (part: (typeof parts)[0]) => tf.Tensor) => tf.concat(parts.map(of), -1); // [M, chunks]
      const logSum = tf.logSumExp(
        column((p) => p.logSum),
        -1,
        true,
      );
      const share = tf.exp(
        tf.sub(
          column((p) => p.logSum),
          logSum,
        ),
      );
      const entropy = tf.sub(
        logSum,
        tf.sum(
          tf.mul(
            share,
            column((p) => p.mean),
          ),
          -1,
          true,
        ),
      );
      const likeliest = parts.reduce((a, b) => {
        const higher = tf.greater(b.peak, a.peak);
        return { ...b, peak: tf.where(higher, b.peak, a.peak), best: tf.where(higher, b.best, a.best) };
      }).best;
      const hit = tf.cast(tf.equal(likeliest, tf.reshape(tf.cast(at, "float32"), [-1, 1])), "float32");
      const logp = tf.sub(ownLogit(h, w, at), logSum);
      return { value: tf.concat([logp, entropy, hit], -1), saved: { h, w, logSum } };
    },
    (dy, saved) => gradientInChunks(tf.slice(dy as tf.Tensor2D, [0, 0], [at.size, 1]), saved, at, chunk),
  );
  const [logp, entropy, hit] = tf.unstack(all, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { logp, entropy, hit };
}

const ownLogit = (h: tf.Tensor, w: tf.Tensor, targets: tf.Tensor1D): tf.Tensor =>
  tf.sum(tf.mul(h, tf.gather(w, targets)), -1, true);

/** Rows of x [M, d] times the numbers y [M]. */
const scaledRows = (x: tf.Tensor, y: tf.Tensor): tf.Tensor2D => tf.mul(x, tf.reshape(y, [y.size, 1]));
