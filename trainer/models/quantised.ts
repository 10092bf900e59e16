import { blockSize, dynamicValues, nestedBlockSize, nf4Values } from "../io/nf4/codes";
import { partsOf } from "../io/nf4/stored";
import * as tf from "../runtime/tf";
import { linear } from "./layers";
import { type TensorParameters, weight } from "./tensors";
import { after, withGradient } from "./withGradient";

/** A weight [out, in] in 4 bits, and the scale of each 64 of its numbers. */
interface Packed {
  readonly packed: tf.Tensor;
  readonly scales: tf.Tensor;
}

/** Whether the weight of that projection is in 4 bits. */
export const isQuantised = (p: TensorParameters, projection: string): boolean => partsOf(projection).scales in p;

/** The two values of each byte. */
const pairs = Float32Array.from({ length: 512 }, (_, i) => {
  const byte = i >> 1;
  return nf4Values[i % 2 === 0 ? byte >> 4 : byte & 15] as number;
});
const dynamic = dynamicValues();

/** x of [n] with noughts up to a multiple of `size`, as rows of that size. */
function rowsOf(x: tf.Tensor, size: number): tf.Tensor {
  const missing = -x.size % size;
  const whole = missing === 0 ? x : tf.concat([x, tf.zeros([size + missing])]);
  return tf.reshape(whole, [-1, size]);
}

/** Numbers of [n], each multiplied by the factor of its block. */
const scaled = (x: tf.Tensor, factors: tf.Tensor, size: number): tf.Tensor =>
  tf.slice(tf.reshape(tf.mul(rowsOf(x, size), tf.reshape(factors, [-1, 1])), [-1]), 0, x.size);

function packedWeight(p: TensorParameters, projection: string): Packed {
  const parts = partsOf(projection);
  const [packed, scales] = [weight(p, parts.packed), weight(p, parts.scales)];
  const nested = p[parts.nestedScales];
  if (!nested) return { packed, scales };
  const codes = tf.cast(scales, "int32") as tf.Tensor1D;
  const values = scaled(tf.gather(tf.tensor(dynamic), codes), nested, nestedBlockSize);
  return { packed, scales: tf.add(values, weight(p, parts.offset)) };
}

/** The weight at full precision, [out, in], but not before `moment` is there: when it is used, so that few are whole at once. */
function unpacked({ packed, scales }: Packed, inputs: number, moment: tf.Tensor): tf.Tensor2D {
  const bytes = tf.cast(after(tf.reshape(packed, [packed.size]), moment), "int32") as tf.Tensor1D;
  const values = tf.reshape(tf.gather(tf.tensor(pairs, [256, 2]), bytes), [2 * packed.size]);
  return tf.reshape(scaled(values, scales, blockSize), [-1, inputs]);
}

/** The projection's weight in 4 bits as a matrix [out, in] at the moment that x [N, in] is there. */
export const unpackedWeight = (p: TensorParameters, projection: string, x: tf.Tensor): tf.Tensor =>
  unpacked(packedWeight(p, projection), x.shape[1] as number, x);

/**
 * x [N, in] times the transpose of a weight that is in 4 bits: [N, out]. For the gradient it is unpacked again, for this
 * one product. The weight itself has no gradient.
 */
export function quantisedLinear(p: TensorParameters, projection: string, x: tf.Tensor): tf.Tensor {
  const own = packedWeight(p, projection);
  return withGradient(
    [x, own.packed, own.scales],
    (input, packed, scales) => ({ value: times(input, { packed, scales }), saved: { packed, scales } }),
    (dy, { packed, scales }) => [
      tf.matMul(dy, unpacked({ packed, scales }, x.shape[1] as number, dy)),
      tf.zeros(packed.shape),
      tf.zeros(scales.shape),
    ],
  );
}

/** By the runtime's own product where it has one. */
function times(x: tf.Tensor, w: Packed): tf.Tensor {
  const inputs: Record<string, tf.Tensor> = { x, ...w };
  if (tf.getKernel("MatMulNf4", tf.getBackend())) return tf.engine().runKernel("MatMulNf4", inputs) as tf.Tensor;
  return linear(x, unpacked(w, x.shape[1] as number, x));
}
