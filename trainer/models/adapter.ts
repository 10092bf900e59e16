import type * as tf from "../runtime/tf";
import type { KeysAndValues, TensorParameters } from "./tensors";

/** What an adapter changes in a model's forward pass; its parameters lie beside the base's. Made by trainer/adapters. */
export interface ModelAdapter {
  /** What the projection `name` makes of x [N, in], before its bias: [N, out]. `plain` is the base's own product. */
  readonly project?: (p: TensorParameters, name: string, x: tf.Tensor, plain: (x: tf.Tensor) => tf.Tensor) => tf.Tensor;
  /** What stands before every text, whose own places count from `length`. */
  readonly prefix?: {
    readonly length: number;
    /** Of each layer, [kv, length, size]. */
    keysAndValues(p: TensorParameters): readonly KeysAndValues[];
  };
  /** The same in a training step that drops out; `seed` is an int32 scalar. */
  readonly droppingOut?: (seed: tf.Tensor) => ModelAdapter;
}

/** Places before every text that a model's adapter takes. */
export const prefixLength = ({ adapter }: { readonly adapter?: ModelAdapter | undefined }): number =>
  adapter?.prefix?.length ?? 0;
