import type { ModelConfig } from "./config";

/** Where Hugging Face keeps the parts of a model; a part's parameters are its name with `.weight` and `.bias`. */
export interface ModelNames {
  readonly embedding: string;
  /** Learned positions. */
  readonly positions: string | null;
  readonly layer: (i: number) => LayerNames;
  readonly finalNorm: string;
  readonly output: string;
}

interface LayerNames {
  /** All the layer's names begin with it. */
  readonly prefix: string;
  readonly norm1: string;
  /** One projection for queries, keys and values together, or one each. */
  readonly queryKeyValue: readonly [string] | readonly [query: string, key: string, value: string];
  /** RMSNorm of each head's queries and keys. */
  readonly headNorms: readonly [query: string, key: string] | null;
  readonly attentionOutput: string;
  readonly norm2: string;
  /** SwiGLU's gate; without one the activation is GELU's. */
  readonly gate: string | null;
  readonly up: string;
  readonly down: string;
}

const gpt2: ModelNames = {
  embedding: "transformer.wte",
  positions: "transformer.wpe",
  layer: (i) => {
    const prefix = `transformer.h.${i}`;
    return {
      prefix,
      norm1: `${prefix}.ln_1`,
      queryKeyValue: [`${prefix}.attn.c_attn`],
      headNorms: null,
      attentionOutput: `${prefix}.attn.c_proj`,
      norm2: `${prefix}.ln_2`,
      gate: null,
      up: `${prefix}.mlp.c_fc`,
      down: `${prefix}.mlp.c_proj`,
    };
  },
  finalNorm: "transformer.ln_f",
  output: "lm_head",
};

const llama = (headNorms: boolean): ModelNames => ({
  embedding: "model.embed_tokens",
  positions: null,
  layer: (i) => {
    const prefix = `model.layers.${i}`;
    const attention = `${prefix}.self_attn`;
    return {
      prefix,
      norm1: `${prefix}.input_layernorm`,
      queryKeyValue: [`${attention}.q_proj`, `${attention}.k_proj`, `${attention}.v_proj`],
      headNorms: headNorms ? [`${attention}.q_norm`, `${attention}.k_norm`] : null,
      attentionOutput: `${attention}.o_proj`,
      norm2: `${prefix}.post_attention_layernorm`,
      gate: `${prefix}.mlp.gate_proj`,
      up: `${prefix}.mlp.up_proj`,
      down: `${prefix}.mlp.down_proj`,
    };
  },
  finalNorm: "model.norm",
  output: "lm_head",
});

const [withoutHeadNorms, withHeadNorms] = [llama(false), llama(true)];

export const namesOf = ({ family }: Pick<ModelConfig, "family">): ModelNames =>
  family === "gpt2" ? gpt2 : family === "qwen3" ? withHeadNorms : withoutHeadNorms;

/** A projection from `input` to `output` numbers. */
export interface Projection {
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly bias: boolean;
}

/** The projections of one layer, in the order of the forward pass. */
export function projectionsOf(c: ModelConfig, layer: number): Projection[] {
  const { hiddenSize: d, intermediateSize: m, headSize } = c;
  const names = namesOf(c).layer(layer);
  const [queries, keys] = [c.heads * headSize, c.keyValueHeads * headSize];
  const { queryKeyValue: bias, attentionOutput, mlp } = c.biases;
  const widths = names.queryKeyValue.length === 1 ? [queries + 2 * keys] : [queries, keys, keys];
  return [
    ...names.queryKeyValue.map((name, i) => ({ name, input: d, output: widths[i] as number, bias })),
    { name: names.attentionOutput, input: queries, output: d, bias: attentionOutput },
    ...[names.gate, names.up].flatMap((name) => (name ? [{ name, input: d, output: m, bias: mlp }] : [])),
    { name: names.down, input: m, output: d, bias: mlp },
  ];
}

/** The projections of all layers. */
export const allProjections = (c: ModelConfig): Projection[] =>
  Array.from({ length: c.layers }, (_, layer) => projectionsOf(c, layer)).flat();
