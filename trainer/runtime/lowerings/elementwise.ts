import type { Graph, Value } from "../graph";
import { onnxType } from "../onnx";
import { broadcast, elementwise, input, type Lowering, type Lowerings, widen } from "./lowering";

const unary =
  (op: string): Lowering =>
  (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, op, [x], x.dtype);
  };

const binary =
  (op: string): Lowering =>
  (g, inputs) => {
    const a = input(inputs, "a");
    return elementwise(g, op, [a, input(inputs, "b")], a.dtype);
  };

const comparison =
  (op: string): Lowering =>
  (g, inputs) =>
    elementwise(g, op, [input(inputs, "a"), input(inputs, "b")], "bool");

const not = (g: Graph, x: Value): Value => elementwise(g, "Not", [x], "bool");

/** Multiplying by ones, which tfjs's gradients do much, costs nothing. */
const multiply: Lowering = (g, inputs) => {
  const a = input(inputs, "a");
  const b = input(inputs, "b");
  const shape = broadcast(a.shape, b.shape);
  const kept = b.splat === 1 ? widen(a, shape) : a.splat === 1 ? widen(b, shape) : null;
  return kept ?? elementwise(g, "Mul", [a, b], a.dtype);
};

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
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Relu: unary("Relu"),
  Erf: unary("Erf"),
  Abs: unary("Abs"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Reciprocal: unary("Reciprocal"),
  Sign: unary("Sign"),
  Floor: unary("Floor"),
  Ceil: unary("Ceil"),
  Round: unary("Round"),
  Softplus: unary("Softplus"),
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
  Step: (g, inputs, { alpha }) => {
    const x = input(inputs, "x");
    const positive = elementwise(g, "Greater", [x, g.splat(0, [], x.dtype)], "bool");
    return elementwise(
      g,
      "Where",
      [positive, g.splat(1, [], "float32"), g.splat(Number(alpha ?? 0), [], "float32")],
      "float32",
    );
  },
  IsNan: (g, inputs) => elementwise(g, "IsNaN", [input(inputs, "x")], "bool"),
  IsInf: (g, inputs) => elementwise(g, "IsInf", [input(inputs, "x")], "bool"),
  IsFinite: (g, inputs) => {
    const x = input(inputs, "x");
    const bad = elementwise(
      g,
      "Or",
      [elementwise(g, "IsNaN", [x], "bool"), elementwise(g, "IsInf", [x], "bool")],
      "bool",
    );
    return not(g, bad);
  },
  LogicalNot: (g, inputs) => not(g, input(inputs, "x")),
  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: multiply,
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  SquaredDifference: (g, inputs) => {
    const a = input(inputs, "a");
    const difference = elementwise(g, "Sub", [a, input(inputs, "b")], a.dtype);
    return elementwise(g, "Mul", [difference, difference], a.dtype);
  },
  Equal: comparison("Equal"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  LogicalAnd: comparison("And"),
  LogicalOr: comparison("Or"),
  NotEqual: (g, inputs) => not(g, elementwise(g, "Equal", [input(inputs, "a"), input(inputs, "b")], "bool")),
  Select: (g, inputs) => {
    const t = input(inputs, "t");
    return elementwise(g, "Where", [input(inputs, "condition"), t, input(inputs, "e")], t.dtype);
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
