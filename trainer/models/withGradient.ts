import * as tf from "../runtime/tf";

/** As many tensors as `N` has. */
type Tensors<N extends readonly unknown[]> = { [K in keyof N]: tf.Tensor };

/**
 * A function of tensors whose gradient is written by hand: `forward` gives its value and, by name, what the gradient needs;
 * `gradient` gives the inputs' gradients from that of the value.
 */
export function withGradient<I extends readonly tf.Tensor[], S extends Readonly<Record<string, tf.Tensor>>>(
  inputs: readonly [...I],
  forward: (...inputs: Tensors<I>) => { readonly value: tf.Tensor; readonly saved: S },
  gradient: (dy: tf.Tensor, saved: S) => Tensors<I>,
): tf.Tensor {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved } = forward(...(args.slice(0, -1) as unknown as Tensors<I>));
    const names = Object.keys(saved);
    save(Object.values(saved));
    const gradFunc = (dy: tf.Tensor, kept: tf.Tensor[]) => {
      const named = Object.fromEntries(names.map((name, i) => [name, kept[i]])) as unknown as S;
      return [...gradient(dy, named)];
    };
    return { value, gradFunc };
  });
  return op(...inputs);
}

/**
 * x, but not before y is there, and never taken for another x: it is taken from the place 0, which is found by looking at y.
 * ONNX Runtime orders operations by what they need alone, and it and this engine compute equal operations once.
 */
export function after(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const one = tf.slice(tf.reshape(y, [y.size]), 0, 1);
  const nought = tf.cast(tf.greater(one, one), "int32") as tf.Tensor1D;
  return tf.reshape(tf.gather(tf.reshape(x, [1, x.size]), nought), x.shape);
}

/**
 * f(inputs, constants) that keeps nothing for its gradient but these: the gradient computes f again (Chen et al. 2016),
 * once it has arrived.
 */
export const recomputed = <C extends Readonly<Record<string, tf.Tensor>>>(
  inputs: readonly tf.Tensor[],
  constants: C,
  f: (inputs: readonly tf.Tensor[], constants: C) => tf.Tensor,
): tf.Tensor =>
  withGradient<tf.Tensor[], Record<string, tf.Tensor>>(
    [...inputs],
    (...given) => {
      const kept: Record<string, tf.Tensor> = Object.fromEntries(given.map((x, i) => [`input ${i}`, x]));
      return { value: f(given, constants), saved: { ...kept, ...constants } };
    },
    (dy, saved) => {
      const [first, ...others] = inputs.map((_, i) => saved[`input ${i}`] as tf.Tensor);
      const again = [after(first as tf.Tensor, dy), ...others];
      return innerGradients((...given) => f(given, saved as unknown as C), again, dy);
    },
  );

/** tf.grads inside a gradient. At the end of every gradient tfjs drops the tape, here still that of the outer one. */
function innerGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return tf.grads(f)(inputs, dy);
  } finally {
    state.activeTape = outer;
  }
}

/** A tensor's value without a gradient. Put it on parameters, and no backward pass is left in the compiled program. */
export const detached = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.clone(args[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy)],
  }))(x);
