import type { Graph, Value } from "../graph";
import { onnxType } from "../onnx";
import { sizeOf } from "../tree";
import { elementwise, input, type Lowerings } from "./lowering";

/** Rows of `x` summed by segment. ScatterElements, since ScatterND(add) drops repeated indices on the CPU provider. */
function segmentSum(g: Graph, x: Value, ids: Value, segments: number): Value {
  const rows = x.shape[0] ?? 0;
  const width = sizeOf(x.shape.slice(1));
  const zero = g.full(g.splat(0, [segments, width], "float32"));
  const source = g.full(g.reshape(x, [rows, width]));
  const column = g.reshape(g.full(ids), [rows, 1]);
  const wide = g.node("Cast", [column], [rows, 1], "int64", { attributes: { to: onnxType.int64 } });
  const index = g.rawNode("Expand", [wide.name, g.int64([rows, width])], [rows, width], "int64");
  const sum = g.node("ScatterElements", [zero, index, source], [segments, width], "float32", {
    attributes: { axis: 0, reduction: "add" },
  });
  return g.reshape(sum, [segments, ...x.shape.slice(1)]);
}

export const indexingLowerings: Lowerings = {
  GatherV2: (g, inputs, { axis, batchDims }) => {
    if (batchDims) throw new Error("GatherV2 with batchDims is not lowered: flatten the batch into the indices");
    const x = g.full(input(inputs, "x"));
    const indices = g.full(input(inputs, "indices"));
    const at = Number(axis);
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
    return g.node("Gather", [x, indices], shape, x.dtype, { attributes: { axis: at } });
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
  UnsortedSegmentSum: (g, inputs, { numSegments }) =>
    segmentSum(g, input(inputs, "x"), input(inputs, "segmentIds"), Number(numSegments)),
};
