import type { Graph, Value } from "../graph";
import { onnxType } from "../onnx";
import { binary, broadcast, elementwise, input, type Lowering, type Lowerings, unary, widen } from "./lowering";

/** Multiplying by ones, which tfjs's gradients do much, costs nothing. */
const multiply: Lowering = (g, inputs) => {
  const a = input(inputs, "a");
  const b = input(inputs, "b");
  const shape = broadcast(a.shape, b.shape);
  const kept = b.splat === 1 ? widen(a, shape) : a.splat === 1 ? widen(b, shape) : null;
  return kept ?? elementwise(g, "Mul", [a, b], a.dtype);
};

/** ONNX's integer division drops the fraction, tfjs's rounds down: one less where there is a rest of the other sign. */
function floorOf(g: Graph, quotient: Value, a: Value, b: Value): Value {
  const rest = elementwise(g, "Sub", [a, elementwise(g, "Mul", [quotient, b], "int32")], "int32");
  const isNegative = (x: Value) => elementwise(g, "Less", [x, g.splat(0, [], "int32")], "bool");
  const isPositive = (x: Value) => elementwise(g, "Greater", [x, g.splat(0, [], "int32")], "bool");
  const below = elementwise(g, "And", [isNegative(rest), isPositive(b)], "bool");
  const above = elementwise(g, "And", [isPositive(rest), isNegative(b)], "bool");
  const opposite =
    b.splat !== undefined && b.splat > 0 ? isNegative(rest) : elementwise(g, "Or", [below, above], "bool");
  return elementwise(g, "Sub", [quotient, castTo(g, opposite, "int32")], "int32");
}

const castTo = (g: Graph, x: Value, dtype: "float32" | "int32" | "bool"): Value => {
  if (x.dtype === dtype) return x;
  if (x.splat !== undefined)
    return g.splat(dtype === "bool" ? Number(x.splat !== 0) : Math.trunc(x.splat), x.shape, dtype);
  return elementwise(g, "Cast", [x], dtype, { attributes: { to: onnxType[dtype] } });
};

export const elementwiseLowerings: Lowerings = {
  Neg: unary("Neg"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Erf: unary("Erf"),
  Abs: unary("Abs"),
  Reciprocal: unary("Reciprocal"),
  Sign: unary("Sign"),
  Floor: unary("Floor"),
  Ceil: unary("Ceil"),
  Round: unary("Round"),
  Rsqrt: (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, "Reciprocal", [elementwise(g, "Sqrt", [x], x.dtype)], x.dtype);
  },
  Square: (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, "Mul", [x, x], x.dtype);
  },
  Log1p: (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, "Log", [elementwise(g, "Add", [x, g.splat(1, [], x.dtype)], x.dtype)], x.dtype);
  },
  Expm1: (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, "Sub", [elementwise(g, "Exp", [x], x.dtype), g.splat(1, [], x.dtype)], x.dtype);
  },
  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: multiply,
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  Mod: (g, inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    if (a.dtype === "int32") return elementwise(g, "Mod", [a, b], "int32");
    // ONNX's Mod of floats takes the sign of a, tfjs's that of b.
    const rest = elementwise(g, "Mod", [a, b], a.dtype, { attributes: { fmod: 1 } });
    const zero = g.splat(0, [], a.dtype);
    const other = elementwise(g, "Less", [elementwise(g, "Mul", [rest, b], a.dtype), zero], "bool");
    return elementwise(g, "Where", [other, elementwise(g, "Add", [rest, b], a.dtype), rest], a.dtype);
  },
  FloorDiv: (g, inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    const quotient = elementwise(g, "Div", [a, b], a.dtype);
    return a.dtype === "int32" ? floorOf(g, quotient, a, b) : elementwise(g, "Floor", [quotient], a.dtype);
  },
  SquaredDifference: (g, inputs) => {
    const a = input(inputs, "a");
    const difference = elementwise(g, "Sub", [a, input(inputs, "b")], a.dtype);
    return elementwise(g, "Mul", [difference, difference], a.dtype);
  },
  AddN: (g, { list }) => elementwise(g, "Sum", list, list[0]?.dtype ?? "float32"),
  ClipByValue: (g, inputs, { clipValueMin, clipValueMax }) => {
    const x = input(inputs, "x");
    const bound = (n: unknown) => g.splat(Number(n), [], x.dtype);
    return elementwise(g, "Clip", [x, bound(clipValueMin), bound(clipValueMax)], x.dtype);
  },
  Cast: (g, inputs, { dtype }) => castTo(g, input(inputs, "x"), dtype as "float32" | "int32" | "bool"),
  Identity: (_g, inputs) => input(inputs, "x"),
  ZerosLike: (g, inputs) => g.splat(0, input(inputs, "x").shape, input(inputs, "x").dtype),
  OnesLike: (g, inputs) => g.splat(1, input(inputs, "x").shape, input(inputs, "x").dtype),
  Range: (g, _inputs, { start, stop, step, dtype }) => {
    const by = Number(step);
    const n = Math.max(0, Math.ceil((Number(stop) - Number(start)) / by));
    const values = Array.from({ length: n }, (_, i) => Number(start) + i * by);
    return dtype === "int32"
      ? g.constant(Int32Array.from(values), [n], "int32")
      : g.constant(Float32Array.from(values), [n], "float32");
  },
  Fill: (g, _inputs, { shape, value, dtype }) =>
    g.splat(Number(value), shape as number[], (dtype as "float32" | "int32" | undefined) ?? "float32"),
};
