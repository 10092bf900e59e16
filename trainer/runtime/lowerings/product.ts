import { broadcast, input, type Lowerings } from "./lowering";

export const productLowerings: Lowerings = {
  /** Transposes go into the operator (Gemm for matrices, FusedMatMul for batches): a Transpose node costs more. */
  BatchMatMul: (g, inputs, { transposeA, transposeB }) => {
    const a = g.full(input(inputs, "a"));
    const b = g.full(input(inputs, "b"));
    const rows = (transposeA ? a.shape.at(-1) : a.shape.at(-2)) ?? 1;
    const columns = (transposeB ? b.shape.at(-2) : b.shape.at(-1)) ?? 1;
    const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
    if (!transposeA && !transposeB) return g.node("MatMul", [a, b], shape, "float32");
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    if (shape.length === 2) return g.node("Gemm", [a, b], shape, "float32", { attributes });
    return g.node("FusedMatMul", [a, b], shape, "float32", { attributes, domain: "com.microsoft" });
  },
  Einsum: (g, { list }, { equation }) => {
    const formula = String(equation).replaceAll(" ", "");
    const [left = "", result = ""] = formula.split("->");
    const sizes = new Map(
      left.split(",").flatMap((own, i) => [...own].map((letter, d) => [letter, list[i]?.shape[d] ?? 1])),
    );
    const shape = [...result].map((letter) => sizes.get(letter) ?? 1);
    const operands = list.map((x) => g.full(x));
    return g.node("Einsum", operands, shape, "float32", { attributes: { equation: formula } });
  },
};
