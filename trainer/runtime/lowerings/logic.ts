import type { Graph, Value } from "../graph";
import { binary, elementwise, input, type Lowerings } from "./lowering";

const not = (g: Graph, x: Value): Value => elementwise(g, "Not", [x], "bool");

export const logicLowerings: Lowerings = {
  Equal: binary("Equal", "bool"),
  Less: binary("Less", "bool"),
  LessEqual: binary("LessOrEqual", "bool"),
  Greater: binary("Greater", "bool"),
  GreaterEqual: binary("GreaterOrEqual", "bool"),
  LogicalAnd: binary("And"),
  LogicalOr: binary("Or"),
  LogicalNot: (g, inputs) => not(g, input(inputs, "x")),
  NotEqual: (g, inputs) => not(g, elementwise(g, "Equal", [input(inputs, "a"), input(inputs, "b")], "bool")),
  Select: (g, inputs) => {
    const t = input(inputs, "t");
    return elementwise(g, "Where", [input(inputs, "condition"), t, input(inputs, "e")], t.dtype);
  },
  IsNan: (g, inputs) => elementwise(g, "IsNaN", [input(inputs, "x")], "bool"),
  IsInf: (g, inputs) => elementwise(g, "IsInf", [input(inputs, "x")], "bool"),
  IsFinite: (g, inputs) => {
    const x = input(inputs, "x");
    const [nan, infinite] = [elementwise(g, "IsNaN", [x], "bool"), elementwise(g, "IsInf", [x], "bool")];
    return not(g, elementwise(g, "Or", [nan, infinite], "bool"));
  },
};
