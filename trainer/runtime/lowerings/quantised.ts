import type { Graph, Value } from "../graph";
import { sizeOf } from "../tree";
import { input, type Lowerings } from "./lowering";

/** Bytes as bytes: constants that are noughts and ones look like bools. */
function asBytes(g: Graph, x: Value): Value {
  const known = x.splat === undefined ? x.known : new Uint8Array(sizeOf(x.shape)).fill(x.splat);
  return known ? g.constant(known, x.shape, "uint8") : g.full(x);
}

export const quantisedLowerings: Lowerings = {
  /** x [N, in] times a weight [out, in] in NF4. ONNX Runtime unpacks it inside the operator and holds no copy. */
  MatMulNf4: (g, inputs) => {
    const [x, packed, scales] = [input(inputs, "x"), input(inputs, "packed"), input(inputs, "scales")];
    const [rows = 1, columns = 1] = x.shape;
    const out = (2 * (packed.shape[0] ?? 0)) / columns;
    const attributes = { K: columns, N: out, block_size: 64, quant_type: 1 };
    return g.node("MatMulBnb4", [g.full(x), asBytes(g, packed), g.full(scales)], [rows, out], "float32", {
      attributes,
      domain: "com.microsoft",
    });
  },
};
