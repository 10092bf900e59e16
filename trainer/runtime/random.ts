import * as tf from "./tf";

// Random numbers inside a program: pure functions of a seed tensor, so that a compiled program draws anew on every call.
// Counter-based (Salmon et al. 2011): element i of a stream under a seed is a hash of the three. Only wrapping int32
// products and sums, a comparison and the division of non-negative numbers are used: the same bits on every provider.

const int = (value: number): tf.Scalar => tf.scalar(value | 0, "int32");

/** Clears the sign bit: int32 in [0, 2³¹). */
const nonNegative = (x: tf.Tensor): tf.Tensor => tf.where(tf.less(x, int(0)), tf.add(x, int(-(2 ** 31))), x);

/** Odd constants with about half their bits set, one a round. */
const rounds = [0x7feb352d, 0x846ca68b, 0x9e3779b1, 0x2c1b3c6d];

/**
 * Int32 in [0, 2³¹) from int32 `x` and an odd `key`. A round is x(2x + 1) (the permutation of RC6) plus the key, with its
 * halves exchanged. The square is what makes it a hash: tensors have no xor, and sums and products alone stay linear.
 */
function hash(x: tf.Tensor, key: tf.Tensor): tf.Tensor {
  const mixed = rounds.reduce((state, constant) => {
    const square = tf.mul(state, tf.add(tf.mul(state, int(2)), int(1)));
    const sum = tf.add(square, tf.mul(key, int(constant)));
    return tf.add(tf.mul(sum, int(2 ** 16)), tf.floorDiv(nonNegative(sum), int(2 ** 15)));
  }, x);
  return nonNegative(mixed);
}

const odd = (x: tf.Tensor): tf.Tensor => tf.add(tf.mul(x, int(2)), int(1));

/**
 * Uniform int32 in [0, 2³¹) of the given shape. `seed` is an int32 scalar that changes from call to call; calls with
 * another `stream` under one seed are independent.
 */
export function randomBits(seed: tf.Tensor, shape: readonly number[], stream: number): tf.Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const key = odd(hash(int(stream), odd(hash(seed, int(1)))));
  return tf.reshape(hash(tf.range(0, n, 1, "int32"), key), [...shape]);
}

/** Uniform float32 strictly between 0 and 1: multiples of 2⁻²³ and a half, exact on every provider. */
export function randomUniform(seed: tf.Tensor, shape: readonly number[], stream = 0): tf.Tensor {
  const high = tf.cast(tf.floorDiv(randomBits(seed, shape, stream), int(2 ** 8)), "float32");
  return tf.mul(tf.add(high, 0.5), 2 ** -23);
}

/** x with each element kept with probability 1 − rate and divided by it, else nought (Srivastava et al. 2014). */
export function dropout(x: tf.Tensor, rate: number, seed: tf.Tensor, stream = 0): tf.Tensor {
  const kept = tf.cast(tf.greaterEqual(randomUniform(seed, x.shape, stream), rate), "float32");
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}

/** Standard Gumbel numbers: −log(−log u). */
export const gumbel = (seed: tf.Tensor, shape: readonly number[], stream = 0): tf.Tensor =>
  tf.neg(tf.log(tf.neg(tf.log(randomUniform(seed, shape, stream)))));

/** Draws from softmax(logits) along the last axis, by the Gumbel-max trick: int32 of the leading shape. */
export const categorical = (logits: tf.Tensor, seed: tf.Tensor, stream = 0): tf.Tensor =>
  tf.argMax(tf.add(logits, gumbel(seed, logits.shape, stream)), -1);
