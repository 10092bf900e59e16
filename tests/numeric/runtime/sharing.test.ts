import { expect, test } from "vitest";
import { collateSequences } from "@/trainer/data/sequences";
import { completionLogProbs } from "@/trainer/recipes/forward";
import * as tf from "@/trainer/runtime/tf";
import { record, trace } from "@/trainer/runtime/trace";
import { tinyModel } from "../../helpers/tinyModel";

/** Every kind of node that a training step's forward pass is made of. */
const forward = (x: tf.Tensor, w: tf.Tensor) => {
  const [a, b] = tf.split(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true), 2, -1) as [tf.Tensor, tf.Tensor];
  const joined = tf.concat([tf.mul(a, 2), tf.transpose(tf.reshape(b, [2, 2]))], 0);
  return tf.sum(tf.softmax(tf.sigmoid(joined)));
};

test("what a training step computes for its loss is not computed again for its metrics", () => {
  const { config, parameters } = tinyModel(1, { layers: 1, headSize: 16, hiddenSize: 32 });
  // Long enough for tables of thousands of angles.
  const batch = collateSequences([{ prompt: Array.from({ length: 300 }, (_, i) => i % 7), completion: [3, 4] }]);
  const forward = (p: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>) =>
    tf.sum(completionLogProbs(p, config, b));
  const trained = (metrics: boolean) => (p: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>) => {
    const names = Object.keys(p);
    const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor]));
    const gradients = tf.grads((...values: tf.Tensor[]) => forward(named(values), b))(Object.values(p));
    return { gradients, ...(metrics && { loss: forward(p, b) }) };
  };
  const products = (metrics: boolean) =>
    record(trained(metrics) as never, [parameters, batch]).nodes.filter((n) => /Gemm|MatMul/.test(n.op)).length;
  // The sum over a sequence's places is one, which gradients alone do not need.
  expect(products(true)).toBe(products(false) + 1);
});

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
