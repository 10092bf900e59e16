import type * as tf from "../runtime/tf";

/** Parameters as tensors, by Hugging Face's names; a Linear's weight is [out, in], GPT-2's Conv1D's [in, out]. */
export type TensorParameters = Readonly<Record<string, tf.Tensor>>;

export function weight(p: TensorParameters, name: string): tf.Tensor {
  const tensor = p[name];
  if (!tensor) throw new Error(`parameter ${name} is missing`);
  return tensor;
}

/** One layer's keys, rotated, and values. */
export interface KeysAndValues<T = tf.Tensor> {
  readonly k: T;
  readonly v: T;
}
