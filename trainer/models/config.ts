import { z } from "zod";
import { TrainerError } from "../contracts/error";

/** The shape of a Llama, by Hugging Face's names where its config.json has them. */
export interface LlamaConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  /** The output head is the embedding. */
  readonly tied: boolean;
  readonly bosId: number | null;
  readonly eosId: number | null;
}

const idSchema = z
  .union([
    z.number().int(),
    z
      .array(z.number().int())
      .min(1)
      .transform((ids) => ids[0] as number),
  ])
  .nullish();

const configJsonSchema = z.object({
  model_type: z.literal("llama"),
  hidden_act: z.literal("silu").default("silu"),
  hidden_size: z.number().int().positive(),
  intermediate_size: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  num_key_value_heads: z.number().int().positive().optional(),
  head_dim: z.number().int().positive().nullish(),
  vocab_size: z.number().int().positive(),
  max_position_embeddings: z.number().int().positive(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: z.object({ rope_theta: z.number().positive().optional() }).nullish(),
  rope_scaling: z.null().optional(),
  rms_norm_eps: z.number().positive().default(1e-5),
  tie_word_embeddings: z.boolean().default(false),
  bos_token_id: idSchema,
  eos_token_id: idSchema,
});

/** Reads config.json; both spellings of RoPE's θ (transformers 4: `rope_theta`, 5: `rope_parameters.rope_theta`). */
export function parseConfig(json: unknown, file: string): LlamaConfig {
  const parsed = configJsonSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new TrainerError(
      "bad_model",
      `${file}: ${issue?.path.join(".")}: ${issue?.message}. Llama models without RoPE scaling are read.`,
      { file },
    );
  }
  const c = parsed.data;
  return {
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    keyValueHeads: c.num_key_value_heads ?? c.num_attention_heads,
    headSize: c.head_dim ?? c.hidden_size / c.num_attention_heads,
    vocabSize: c.vocab_size,
    maxPositions: c.max_position_embeddings,
    ropeTheta: c.rope_parameters?.rope_theta ?? c.rope_theta ?? 10_000,
    normEpsilon: c.rms_norm_eps,
    tied: c.tie_word_embeddings,
    bosId: c.bos_token_id ?? null,
    eosId: c.eos_token_id ?? null,
  };
}

/** config.json for a causal model or, with `reward`, a sequence classifier with one score. */
export function configJson(c: LlamaConfig, head: "causal" | "reward", dtype: "float32" | "float16") {
  return {
    architectures: [head === "causal" ? "LlamaForCausalLM" : "LlamaForSequenceClassification"],
    model_type: "llama",
    hidden_act: "silu",
    hidden_size: c.hiddenSize,
    intermediate_size: c.intermediateSize,
    num_hidden_layers: c.layers,
    num_attention_heads: c.heads,
    num_key_value_heads: c.keyValueHeads,
    head_dim: c.headSize,
    vocab_size: c.vocabSize,
    max_position_embeddings: c.maxPositions,
    rope_theta: c.ropeTheta,
    rope_parameters: { rope_type: "default", rope_theta: c.ropeTheta },
    rms_norm_eps: c.normEpsilon,
    tie_word_embeddings: c.tied,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: c.bosId,
    eos_token_id: c.eosId,
    pad_token_id: c.eosId,
    torch_dtype: dtype,
    dtype,
    ...(head === "reward" && { num_labels: 1, id2label: { 0: "score" }, label2id: { score: 0 } }),
  };
}
