import { input, type Lowerings } from "./lowering";

export const attentionLowerings: Lowerings = {
  /** ONNX Runtime's own operator (com.microsoft); its total length is the longest row's. */
  GroupQueryAttention: (g, inputs, attributes) => {
    const [qkv, k, v, places] = ["qkv", "k", "v", "places"].map((name) => g.full(input(inputs, name)));
    if (!qkv || !k || !v || !places) throw new Error("GroupQueryAttention lacks an input");
    const { heads, cos, sin } = attributes as { heads: number; cos: Float32Array; sin: Float32Array };
    const [rows = 1, keyValueHeads = 1, , size = 1] = k.shape;
    const width = qkv.shape[1] ?? 1;
    const length = (qkv.shape[0] ?? 1) / rows;
    const rowCount = g.rawNode("Shape", [places.name], [1], "int64");
    const target = g.rawNode("Concat", [rowCount.name, g.int64([-1, width])], [3], "int64", {
      attributes: { axis: 0 },
    });
    const packed = g.rawNode("Reshape", [qkv.name, target.name], [rows, length, width], "float32");
    const longest = g.rawNode("ReduceMax", [places.name, g.int64([0])], [1], "int32", { attributes: { keepdims: 1 } });
    const total = g.node("Add", [longest, g.constant(Int32Array.of(1), [1], "int32")], [1], "int32");
    const angles = [cos, sin].map((a) => g.constant(a, [a.length / (size / 2), size / 2], "float32").name);
    const [mixed, ...present] = g.multi(
      "GroupQueryAttention",
      [packed.name, "", "", k.name, v.name, places.name, total.name, ...angles],
      [[rows, length, heads * size], k.shape, v.shape].map((shape) => ({ shape, dtype: "float32" })),
      {
        attributes: { num_heads: heads, kv_num_heads: keyValueHeads, do_rotary: 1, rotary_interleaved: 0 },
        domain: "com.microsoft",
      },
    );
    if (!mixed) throw new Error("GroupQueryAttention gave nothing");
    return [g.reshape(mixed, [rows * length, heads * size]), ...present];
  },
};
