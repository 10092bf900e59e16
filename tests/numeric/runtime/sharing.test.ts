import { expect, test } from "vitest";
import * as tf from "@/trainer/runtime/tf";
import { trace } from "@/trainer/runtime/trace";

/** Every kind of node that a training step's forward pass is made of. */
const forward = (x: tf.Tensor, w: tf.Tensor) => {
  const [a, b] = tf.split(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true), 2, -1) as [tf.Tensor, tf.Tensor];
  const joined = tf.concat([tf.mul(a, 2), tf.transpose(tf.reshape(b, [2, 2]))], 0);
  return tf.sum(tf.softmax(tf.sigmoid(joined)));
};

test("a function computed twice in one program is in its graph once", () => {
  const [x, w] = [
    { dtype: "float32" as const, shape: [2, 3] },
    { dtype: "float32" as const, shape: [4, 3] },
  ];
  const once = trace((...args: never[]) => forward(...(args as unknown as [tf.Tensor, tf.Tensor])), [x, w]);
  const twice = trace(
    (...args: never[]) => {
      const [a, b] = args as unknown as [tf.Tensor, tf.Tensor];
      return [forward(a, b), tf.add(forward(a, b), 1)];
    },
    [x, w],
  );
  expect(twice.nodeCount).toBe(once.nodeCount + 1);
});
