import { expect } from "vitest";
import type { Provider } from "@/trainer/runtime/program";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, isHostArray, leavesOf, sizeOf } from "@/trainer/runtime/tree";
import type { Case, Drawn, T } from "./cases";

/** Fixed weights that tell an output's elements apart. */
const weights = (shape: number[]) =>
  tf.tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7) % 5) - 1.5),
    shape,
  );

const outputs = (drawn: Drawn, x: readonly T[]): T[] => [drawn.program(...(x as never[]))].flat();

const weightedSum = (drawn: Drawn, x: readonly T[]): tf.Scalar =>
  tf.addN(outputs(drawn, x).map((out) => tf.sum(tf.mul(out, weights(out.shape))))) as tf.Scalar;

const isFloat = ({ dtype }: { readonly dtype: string }) => dtype === "float32";

/** The outputs, and the gradient of their weighted sum with respect to the float inputs, which come last. */
function withGradient(drawn: Drawn, differentiable: boolean) {
  return (...x: T[]): T[] => {
    const values = outputs(drawn, x);
    if (!differentiable) return values;
    const fixed = x.filter((t) => !isFloat(t));
    const gradients = tf.grads((...floats: T[]) => weightedSum(drawn, [...fixed, ...floats]))(x.filter(isFloat));
    return [...values, ...gradients];
  };
}

async function results(provider: Provider, program: (...x: T[]) => T[], inputs: readonly HostArray[]) {
  const compiled = await provider.compile(program as never, inputs as never);
  const out = leavesOf(await compiled.run(inputs as never), isHostArray);
  await compiled.dispose();
  return out;
}

/** Compares the compiled program with the eager one, whose kernels are other people's code. */
export async function compare(c: Case, drawn: Drawn, compiler: Provider, eager: Provider): Promise<void> {
  const program = withGradient(drawn, c.gradient !== false);
  const compiled = await results(compiler, program, drawn.inputs);
  const peers = await results(eager, program, drawn.inputs);
  expect(compiled.length).toBe(peers.length);
  for (const [i, array] of compiled.entries()) {
    const peer = peers[i] as HostArray;
    expect(array.shape).toEqual(peer.shape);
    for (const [j, value] of Array.from(array.data).entries()) {
      const wanted = peer.data[j] as number;
      const tolerance = 1e-4 * Math.max(1, Math.abs(wanted));
      if (Math.abs(value - wanted) > tolerance) expect.fail(`${c.name}, output ${i}[${j}]: ${value}, eager ${wanted}`);
    }
  }
}

/**
 * Compares the gradient with central differences: compiled and eager programs share tfjs's gradient functions, so that
 * only this sees a wrong one. One element of each input, drawn.
 */
export async function differentiate(c: Case, drawn: Drawn, compiler: Provider, pick: (n: number) => number) {
  const floats = drawn.inputs.filter(isFloat);
  const count = (await results(compiler, withGradient(drawn, false), drawn.inputs)).length;
  const gradients = (await results(compiler, withGradient(drawn, true), drawn.inputs)).slice(count);
  const scalar = await compiler.compile(((...x: T[]) => weightedSum(drawn, x)) as never, drawn.inputs as never);
  const at = async () => ((await scalar.run(drawn.inputs as never)) as unknown as HostArray).data[0] as number;
  const h = 2 ** -8;
  for (const [i, { data }] of floats.entries()) {
    const j = pick(data.length);
    const x = data[j] as number;
    data[j] = x + h;
    const above = await at();
    data[j] = x - h;
    const below = await at();
    data[j] = x;
    const numeric = (above - below) / (2 * h);
    const value = gradients[i]?.data[j] as number;
    if (Math.abs(value - numeric) > 0.01 * Math.max(1, Math.abs(numeric)))
      expect.fail(`${c.name}, gradient ${i}[${j}]: ${value}, by differences ${numeric}`);
  }
  await scalar.dispose();
}
