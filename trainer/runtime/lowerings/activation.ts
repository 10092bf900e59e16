import type { Graph, Value } from "../graph";
import { elementwise, input, type Lowerings, unary } from "./lowering";

const isPositive = (g: Graph, x: Value): Value => elementwise(g, "Greater", [x, g.splat(0, [], x.dtype)], "bool");

/** Where x > 0 the first, else the second. */
const byPositive = (g: Graph, x: Value, yes: Value, no: Value): Value =>
  elementwise(g, "Where", [isPositive(g, x), yes, no], yes.dtype);

export const activationLowerings: Lowerings = {
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Softplus: unary("Softplus"),
  Relu: unary("Relu"),
  Elu: unary("Elu"),
  Selu: unary("Selu"),
  Relu6: (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, "Clip", [x, g.splat(0, [], x.dtype), g.splat(6, [], x.dtype)], x.dtype);
  },
  LeakyRelu: (g, inputs, { alpha }) => {
    const x = input(inputs, "x");
    return elementwise(g, "LeakyRelu", [x], x.dtype, { attributes: { alpha: { float: Number(alpha) } } });
  },
  Prelu: (g, inputs) => {
    const x = input(inputs, "x");
    return byPositive(g, x, x, elementwise(g, "Mul", [x, input(inputs, "alpha")], x.dtype));
  },
  /** From the output y of Elu: its slope is 1 above nought, y + 1 below. */
  EluGrad: (g, inputs) => {
    const [dy, y] = [input(inputs, "dy"), input(inputs, "y")];
    const slope = elementwise(g, "Add", [y, g.splat(1, [], y.dtype)], y.dtype);
    return byPositive(g, y, dy, elementwise(g, "Mul", [dy, slope], y.dtype));
  },
  Step: (g, inputs, { alpha }) => {
    const x = input(inputs, "x");
    return byPositive(g, x, g.splat(1, [], "float32"), g.splat(Number(alpha ?? 0), [], "float32"));
  },
};
