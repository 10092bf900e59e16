import { after, withGradient } from "../../models/withGradient";
import * as tf from "../../runtime/tf";
import { type HostArray, int32 } from "../../runtime/tree";

const wordBits = 32;

const wordsOf = (columns: number): number => Math.ceil(columns / wordBits);

/**
 * The signs of tuned − base [rows, columns], a bit each: column c of a row is bit c mod 32 of word ⌊c/32⌋, 1 for ≥ 0. And
 * the mean of |tuned − base|, which of all scales leaves the least squared error.
 */
export function signsOf(base: HostArray, tuned: HostArray): { readonly signs: HostArray; readonly scale: number } {
  const [rows, columns] = base.shape as [number, number];
  const width = wordsOf(columns);
  const words = new Int32Array(rows * width);
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const change = (tuned.data[r * columns + c] as number) - (base.data[r * columns + c] as number);
      sum += Math.abs(change);
      if (change >= 0) {
        const at = r * width + (c >> 5);
        words[at] = (words[at] as number) | (1 << (c & 31));
      }
    }
  }
  return { signs: int32(words, [rows, width]), scale: sum / (rows * columns) };
}

/** base + scale · signs, in the base's shape. */
export function withSigns(base: HostArray, signs: HostArray, scale: number): HostArray {
  const [rows, columns] = base.shape as [number, number];
  const width = wordsOf(columns);
  const data = new Float32Array(base.data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const bit = ((signs.data[r * width + (c >> 5)] as number) >>> (c & 31)) & 1;
      data[r * columns + c] = (base.data[r * columns + c] as number) + (bit === 1 ? scale : -scale);
    }
  }
  return { ...base, data };
}

/** The eight signs of each byte. */
const table = Float32Array.from({ length: 256 * 8 }, (_, i) => (((i >> 3) >> (i & 7)) & 1 ? 1 : -1));

/** Words [rows, w] as the matrix [rows, columns] of ±1: bytes by division, and eight signs a byte from a table. */
function unpacked(words: tf.Tensor, columns: number): tf.Tensor {
  const [rows, width] = words.shape as [number, number];
  const bytes: tf.Tensor[] = [];
  let left = words;
  for (let i = 0; i < 4; i++) {
    // Rounded down, so that what is left of a negative word is its bytes all the same.
    const next = tf.floorDiv(left, tf.scalar(256, "int32"));
    bytes.push(tf.sub(left, tf.mul(next, tf.scalar(256, "int32"))));
    left = next;
  }
  const index = tf.reshape(tf.stack(bytes, 2), [rows * width * 4]);
  const all = tf.reshape(tf.gather(tf.tensor(table, [256, 8]), index as tf.Tensor1D), [rows, width * wordBits]);
  return columns === width * wordBits ? all : tf.slice(all, [0, 0], [rows, columns]);
}

/**
 * x [N, in] times a matrix of signs that lies as `weight` does: [N, out]. The full matrix exists only while its product is
 * made: the gradient unpacks it again.
 */
export function timesSigns(x: tf.Tensor, words: tf.Tensor, weight: tf.Tensor, outputsFirst: boolean): tf.Tensor {
  const columns = weight.shape[1] as number;
  const product = (a: tf.Tensor, packed: tf.Tensor, transposed: boolean) =>
    tf.matMul(a as tf.Tensor2D, unpacked(packed, columns) as tf.Tensor2D, false, transposed);
  return withGradient(
    [x],
    (input) => ({ value: product(input, words, outputsFirst), saved: {} }),
    (dy) => [product(dy, after(words, dy), !outputsFirst)],
  );
}
