import type { Random } from "../data/random";
import type { Parameters } from "../io/safetensors";
import { float32 } from "../runtime/tree";
import type { LlamaConfig } from "./config";

/** Names and shapes of a Llama's parameters, in the order Hugging Face writes them. */
export function parameterShapes(c: LlamaConfig): Record<string, number[]> {
  const { hiddenSize: d, intermediateSize: m, headSize } = c;
  const shapes: Record<string, number[]> = { "model.embed_tokens.weight": [c.vocabSize, d] };
  for (let i = 0; i < c.layers; i++) {
    const prefix = `model.layers.${i}`;
    shapes[`${prefix}.self_attn.q_proj.weight`] = [c.heads * headSize, d];
    shapes[`${prefix}.self_attn.k_proj.weight`] = [c.keyValueHeads * headSize, d];
    shapes[`${prefix}.self_attn.v_proj.weight`] = [c.keyValueHeads * headSize, d];
    shapes[`${prefix}.self_attn.o_proj.weight`] = [d, c.heads * headSize];
    shapes[`${prefix}.mlp.gate_proj.weight`] = [m, d];
    shapes[`${prefix}.mlp.up_proj.weight`] = [m, d];
    shapes[`${prefix}.mlp.down_proj.weight`] = [d, m];
    shapes[`${prefix}.input_layernorm.weight`] = [d];
    shapes[`${prefix}.post_attention_layernorm.weight`] = [d];
  }
  shapes["model.norm.weight"] = [d];
  if (!c.tied) shapes["lm_head.weight"] = [c.vocabSize, d];
  return shapes;
}

/** N(0, 0.02²), projections back into the residual stream divided by √(2·layers) (GPT-2), gains 1. */
export function initialiseLlama(c: LlamaConfig, random: Random): Parameters {
  const residual = 1 / Math.sqrt(2 * c.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(c)).map(([name, shape]) => {
      const n = shape.reduce((a, b) => a * b, 1);
      if (shape.length === 1) return [name, float32(new Float32Array(n).fill(1), shape)];
      const scale = /o_proj|down_proj/.test(name) ? 0.02 * residual : 0.02;
      return [
        name,
        float32(
          Float32Array.from({ length: n }, () => scale * random.normal()),
          shape,
        ),
      ];
    }),
  );
}

/** The reward head: [1, d] from N(0, 1/(d + 1)), as TRL does. */
export function initialiseScore(c: LlamaConfig, random: Random): Parameters {
  const d = c.hiddenSize;
  const scale = 1 / Math.sqrt(d + 1);
  return {
    "score.weight": float32(
      Float32Array.from({ length: d }, () => scale * random.normal()),
      [1, d],
    ),
  };
}
