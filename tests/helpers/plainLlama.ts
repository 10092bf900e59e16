import type { Parameters } from "@/trainer/io/safetensors";
import type { ModelConfig } from "@/trainer/models/config";

type Vector = number[];

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, x, i) => s + x * (b[i] as number), 0);
const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);
const plus = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x + (b[i] as number));

/** RoPE's angle a place, written as transformers documents Llama 3.1's scaling: by wavelengths. */
function frequency({ headSize, ropeTheta, ropeScaling: s }: ModelConfig, pair: number): number {
  const plain = 1 / ropeTheta ** ((2 * pair) / headSize);
  if (s === null) return plain;
  if (s.type === "linear") return plain / s.factor;
  if (s.type === "yarn") {
    // The pair that turns so often in the original positions, theta^(2·pair/size) · turns · 2π = positions solved for the pair.
    const pairTurning = (turns: number) =>
      (headSize / 2) * (Math.log(s.originalPositions / (2 * Math.PI * turns)) / Math.log(ropeTheta));
    const low = Math.max(Math.floor(pairTurning(s.betaFast)), 0);
    const high = Math.min(Math.ceil(pairTurning(s.betaSlow)), headSize - 1);
    if (pair <= low) return plain;
    return pair >= high ? plain / s.factor : plain * (1 - ((pair - low) / (high - low)) * (1 - 1 / s.factor));
  }
  const wavelength = (2 * Math.PI) / plain;
  if (wavelength < s.originalPositions / s.highFrequencyFactor) return plain;
  if (wavelength > s.originalPositions / s.lowFrequencyFactor) return plain / s.factor;
  const smooth =
    (s.originalPositions / wavelength - s.lowFrequencyFactor) / (s.highFrequencyFactor - s.lowFrequencyFactor);
  return ((1 - smooth) * plain) / s.factor + smooth * plain;
}

/** A model of any family written as plain loops in double precision, from the papers: the peer of the tensor version. */
export function plainLogits(p: Parameters, c: ModelConfig, ids: readonly number[]): Vector[] {
  const gpt2 = c.family === "gpt2";
  const vector = (name: string) => (p[name] ? Array.from(p[name].data) : null);
  const row = (name: string, i: number) =>
    Array.from(p[name]?.data.subarray(i * c.hiddenSize, (i + 1) * c.hiddenSize) ?? []);
  /** A Linear's rows are its outputs, a Conv1D's (GPT-2) its inputs. */
  const times = (name: string, x: Vector): Vector => {
    const { data, shape } = p[`${name}.weight`] as Parameters[string];
    const outputs = shape[gpt2 ? 1 : 0] as number;
    const at = (o: number, i: number) => data[gpt2 ? i * outputs + o : o * x.length + i] as number;
    const product = Array.from({ length: outputs }, (_, o) => x.reduce((s, v, i) => s + v * at(o, i), 0));
    const bias = vector(`${name}.bias`);
    return bias ? plus(product, bias) : product;
  };
  const norm = (name: string, x: Vector): Vector => {
    const gain = vector(`${name}.weight`) as Vector;
    const bias = vector(`${name}.bias`);
    const mean = bias ? sum(x) / x.length : 0;
    const r = 1 / Math.sqrt(sum(x.map((v) => (v - mean) ** 2)) / x.length + c.normEpsilon);
    const scaled = x.map((v, i) => (v - mean) * r * (gain[i] as number));
    return bias ? plus(scaled, bias) : scaled;
  };
  const heads = (x: Vector, n: number) =>
    Array.from({ length: n }, (_, h) => x.slice(h * c.headSize, (h + 1) * c.headSize));
  const rope = (x: Vector, position: number): Vector => {
    const half = c.headSize / 2;
    const growth = c.ropeScaling?.type === "yarn" ? c.ropeScaling.attentionFactor : 1;
    return x.map((v, k) => {
      const angle = position * frequency(c, k % half);
      const other = x[(k + half) % c.headSize] as number;
      return growth * (v * Math.cos(angle) + (k < half ? -other : other) * Math.sin(angle));
    });
  };
  const layerName = (l: number, ours: string, gpt2s: string) =>
    gpt2 ? `transformer.h.${l}.${gpt2s}` : `model.layers.${l}.${ours}`;
  /** Queries, keys and values of one token, head by head, ready for attention. */
  const project = (l: number, x: Vector, t: number) => {
    if (gpt2) {
      const all = times(layerName(l, "", "attn.c_attn"), x);
      const [q, k, v] = [0, 1, 2].map((i) => heads(all.slice(i * x.length, (i + 1) * x.length), c.heads));
      return { q, k, v } as Record<"q" | "k" | "v", Vector[]>;
    }
    const part = (kind: "q" | "k" | "v", n: number) => heads(times(layerName(l, `self_attn.${kind}_proj`, ""), x), n);
    const turn = (kind: "q" | "k", n: number) =>
      part(kind, n).map((head) =>
        rope(c.family === "qwen3" ? norm(layerName(l, `self_attn.${kind}_norm`, ""), head) : head, t),
      );
    return { q: turn("q", c.heads), k: turn("k", c.keyValueHeads), v: part("v", c.keyValueHeads) };
  };
  const feedForward = (l: number, x: Vector): Vector => {
    if (gpt2) {
      const gelu = (u: number) => 0.5 * u * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u ** 3)));
      return times(layerName(l, "", "mlp.c_proj"), times(layerName(l, "", "mlp.c_fc"), x).map(gelu));
    }
    const up = times(layerName(l, "mlp.up_proj", ""), x);
    const gate = times(layerName(l, "mlp.gate_proj", ""), x).map(
      (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number),
    );
    return times(layerName(l, "mlp.down_proj", ""), gate);
  };

  let h = ids.map((id, t) =>
    gpt2
      ? plus(row("transformer.wte.weight", id), row("transformer.wpe.weight", t))
      : row("model.embed_tokens.weight", id),
  );
  for (let l = 0; l < c.layers; l++) {
    const tokens = h.map((v, t) => project(l, norm(layerName(l, "input_layernorm", "ln_1"), v), t));
    h = h.map((residual, t) => {
      const mixed = Array.from({ length: c.heads }, (_, head) => {
        const own = Math.floor(head / (c.heads / c.keyValueHeads));
        const query = tokens[t]?.q[head] as Vector;
        const seen = tokens.slice(0, t + 1);
        const scores = seen.map(({ k }) => dot(query, k[own] as Vector) / Math.sqrt(c.headSize));
        const weights = scores.map((s) => Math.exp(s - Math.max(...scores)));
        const total = sum(weights);
        return Array.from({ length: c.headSize }, (_, i) =>
          sum(seen.map(({ v }, j) => ((weights[j] as number) / total) * (v[own]?.[i] as number))),
        );
      }).flat();
      return plus(residual, times(layerName(l, "self_attn.o_proj", "attn.c_proj"), mixed));
    });
    h = h.map((residual) =>
      plus(residual, feedForward(l, norm(layerName(l, "post_attention_layernorm", "ln_2"), residual))),
    );
  }
  const embedding = gpt2 ? "transformer.wte.weight" : "model.embed_tokens.weight";
  return h.map((v) => {
    const last = norm(gpt2 ? "transformer.ln_f" : "model.norm", v);
    return Array.from({ length: c.vocabSize }, (_, id) => dot(row(c.tied ? embedding : "lm_head.weight", id), last));
  });
}

export const plainLogProb = (logits: number[], target: number): number => {
  const peak = Math.max(...logits);
  return (logits[target] as number) - peak - Math.log(logits.reduce((s, z) => s + Math.exp(z - peak), 0));
};
