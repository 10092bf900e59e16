import type { Graph, Value } from "../graph";
import { onnxType } from "../onnx";
import { sizeOf } from "../tree";
import { elementwise, input, type Lowerings } from "./lowering";

const asInt64 = (g: Graph, x: Value): Value =>
  g.node("Cast", [g.full(x)], x.shape, "int64", { attributes: { to: onnxType.int64 } });

/** Rows [n, width] added up by the int32 index [n, 1] of each: [segments, width]. */
function sumRows(g: Graph, rows: Value, index: Value, segments: number): Value {
  const [n = 0, width = 0] = rows.shape;
  const zero = g.full(g.splat(0, [segments, width], rows.dtype));
  const wide = g.rawNode("Expand", [asInt64(g, index).name, g.int64([n, width])], [n, width], "int64");
  // ScatterElements, since ScatterND(add) drops repeated indices on the CPU provider.
  return g.node("ScatterElements", [zero, wide, g.full(rows)], [segments, width], rows.dtype, {
    attributes: { axis: 0, reduction: "add" },
  });
}

/** Sums the slices of `updates` into zeros of `shape`, each at the place that the last axis of `indices` names. */
function scatterNd(g: Graph, indices: Value, updates: Value, shape: readonly number[]): Value {
  const depth = indices.shape.at(-1) ?? 1;
  const n = sizeOf(indices.shape.slice(0, -1));
  const indexed = shape.slice(0, depth);
  const strides = indexed.map((_, i) => sizeOf(indexed.slice(i + 1)));
  const weighted = elementwise(
    g,
    "Mul",
    [g.reshape(indices, [n, depth]), g.constant(Int32Array.from(strides), [depth], "int32")],
    "int32",
  );
  const place = g.rawNode("ReduceSum", [weighted.name, g.int64([1])], [n, 1], "int32", { attributes: { keepdims: 1 } });
  const rows = g.reshape(updates, [n, sizeOf(shape.slice(depth))]);
  return g.reshape(sumRows(g, rows, place, sizeOf(indexed)), shape);
}

export const indexingLowerings: Lowerings = {
  GatherV2: (g, inputs, { axis, batchDims }) => {
    const x = g.full(input(inputs, "x"));
    const indices = g.full(input(inputs, "indices"));
    const at = Number(axis) < 0 ? Number(axis) + x.shape.length : Number(axis);
    const batch = Number(batchDims ?? 0);
    const shape = [...x.shape.slice(0, at), ...indices.shape.slice(batch), ...x.shape.slice(at + 1)];
    if (batch === 0) return g.node("Gather", [x, indices], shape, x.dtype, { attributes: { axis: at } });
    if (at !== batch) throw new Error("tf.gather whose axis is not batchDims has no lowering");
    const index = asInt64(g, g.reshape(indices, [...indices.shape, 1]));
    return g.node("GatherND", [x, index], shape, x.dtype, { attributes: { batch_dims: batch } });
  },
  GatherNd: (g, inputs) => {
    const params = g.full(input(inputs, "params"));
    const indices = input(inputs, "indices");
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))];
    return g.node("GatherND", [params, asInt64(g, indices)], shape, params.dtype);
  },
  ScatterNd: (g, inputs, { shape }) =>
    scatterNd(g, input(inputs, "indices"), input(inputs, "updates"), shape as number[]),
  TensorScatterUpdate: (g, inputs) => {
    const [x, updates] = [g.full(input(inputs, "tensor")), g.full(input(inputs, "updates"))];
    return g.node("ScatterND", [x, asInt64(g, input(inputs, "indices")), updates], x.shape, x.dtype);
  },
  // ONNX's OneHot is slow on the CPU provider; comparing with a ramp is not.
  OneHot: (g, inputs, { depth, onValue, offValue }) => {
    const indices = input(inputs, "indices");
    const n = Number(depth);
    const ramp = g.constant(
      Int32Array.from({ length: n }, (_, i) => i),
      [n],
      "int32",
    );
    const hit = elementwise(g, "Equal", [g.reshape(indices, [...indices.shape, 1]), ramp], "bool");
    return elementwise(
      g,
      "Where",
      [hit, g.splat(Number(onValue), [], "float32"), g.splat(Number(offValue), [], "float32")],
      "float32",
    );
  },
  UnsortedSegmentSum: (g, inputs, { numSegments }) => {
    const [x, ids] = [input(inputs, "x"), input(inputs, "segmentIds")];
    const [n = 0, ...rest] = x.shape;
    const rows = g.reshape(x, [n, sizeOf(rest)]);
    return g.reshape(sumRows(g, rows, g.reshape(ids, [n, 1]), Number(numSegments)), [Number(numSegments), ...rest]);
  },
};
