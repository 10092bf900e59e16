import type { Parameters } from "@/trainer/io/safetensors";
import type { LlamaConfig } from "@/trainer/models/config";

/** A Llama written as plain loops in double precision, from the papers: the peer that the tensor version is held against. */
export function plainLogits(p: Parameters, c: LlamaConfig, ids: readonly number[]): number[][] {
  const row = (name: string, i: number, width: number) =>
    Array.from(p[name]?.data.subarray(i * width, (i + 1) * width) ?? []);
  const vector = (name: string) => Array.from(p[name]?.data ?? []);
  const times = (name: string, x: number[]) => {
    const rows = (p[name]?.shape[0] as number) ?? 0;
    return Array.from({ length: rows }, (_, i) =>
      row(name, i, x.length).reduce((s, w, j) => s + w * (x[j] as number), 0),
    );
  };
  const norm = (x: number[], gain: number[]) => {
    const r = 1 / Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length + c.normEpsilon);
    return x.map((v, i) => v * r * (gain[i] as number));
  };
  const rope = (x: number[], position: number) => {
    const half = c.headSize / 2;
    return x.map((v, i) => {
      const [head, k] = [Math.floor(i / c.headSize) * c.headSize, i % c.headSize];
      const angle = position * c.ropeTheta ** (-(2 * (k % half)) / c.headSize);
      const other = x[head + ((k + half) % c.headSize)] as number;
      return v * Math.cos(angle) + (k < half ? -other : other) * Math.sin(angle);
    });
  };
  let h = ids.map((id) => row("model.embed_tokens.weight", id, c.hiddenSize));
  for (let l = 0; l < c.layers; l++) {
    const n = (s: string) => `model.layers.${l}.${s}.weight`;
    const x = h.map((v) => norm(v, vector(n("input_layernorm"))));
    const q = x.map((v, t) => rope(times(n("self_attn.q_proj"), v), t));
    const k = x.map((v, t) => rope(times(n("self_attn.k_proj"), v), t));
    const v = x.map((u) => times(n("self_attn.v_proj"), u));
    h = h.map((residual, t) => {
      const mixed = Array.from({ length: c.heads }, (_, head) => {
        const own = Math.floor(head / (c.heads / c.keyValueHeads)) * c.headSize;
        const query = (q[t] as number[]).slice(head * c.headSize, (head + 1) * c.headSize);
        const scores = k
          .slice(0, t + 1)
          .map((key) => query.reduce((s, a, i) => s + a * (key[own + i] as number), 0) / Math.sqrt(c.headSize));
        const weights = scores.map((s) => Math.exp(s - Math.max(...scores)));
        const total = weights.reduce((a, b) => a + b, 0);
        return Array.from({ length: c.headSize }, (_, i) =>
          weights.reduce((s, w, j) => s + (w / total) * ((v[j] as number[])[own + i] as number), 0),
        );
      }).flat();
      const projected = times(n("self_attn.o_proj"), mixed);
      return residual.map((r, i) => r + (projected[i] as number));
    });
    h = h.map((residual) => {
      const y = norm(residual, vector(n("post_attention_layernorm")));
      const gate = times(n("mlp.gate_proj"), y).map((g) => g / (1 + Math.exp(-g)));
      const up = times(n("mlp.up_proj"), y);
      const down = times(
        n("mlp.down_proj"),
        gate.map((g, i) => g * (up[i] as number)),
      );
      return residual.map((r, i) => r + (down[i] as number));
    });
  }
  return h.map((v) =>
    times(c.tied ? "model.embed_tokens.weight" : "lm_head.weight", norm(v, vector("model.norm.weight"))),
  );
}

export const plainLogProb = (logits: number[], target: number): number => {
  const peak = Math.max(...logits);
  return (logits[target] as number) - peak - Math.log(logits.reduce((s, z) => s + Math.exp(z - peak), 0));
};
