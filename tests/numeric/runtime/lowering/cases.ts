import type * as tf from "@/trainer/runtime/tf";
import type { HostArray } from "@/trainer/runtime/tree";
import type { Draw } from "./draw";

export type T = tf.Tensor;

export interface Drawn {
  readonly inputs: readonly HostArray[];
  readonly program: (...x: never[]) => tf.Tensor | tf.Tensor[];
}

/** One way to use a kernel; `gradient: false` where tfjs has none, or it is nought. */
export interface Case {
  readonly name: string;
  readonly gradient?: false;
  readonly draw: (d: Draw) => Drawn;
}

const flagged = (gradient?: false) => (gradient === false ? { gradient } : {});

/** A function of one float tensor with elements in [from, to]. */
export const one = (name: string, f: (x: T) => T, from = -2, to = 2, gradient?: false): Case => ({
  name,
  ...flagged(gradient),
  draw: (d) => ({ inputs: [d.float(d.shape(), from, to)], program: f }),
});

/** Two shapes that broadcast: some dimensions of the second are 1, some leading ones are missing. */
export function pair(d: Draw): [number[], number[]] {
  const a = d.shape();
  const b = a.map((n) => (d.int(0, 2) === 0 ? 1 : n)).slice(d.int(0, a.length));
  return d.flag() ? [a, b] : [b, a];
}

/** A function of two float tensors that broadcast. */
export const two = (name: string, f: (a: T, b: T) => T, from = -2, to = 2, gradient?: false): Case => ({
  name,
  ...flagged(gradient),
  draw: (d) => {
    const [a, b] = pair(d);
    return { inputs: [d.float(a, from, to), d.float(b, from, to)], program: f };
  },
});
