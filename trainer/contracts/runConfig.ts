import { z } from "zod";

const optimizerSchema = z.object({
  learningRate: z.number().positive().describe("Peak learning rate of AdamW."),
  weightDecay: z.number().min(0).default(0).describe("Decoupled weight decay, on matrices only."),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  maxGradNorm: z.number().positive().default(1).describe("Global gradient norm is clipped to this."),
  warmupRatio: z.number().min(0).max(1).default(0.1).describe("Share of the steps spent warming up linearly."),
  schedule: z.enum(["constant", "linear", "cosine"]).default("cosine"),
});
export type OptimizerConfig = z.infer<typeof optimizerSchema>;

const commonFields = {
  /** Folder the run owns: checkpoints/, model/ and nothing else. A run started again on it resumes. */
  output: z.string().min(1),
  seed: z.number().int().min(0).default(0),
  provider: z.enum(["auto", "onnx-cpu", "wasm", "tfjs-node"]).default("auto"),
  optimizer: optimizerSchema,
  batchSize: z.number().int().positive().describe("Pairs (or sequences) per optimizer step."),
  maxLength: z.number().int().positive().describe("Longest sequence in tokens, prompt and completion together."),
  epochs: z.number().positive().default(1),
  maxSteps: z.number().int().positive().optional().describe("Stops earlier than the epochs would."),
  evalEvery: z.number().int().positive().default(20).describe("Steps between evaluations on held-out pairs."),
  checkpointEvery: z.number().int().positive().default(20),
};

const preferenceFields = {
  ...commonFields,
  /** Hugging Face folder of the starting model. */
  baseModel: z.string().min(1),
  /** Snapshot folder: train.jsonl, test.jsonl, manifest.json. */
  dataset: z.string().min(1),
};

export const rewardConfigSchema = z.object({
  kind: z.literal("reward"),
  ...preferenceFields,
  centerRewardsCoefficient: z.number().min(0).default(0.01).describe("k in k·mean((r_w + r_l)²)."),
  useMargin: z.boolean().default(false).describe("Subtract the verdicts' strength as the Bradley–Terry margin."),
  softLabels: z.boolean().default(true).describe("Use P(chosen ≻ rejected) as the target instead of 1."),
});

export const dpoConfigSchema = z.object({
  kind: z.literal("dpo"),
  ...preferenceFields,
  beta: z.number().positive().default(0.1).describe("Strength of the pull towards the reference model."),
  softLabels: z.boolean().default(true).describe("Use P(chosen ≻ rejected) as the target instead of 1."),
  samplePrompts: z
    .number()
    .int()
    .min(0)
    .default(3)
    .describe("Held-out prompts answered by base and tuned at each evaluation."),
  sampleTokens: z.number().int().positive().default(60),
});

export const pretrainConfigSchema = z.object({
  kind: z.literal("pretrain"),
  ...commonFields,
  /** Text file; documents end with `separator`. */
  text: z.string().min(1),
  separator: z.string().min(1).default("<|endoftext|>"),
  /** Documents from this index on are held out. */
  holdOutFrom: z.number().int().positive(),
  vocabSize: z.number().int().min(257).default(2048),
  hiddenSize: z.number().int().positive().default(192),
  layers: z.number().int().positive().default(6),
  heads: z.number().int().positive().default(6),
  keyValueHeads: z.number().int().positive().default(2),
  intermediateSize: z.number().int().positive().default(512),
});

export const runConfigSchema = z.discriminatedUnion("kind", [
  rewardConfigSchema,
  dpoConfigSchema,
  pretrainConfigSchema,
]);
export type RunConfig = z.infer<typeof runConfigSchema>;
export type RunConfigInput = z.input<typeof runConfigSchema>;
export type RewardConfig = z.infer<typeof rewardConfigSchema>;
export type DpoConfig = z.infer<typeof dpoConfigSchema>;
export type PretrainConfig = z.infer<typeof pretrainConfigSchema>;
export type PreferenceRunKind = "reward" | "dpo";
