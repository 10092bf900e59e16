import { rotate } from "@/trainer/models/layers";
import { quantisedLinear } from "@/trainer/models/quantised";
import * as tf from "@/trainer/runtime/tf";
import { uint8 } from "@/trainer/runtime/tree";
import { type Case, one, type T } from "./cases";

const asFloat = (x: T) => tf.cast(x, "float32");

/** A reduction over some axes, kept or dropped. */
const reduce = (name: string, f: (x: T, axes: number[], keep: boolean) => T, bools = false): Case => ({
  name,
  ...(bools && { gradient: false as const }),
  draw: (d) => {
    const shape = d.shape();
    const axes = shape.map((_, i) => i).filter((i) => i === 0 || d.flag());
    const counted = d.flag() ? axes : axes.map((i) => i - shape.length);
    const keep = d.flag();
    const make = bools ? d.bools : d.float;
    return { inputs: [make(shape, 0.5, 2)], program: (x: T) => f(x, counted, keep) };
  },
});

const argument = (name: string, f: (x: T, axis: number) => T): Case => ({
  name,
  gradient: false,
  draw: (d) => {
    const shape = d.shape();
    const axis = d.int(0, shape.length - 1);
    return { inputs: [d.float(shape)], program: (x: T) => asFloat(f(x, axis)) };
  },
});

export const reductionCases: readonly Case[] = [
  reduce("sum", (x, axes, keep) => tf.sum(x, axes, keep)),
  reduce("sum of a broadcast", (x, axes, keep) => tf.sum(tf.mul(x, tf.ones(x.shape)), axes, keep)),
  reduce("mean", (x, axes, keep) => tf.mean(x, axes, keep)),
  reduce("max", (x, axes, keep) => tf.max(x, axes, keep)),
  reduce("min", (x, axes, keep) => tf.min(x, axes, keep)),
  reduce("prod", (x, axes, keep) => tf.prod(x, axes, keep)),
  reduce("any", (x, axes, keep) => asFloat(tf.any(x, axes, keep)), true),
  reduce("all", (x, axes, keep) => asFloat(tf.all(x, axes, keep)), true),
  argument("argMax", (x, axis) => tf.argMax(x, axis)),
  argument("argMin", (x, axis) => tf.argMin(x, axis)),
  one("softmax", (x) => tf.softmax(x)),
  one("logSoftmax", (x) => tf.logSoftmax(x)),
  one("logSumExp", (x) => tf.logSumExp(x, -1)),
  {
    name: "topk",
    gradient: false,
    draw: (d) => {
      const shape = d.shape();
      const k = d.int(1, shape.at(-1) ?? 1);
      const program = (x: T) => {
        const { values, indices } = tf.topk(x, k);
        return [values, asFloat(indices)];
      };
      return { inputs: [d.float(shape)], program };
    },
  },
  {
    name: "cumsum",
    draw: (d) => {
      const shape = d.shape();
      const [axis, exclusive, reverse] = [d.int(0, shape.length - 1), d.flag(), d.flag()];
      return { inputs: [d.float(shape)], program: (x: T) => tf.cumsum(x, axis, exclusive, reverse) };
    },
  },
];

const permutations = [
  [0, 2, 1],
  [1, 0, 2],
  [2, 0, 1],
  [2, 1, 0],
];

export const shapeCases: readonly Case[] = [
  {
    name: "reshape and expandDims",
    draw: (d) => {
      const shape = d.shape();
      const axis = d.int(0, shape.length);
      const program = (x: T) => tf.expandDims(tf.reshape(tf.reshape(x, [-1]), shape), axis);
      return { inputs: [d.float(shape)], program };
    },
  },
  {
    name: "transpose",
    draw: (d) => {
      const perm = permutations[d.int(0, 3)] as number[];
      return { inputs: [d.float(d.shape(3))], program: (x: T) => tf.transpose(x, perm) };
    },
  },
  {
    name: "reverse",
    draw: (d) => {
      const shape = d.shape();
      const axes = shape.map((_, i) => i).filter((i) => i === 0 || d.flag());
      return { inputs: [d.float(shape)], program: (x: T) => tf.reverse(x, axes) };
    },
  },
  {
    name: "concat",
    draw: (d) => {
      const shape = d.shape();
      const axis = d.int(0, shape.length - 1);
      const longer = shape.map((n, i) => (i === axis ? n + 2 : n));
      return { inputs: [d.float(shape), d.float(longer)], program: (a: T, b: T) => tf.concat([a, b], axis) };
    },
  },
  {
    name: "stack and unstack",
    draw: (d) => {
      const shape = d.shape();
      const axis = d.int(0, shape.length);
      const program = (a: T, b: T) =>
        tf.unstack(tf.stack([a, b, tf.mul(a, b)], axis), axis).map((x, i) => tf.mul(x, i + 1));
      return { inputs: [d.float(shape), d.float(shape)], program };
    },
  },
  {
    name: "split",
    draw: (d) => {
      const [rows, columns] = [d.int(1, 4), d.int(1, 3)];
      const program = (x: T) => tf.split(x, 3, 1).map((part, i) => tf.mul(part, i + 1));
      return { inputs: [d.float([rows, columns * 3])], program };
    },
  },
  {
    name: "slice",
    draw: (d) => {
      const shape = d.shape();
      const begin = shape.map((n) => d.int(0, n - 1));
      const size = shape.map((n, i) => d.int(1, n - (begin[i] ?? 0)));
      return { inputs: [d.float(shape)], program: (x: T) => tf.slice(x, begin, size) };
    },
  },
  {
    name: "pad",
    draw: (d) => {
      const shape = d.shape();
      const paddings = shape.map((): [number, number] => [d.int(0, 2), d.int(0, 2)]);
      return { inputs: [d.float(shape)], program: (x: T) => tf.pad(x, paddings, 0) };
    },
  },
  {
    name: "tile",
    draw: (d) => {
      const shape = d.shape();
      const reps = shape.map(() => d.int(1, 3));
      return { inputs: [d.float(shape)], program: (x: T) => tf.tile(x, reps) };
    },
  },
];

