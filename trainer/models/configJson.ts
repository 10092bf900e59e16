import { z } from "zod";
import { TrainerError } from "../contracts/error";
import type { Family, ModelConfig, RopeScaling } from "./config";

/** Far above any model there is, and far below what would keep a loop over layers busy. */
const size = z.number().int().positive().max(10_000_000);
const count = z.number().int().positive().max(1024);

/** A token id, or several: always a list. */
export const idsSchema = z
  .union([z.number().int(), z.array(z.number().int()), z.null()])
  .default(null)
  .transform((ids) => (ids === null ? [] : [ids].flat()));

const tokens = { vocab_size: size, bos_token_id: idsSchema, eos_token_id: idsSchema };

/** Both spellings of a scaling's kind: `type` in older files, `rope_type` in newer ones. */
const ropeSchema = z
  .object({
    rope_theta: z.number().positive().optional(),
    rope_type: z.string().optional(),
    type: z.string().optional(),
    factor: z.number().positive().optional(),
    low_freq_factor: z.number().positive().optional(),
    high_freq_factor: z.number().positive().optional(),
    original_max_position_embeddings: z.number().int().positive().optional(),
    beta_fast: z.number().positive().nullish(),
    beta_slow: z.number().positive().nullish(),
    attention_factor: z.number().positive().nullish(),
    mscale: z.number().nullish(),
    mscale_all_dim: z.number().nullish(),
    truncate: z.boolean().optional(),
    partial_rotary_factor: z.literal(1).optional(),
  })
  .nullish();
type RopeJson = z.infer<typeof ropeSchema>;

const llamaSchema = z.object({
  ...tokens,
  hidden_act: z.literal("silu").default("silu"),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  rope_theta: z.number().positive().optional(),
  rope_parameters: ropeSchema,
  rope_scaling: ropeSchema,
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().optional(),
});

const gpt2Schema = z.object({
  ...tokens,
  activation_function: z.enum(["gelu_new", "gelu_pytorch_tanh"]).default("gelu_new"),
  n_embd: size,
  n_inner: size.nullish(),
  n_layer: count,
  n_head: count,
  n_positions: size,
  layer_norm_epsilon: z.number().positive().default(1e-5),
  tie_word_embeddings: z.literal(true).default(true),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
});

const families: readonly Family[] = ["gpt2", "llama", "mistral", "qwen2", "qwen3"];

/** Reads config.json; both spellings of RoPE (transformers 4: `rope_theta`, `rope_scaling`; 5: `rope_parameters`). */
export function parseConfig(json: unknown, file: string): ModelConfig {
  const bad = (what: string) => new TrainerError("bad_model", `${file}: ${what}.`, { file });
  const { model_type } = (json ?? {}) as { readonly model_type?: unknown };
  const family = families.find((name) => name === model_type);
  if (!family) throw bad(`model_type ${JSON.stringify(model_type)} is not read; ${families.join(", ")} are`);
  const parse = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw bad(`${issue?.path.join(".")}: ${issue?.message}`);
  };
  const config = family === "gpt2" ? fromGpt2(parse(gpt2Schema)) : fromLlama(family, parse(llamaSchema), bad);
  const { heads, keyValueHeads, headSize } = config;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0 || heads % keyValueHeads !== 0)
    throw bad(`${heads} heads of ${headSize} with ${keyValueHeads} key/value heads do not go together`);
  return config;
}

function fromGpt2(c: z.infer<typeof gpt2Schema>): ModelConfig {
  return {
    family: "gpt2",
    hiddenSize: c.n_embd,
    intermediateSize: c.n_inner ?? 4 * c.n_embd,
    layers: c.n_layer,
    heads: c.n_head,
    keyValueHeads: c.n_head,
    headSize: c.n_embd / c.n_head,
    vocabSize: c.vocab_size,
    maxPositions: c.n_positions,
    ropeTheta: 0,
    ropeScaling: null,
    normEpsilon: c.layer_norm_epsilon,
    biases: { queryKeyValue: true, attentionOutput: true, mlp: true },
    tied: true,
    bosId: c.bos_token_id[0] ?? null,
    eosId: c.eos_token_id[0] ?? null,
    endIds: c.eos_token_id,
  };
}

type Bad = (what: string) => TrainerError;

function fromLlama(family: Family, c: z.infer<typeof llamaSchema>, bad: Bad): ModelConfig {
  // Qwen has a window in its file that it does not use unless it says so.
  const slides = family.startsWith("qwen") ? c.use_sliding_window === true : family === "mistral";
  const window = (slides && c.sliding_window) || Number.POSITIVE_INFINITY;
  const qwen2 = family === "qwen2";
  return {
    family,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    keyValueHeads: c.num_key_value_heads ?? c.num_attention_heads,
    headSize: c.head_dim ?? (family === "qwen3" ? 128 : c.hidden_size / c.num_attention_heads),
    vocabSize: c.vocab_size,
    maxPositions: Math.min(c.max_position_embeddings, window),
    ropeTheta: c.rope_parameters?.rope_theta ?? c.rope_theta ?? 10_000,
    ropeScaling: scalingOf(c.rope_parameters ?? c.rope_scaling, c.max_position_embeddings, bad),
    normEpsilon: c.rms_norm_eps,
    biases: {
      queryKeyValue: qwen2 || c.attention_bias,
      attentionOutput: !qwen2 && c.attention_bias,
      mlp: family === "llama" && c.mlp_bias,
    },
    tied: c.tie_word_embeddings,
    bosId: c.bos_token_id[0] ?? null,
    eosId: c.eos_token_id[0] ?? null,
    endIds: c.eos_token_id,
  };
}

