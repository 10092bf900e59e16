import { elementwise, input, type Lowerings, unary } from "./lowering";

export const trigonometryLowerings: Lowerings = {
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Tan: unary("Tan"),
  Asin: unary("Asin"),
  Acos: unary("Acos"),
  Atan: unary("Atan"),
  Sinh: unary("Sinh"),
  Cosh: unary("Cosh"),
  Asinh: unary("Asinh"),
  Acosh: unary("Acosh"),
  Atanh: unary("Atanh"),
  /** The angle of the point (b, a): Atan of the ratio, turned by π where b < 0. Atan2(0, 0) is not defined here. */
  Atan2: (g, inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    const number = (value: number) => g.splat(value, [], "float32");
    const isNegative = (x: typeof a) => elementwise(g, "Less", [x, number(0)], "bool");
    const angle = elementwise(g, "Atan", [elementwise(g, "Div", [a, b], "float32")], "float32");
    const half = elementwise(g, "Where", [isNegative(a), number(-Math.PI), number(Math.PI)], "float32");
    const turn = elementwise(g, "Where", [isNegative(b), half, number(0)], "float32");
    return elementwise(g, "Add", [angle, turn], "float32");
  },
};
