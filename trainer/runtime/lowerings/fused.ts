import { input, type Lowerings } from "./lowering";

/** Operations of this engine (runtime/fused.ts) for which ONNX Runtime has a kernel. */
export const fusedLowerings: Lowerings = {
  /**
   * Pairs (i, i + half) of x [R, T, heads, size] turned by the angles of cos and sin [R or 1, T, 1, half]. The runtime looks
   * angles up by place: here a place is a row of them.
   */
  RotateHalves: (g, inputs) => {
    const x = input(inputs, "x");
    const [R = 1, T = 1, heads = 1, size = 1] = x.shape;
    const [cos, sin] = [input(inputs, "cos"), input(inputs, "sin")];
    const rows = (cos.shape[0] ?? 1) * T;
    const places = Array.from({ length: R * T }, (_, i) => i % rows);
    const ids = g.rawNode("Reshape", [g.int64(places), g.int64([R, T])], [R, T], "int64");
    const flat = [R, T, heads * size];
    const tables = [cos, sin].map((table) => g.reshape(table, [rows, size / 2]).name);
    const names = [g.reshape(x, flat).name, ids.name, ...tables];
    const turned = g.rawNode("RotaryEmbedding", names, flat, "float32", { domain: "com.microsoft" });
    return g.reshape(turned, x.shape);
  },
};