function scalingOf(rope: RopeJson, maxPositions: number, bad: Bad): RopeScaling | null {
  const type = rope?.rope_type ?? rope?.type ?? "default";
  if (!rope || type === "default") return null;
  const { factor } = rope;
  if (factor && type === "linear") return { type, factor };
  const { low_freq_factor: low, high_freq_factor: high } = rope;
  if (factor && low && high && low < high && type === "llama3") {
    const originalPositions = rope.original_max_position_embeddings ?? maxPositions;
    return { type, factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions };
  }
  const { beta_fast, beta_slow, truncate = true } = rope;
  const [betaFast, betaSlow] = [beta_fast ?? 32, beta_slow ?? 1];
  if (factor && type === "yarn" && betaSlow < betaFast) {
    const originalPositions = rope.original_max_position_embeddings ?? maxPositions;
    return { type, factor, originalPositions, betaFast, betaSlow, truncate, attentionFactor: yarnGrowth(rope, factor) };
  }
  throw bad(
    `RoPE scaling ${JSON.stringify(rope)} is not read; "linear", "llama3" and "yarn" with all their numbers are`,
  );
}

/** By how much YaRN lets queries and keys grow where the file does not say it: 0.1 · ln(factor) + 1, or a ratio of two such. */
function yarnGrowth({ attention_factor, mscale, mscale_all_dim }: NonNullable<RopeJson>, factor: number): number {
  const growth = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return attention_factor ?? (mscale && mscale_all_dim ? growth(mscale) / growth(mscale_all_dim) : growth(1));
}

const architectures: Readonly<Record<Family, string>> = {
  gpt2: "GPT2",
  llama: "Llama",
  mistral: "Mistral",
  qwen2: "Qwen2",
  qwen3: "Qwen3",
};

/** config.json for a causal model or, with `reward`, a sequence classifier with one score. */
export function configJson(c: ModelConfig, head: "causal" | "reward", dtype: "float32" | "float16") {
  return {
    architectures: [`${architectures[c.family]}For${head === "causal" ? "CausalLM" : "SequenceClassification"}`],
    model_type: c.family,
    ...(c.family === "gpt2" ? gpt2Json(c) : llamaJson(c)),
    vocab_size: c.vocabSize,
    tie_word_embeddings: c.tied,
    bos_token_id: c.bosId,
    eos_token_id: c.endIds.length > 1 ? c.endIds : c.eosId,
    pad_token_id: c.eosId,
    torch_dtype: dtype,
    dtype,
    ...(head === "reward" && { num_labels: 1, id2label: { 0: "score" }, label2id: { score: 0 } }),
  };
}

const gpt2Json = (c: ModelConfig) => ({
  activation_function: "gelu_new",
  n_embd: c.hiddenSize,
  n_inner: c.intermediateSize,
  n_layer: c.layers,
  n_head: c.heads,
  n_positions: c.maxPositions,
  n_ctx: c.maxPositions,
  layer_norm_epsilon: c.normEpsilon,
});

function ropeJson(scaling: RopeScaling | null) {
  if (scaling === null) return { rope_type: "default" };
  const { type, factor } = scaling;
  const shared = { rope_type: type, factor };
  if (type === "linear") return shared;
  const original = { ...shared, original_max_position_embeddings: scaling.originalPositions };
  if (type === "llama3")
    return { ...original, low_freq_factor: scaling.lowFrequencyFactor, high_freq_factor: scaling.highFrequencyFactor };
  const { betaFast, betaSlow, truncate, attentionFactor } = scaling;
  return { ...original, beta_fast: betaFast, beta_slow: betaSlow, attention_factor: attentionFactor, truncate };
}

function llamaJson(c: ModelConfig) {
  const { ropeScaling: scaling } = c;
  const rope = ropeJson(scaling);
  return {
    hidden_act: "silu",
    hidden_size: c.hiddenSize,
    intermediate_size: c.intermediateSize,
    num_hidden_layers: c.layers,
    num_attention_heads: c.heads,
    num_key_value_heads: c.keyValueHeads,
    head_dim: c.headSize,
    max_position_embeddings: c.maxPositions,
    rope_theta: c.ropeTheta,
    rope_parameters: { ...rope, rope_theta: c.ropeTheta },
    ...(scaling && { rope_scaling: rope }),
    rms_norm_eps: c.normEpsilon,
    attention_bias: c.family === "qwen2" || c.biases.queryKeyValue,
    mlp_bias: c.biases.mlp,
    ...(c.family === "mistral" && { sliding_window: null }),
    ...(c.family.startsWith("qwen") && { use_sliding_window: false }),
  };
}
