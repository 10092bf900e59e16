import { graphLines } from "../runtime/graphText";
import { openProvider } from "../runtime/provider";
import * as tf from "../runtime/tf";
import { record } from "../runtime/trace";
import { float32, type HostArray, scalar } from "../runtime/tree";

export const explainHelp = `tiebreak-trainer explain: a small training step, its graph, and what it computes
`;

/** One step of gradient descent on the sum of (x·w)². */
function step(x: tf.Tensor, w: tf.Tensor, rate: tf.Tensor) {
  const loss = (weights: tf.Tensor) => tf.sum(tf.square(tf.matMul(x, weights)));
  return { loss: loss(w), w: tf.sub(w, tf.mul(tf.grad(loss)(w), rate)) };
}

/** ARCHITECTURE.md's worked example, from the code that it tells of. */
export async function runExplain(): Promise<void> {
  const inputs = [float32([1, 2, 3, 4, 5, 6], [2, 3]), float32([1, 0, 0, 1, 1, 1], [3, 2]), scalar(0.01)] as const;
  const provider = await openProvider("onnx-cpu");
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    say("loss = Σ(x·w)², w ← w − rate·∂loss/∂w (step, in trainer/cli/explain.ts) leaves this graph:\n");
    for (const line of graphLines(record(step, inputs))) say(`  ${line}`);
    const compiled = await provider.compile(step, [...inputs] as never);
    const out = (await compiled.run([...inputs] as never)) as unknown as { loss: HostArray; w: HostArray };
    await compiled.dispose();
    say(
      `\nRun by ${provider.name}: loss ${out.loss.data[0]}, w ${Array.from(out.w.data, (n) => n.toFixed(2)).join(" ")}`,
    );
  } finally {
    await provider.close();
  }
}
