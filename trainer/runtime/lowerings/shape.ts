import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import type { Graph, Value } from "../graph";
import { sizeOf } from "../tree";
import { input, type Lowerings } from "./lowering";

/** The end of an ONNX Slice that runs backwards through the first element. */
const beforeTheFirst = -(2 ** 31);

const resolveAxis = (axis: unknown, rank: number): number => (Number(axis) < 0 ? Number(axis) + rank : Number(axis));

/** `shape` with its one −1 filled in. */
function completeShape(shape: readonly number[], size: number): number[] {
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  return shape.map((n) => (n === -1 ? size / known : n));
}

function concat(g: Graph, values: readonly Value[], axis: number): Value {
  const parts = values.filter((v) => sizeOf(v.shape) > 0).map((v) => g.full(v));
  const [first] = parts;
  if (!first) throw new Error("Concat of nothing");
  if (parts.length === 1) return first;
  const along = parts.reduce((sum, v) => sum + (v.shape[axis] ?? 0), 0);
  return g.node(
    "Concat",
    parts,
    first.shape.map((n, i) => (i === axis ? along : n)),
    first.dtype,
    { attributes: { axis } },
  );
}

function split(g: Graph, x: Value, axis: number, sizes: readonly number[]): Value[] {
  const parts = sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  return g.multi("Split", [g.full(x).name, g.int64(sizes)], parts, { attributes: { axis } });
}

function slice(g: Graph, x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (x.splat !== undefined) return g.splat(x.splat, size, x.dtype);
  if (size.every((n, i) => n === x.shape[i])) return x;
  const ends = begin.map((b, i) => b + (size[i] ?? 0));
  return g.rawNode("Slice", [g.full(x).name, g.int64(begin), g.int64(ends)], size, x.dtype);
}

export const shapeLowerings: Lowerings = {
  Reshape: (g, inputs, { shape }) => {
    const x = input(inputs, "x");
    return g.reshape(x, completeShape(shape as number[], sizeOf(x.shape)));
  },
  ExpandDims: (g, inputs, { dim }) => {
    const x = input(inputs, "input");
    const axis = resolveAxis(dim, x.shape.length + 1);
    return g.reshape(x, x.shape.toSpliced(axis, 0, 1));
  },
  Transpose: (g, inputs, { perm }) => {
    const x = input(inputs, "x");
    const order = perm as number[];
    const shape = order.map((i) => x.shape[i] ?? 1);
    if (x.splat !== undefined) return g.splat(x.splat, shape, x.dtype);
    if (order.every((p, i) => p === i)) return x;
    return g.node("Transpose", [g.full(x)], shape, x.dtype, { attributes: { perm: order } });
  },
  Concat: (g, { list }, { axis }) => concat(g, list, resolveAxis(axis, list[0]?.shape.length ?? 0)),
  Pack: (g, { list }, { axis }) => {
    const at = resolveAxis(axis, (list[0]?.shape.length ?? 0) + 1);
    return concat(
      g,
      list.map((v) => g.reshape(v, v.shape.toSpliced(at, 0, 1))),
      at,
    );
  },
  Unpack: (g, inputs, { axis }) => {
    const x = input(inputs, "value");
    const at = resolveAxis(axis, x.shape.length);
    const parts = split(g, x, at, Array<number>(x.shape[at] ?? 0).fill(1));
    return parts.map((v) => g.reshape(v, v.shape.toSpliced(at, 1)));
  },
  SplitV: (g, inputs, { numOrSizeSplits, axis }) => {
    const x = input(inputs, "x");
    const at = resolveAxis(axis, x.shape.length);
    const sizes = backend_util.prepareSplitSize({ shape: [...x.shape] } as never, numOrSizeSplits as number[], at);
    return split(g, x, at, sizes);
  },
  Slice: (g, inputs, { begin, size }) => {
    const x = input(inputs, "x");
    const parsed = slice_util.parseSliceParams({ shape: [...x.shape] } as never, begin as number[], size as number[]);
    const [starts = [], sizes = []] = parsed;
    return slice(g, x, starts, sizes);
  },
  Reverse: (g, inputs, { dims }) => {
    const x = g.full(input(inputs, "x"));
    const axes = util.parseAxisParam(dims as number[], [...x.shape]);
    const all = (value: number) => g.int64(axes.map(() => value));
    const names = [x.name, all(-1), all(beforeTheFirst), g.int64(axes), all(-1)];
    return g.rawNode("Slice", names, x.shape, x.dtype);
  },
  PadV2: (g, inputs, { paddings, constantValue }) => {
    const x = g.full(input(inputs, "x"));
    const pairs = paddings as [number, number][];
    const pads = [...pairs.map(([before]) => before), ...pairs.map(([, after]) => after)];
    const fill = g.splat(Number(constantValue), [], x.dtype);
    const shape = x.shape.map((n, i) => n + (pairs[i]?.[0] ?? 0) + (pairs[i]?.[1] ?? 0));
    return g.rawNode("Pad", [x.name, g.int64(pads), fill.name], shape, x.dtype);
  },
  Tile: (g, inputs, { reps }) => {
    const x = input(inputs, "x");
    const times = reps as number[];
    const shape = x.shape.map((n, i) => n * (times[i] ?? 1));
    // Repeating a dimension of one is a broadcast, and stays lazy.
    if (x.shape.every((n, i) => times[i] === 1 || n === 1)) return { ...x, shape };
    return g.rawNode("Tile", [g.full(x).name, g.int64(times)], shape, x.dtype);
  },
};
