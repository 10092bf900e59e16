import * as tf from "./tf";

/**
 * An operation that some backends compute at once, by a kernel of that name, and that is composed elsewhere. It has no gradient:
 * for use inside one that is written by hand.
 */
export const fused = (
  kernelName: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  composed: () => tf.Tensor,
): tf.Tensor =>
  tf.getKernel(kernelName, tf.getBackend()) ? tf.engine().runKernel(kernelName, { ...inputs }) : composed();