export const indexingCases: readonly Case[] = [
  {
    name: "gather",
    draw: (d) => {
      const shape = d.shape();
      const axis = d.int(0, shape.length - 1);
      // Repeated indices: their gradients must add up.
      const indices = d.whole([d.int(1, 6)], 0, (shape[axis] ?? 1) - 1);
      return { inputs: [indices, d.float(shape)], program: (i: T, x: T) => tf.gather(x, i as tf.Tensor1D, axis) };
    },
  },
  {
    name: "gather of a batch",
    draw: (d) => {
      const [batch, n] = [d.int(1, 3), d.int(1, 4)];
      const indices = d.whole([batch, d.int(1, 5)], 0, n - 1);
      const program = (i: T, x: T) => tf.gather(x, i as tf.Tensor1D, 1, 1);
      return { inputs: [indices, d.float([batch, n, d.int(1, 3)])], program };
    },
  },
  {
    name: "gatherND",
    draw: (d) => {
      const shape = [3, 2, d.int(1, 4)];
      const depth = d.int(1, 2);
      const indices = d.whole([d.int(1, 5), depth], 0, 1);
      return { inputs: [indices, d.float(shape)], program: (i: T, x: T) => tf.gatherND(x, i) };
    },
  },
  {
    name: "scatterND",
    draw: (d) => {
      const [rows, depth, width] = [d.int(1, 6), d.int(1, 2), d.int(1, 3)];
      const shape = depth === 1 ? [3, width] : [3, 2, width];
      const indices = d.whole([rows, depth], 0, 1);
      return { inputs: [indices, d.float([rows, width])], program: (i: T, x: T) => tf.scatterND(i, x, shape) };
    },
  },
  {
    name: "tensorScatterUpdate",
    gradient: false,
    draw: (d) => {
      const width = d.int(1, 3);
      const program = (x: T, updates: T) => tf.tensorScatterUpdate(x, tf.tensor([[2], [0]], [2, 1], "int32"), updates);
      return { inputs: [d.float([4, width]), d.float([2, width])], program };
    },
  },
  {
    name: "oneHot",
    gradient: false,
    draw: (d) => {
      const depth = d.int(2, 7);
      const program = (i: T) => asFloat(tf.oneHot(i as tf.Tensor1D, depth, 2, -1));
      return { inputs: [d.whole([d.int(1, 5)], 0, depth - 1)], program };
    },
  },
  {
    name: "unsortedSegmentSum",
    draw: (d) => {
      const [rows, segments] = [d.int(1, 6), d.int(1, 4)];
      const program = (i: T, x: T) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, segments);
      return { inputs: [d.whole([rows], 0, segments - 1), d.float([rows, d.int(1, 3)])], program };
    },
  },
];

const equations = ["ab,bc->ac", "abc,abd->acd", "ab,ab->", "ab->ba", "abc,c->ab", "ab,cb->ca", "ab,c->ac", "ab->a"];

export const productCases: readonly Case[] = [
  {
    name: "matMul",
    draw: (d) => {
      const [m, k, n] = [d.int(1, 5), d.int(1, 5), d.int(1, 5)];
      const [ta, tb] = [d.flag(), d.flag()];
      const batch = d.flag() ? [d.int(1, 3)] : [];
      const a = [...batch, ...(ta ? [k, m] : [m, k])];
      const b = [...(d.flag() ? batch : batch.map(() => 1)), ...(tb ? [n, k] : [k, n])];
      return { inputs: [d.float(a), d.float(b)], program: (x: T, y: T) => tf.matMul(x, y, ta, tb) };
    },
  },
  {
    name: "product with a weight in NF4",
    draw: (d) => {
      const [rows, columns, out] = [d.int(1, 3), 64 * d.int(1, 2), d.int(1, 3)];
      const data = Uint8Array.from({ length: (out * columns) / 2 }, () => d.int(0, 255));
      const scales = d.float([(out * columns) / 64], 0.5, 2);
      const program = (packed: T, x: T) =>
        quantisedLinear({ "w.weight": packed, "w.weight.absmax": tf.tensor(scales.data as Float32Array) }, "w", x);
      return { inputs: [uint8(data, [data.length, 1]), d.float([rows, columns])], program };
    },
  },
  {
    name: "einsum",
    draw: (d) => {
      const equation = equations[d.int(0, equations.length - 1)] as string;
      const size: Record<string, number> = { a: d.int(1, 4), b: d.int(1, 4), c: d.int(1, 4), d: d.int(1, 4) };
      const operands = (equation.split("->")[0] as string).split(",");
      const inputs = operands.map((letters) => d.float([...letters].map((l) => size[l] as number)));
      return { inputs, program: (...x: T[]) => tf.einsum(equation, ...x) };
    },
  },
  {
    name: "rotate",
    draw: (d) => {
      const [R, t, heads, half] = [d.int(1, 3), d.int(1, 4), d.int(1, 3), d.int(1, 5)];
      const shape: [number, number, number, number] = [d.flag() ? R : 1, t, 1, half];
      const [cos, sin] = [d.float(shape, -1, 1), d.float(shape, -1, 1)].map(({ data }) => Float32Array.from(data));
      const angles = () => [tf.tensor(cos as Float32Array, shape), tf.tensor(sin as Float32Array, shape)] as const;
      return { inputs: [d.float([R, t, heads, 2 * half])], program: (x: T) => rotate(x, ...angles()) };
    },
  },
];
