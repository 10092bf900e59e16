import { backend_util, util } from "@tensorflow/tfjs-core";
import { type Graph, sameShape, type Value } from "../graph";
import { onnxType } from "../onnx";
import { sizeOf } from "../tree";
import { elementwise, input, type KernelAttributes, type Lowering, type Lowerings } from "./lowering";

function reducedAxes(x: Value, { reductionIndices, axis }: KernelAttributes): number[] {
  return util.parseAxisParam((reductionIndices ?? axis) as number[], [...x.shape]);
}

/**
 * Sums a lazily broadcast value over what is stored and multiplies by how often it repeats; null when a kept dimension is
 * itself lazily broadcast.
 */
function sumLazily(
  g: Graph,
  x: Value,
  axes: readonly number[],
  shape: readonly number[],
  keepdims: number,
): Value | null {
  const keptAreStored = x.shape.every((n, i) => axes.includes(i) || x.stored[i] === n);
  if (!keptAreStored || x.stored.length !== x.shape.length) return null;
  const repeats = axes.reduce((product, a) => (x.stored[a] === 1 ? product * (x.shape[a] ?? 1) : product), 1);
  const sum = g.rawNode("ReduceSum", [x.name, g.int64(axes)], shape, x.dtype, { attributes: { keepdims } });
  return repeats === 1 ? sum : elementwise(g, "Mul", [sum, g.splat(repeats, [], x.dtype)], x.dtype);
}

const reduction =
  (op: string): Lowering =>
  (g, inputs, attributes) => {
    const x = input(inputs, "x");
    const axes = reducedAxes(x, attributes);
    if (axes.length === 0) return x;
    const keepdims = attributes.keepDims ? 1 : 0;
    const [dropped] = backend_util.computeOutAndReduceShapes([...x.shape], axes);
    const shape = keepdims ? backend_util.expandShapeToKeepDim(dropped, axes) : dropped;
    if (op === "ReduceSum") {
      if (x.splat !== undefined) return g.splat(x.splat * sizeOf(axes.map((a) => x.shape[a] ?? 1)), shape, x.dtype);
      const lazy = sameShape(x.shape, x.stored) ? null : sumLazily(g, x, axes, shape, keepdims);
      if (lazy) return lazy;
    }
    return g.rawNode(op, [g.full(x).name, g.int64(axes)], shape, x.dtype, { attributes: { keepdims } });
  };

/** Any and All over bools, by way of int32 maxima and minima. */
const logicalReduction =
  (op: string): Lowering =>
  (g, inputs, attributes) => {
    const x = input(inputs, "x");
    const asInt = elementwise(g, "Cast", [x], "int32", { attributes: { to: onnxType.int32 } });
    const reduced = reduction(op)(g, { named: { x: asInt }, list: [] }, attributes) as Value;
    return elementwise(g, "Cast", [reduced], "bool", { attributes: { to: onnxType.bool } });
  };

const argument =
  (op: string): Lowering =>
  (g, inputs, { axis }) => {
    const x = g.full(input(inputs, "x"));
    const at = Number(axis) < 0 ? Number(axis) + x.shape.length : Number(axis);
    const shape = x.shape.toSpliced(at, 1);
    const wide = g.node(op, [x], shape, "int64", { attributes: { axis: at, keepdims: 0 } });
    return g.node("Cast", [wide], shape, "int32", { attributes: { to: onnxType.int32 } });
  };

export const reductionLowerings: Lowerings = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  Any: logicalReduction("ReduceMax"),
  All: logicalReduction("ReduceMin"),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Softmax: (g, inputs, { dim }) => {
    const logits = g.full(input(inputs, "logits"));
    return g.node("Softmax", [logits], logits.shape, "float32", { attributes: { axis: Number(dim) } });
  },
  TopK: (g, inputs, { k, sorted }) => {
    const x = g.full(input(inputs, "x"));
    const shape = x.shape.with(-1, Number(k));
    const [values, indices] = g.multi(
      "TopK",
      [x.name, g.int64([Number(k)])],
      [
        { shape, dtype: x.dtype },
        { shape, dtype: "int64" },
      ],
      { attributes: { sorted: sorted ? 1 : 0 } },
    ) as [Value, Value];
    return [values, g.node("Cast", [indices], shape, "int32", { attributes: { to: onnxType.int32 } })];
  },
  Cumsum: (g, inputs, { axis, exclusive, reverse }) => {
    const x = g.full(input(inputs, "x"));
    const at = g.constant(Int32Array.of(Number(axis)), [], "int32");
    return g.node("CumSum", [x, at], x.shape, x.dtype, {
      attributes: { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 },
    });
  },
};
