import { z } from "zod";
import { adapterSchema } from "./adapter";
import { count, field, natural, titled } from "./field";
import { pairLossNameSchema } from "./losses";
import { klEstimators, rewardSourceSchema } from "./online";
import { providerNames } from "./provider";

const optimizerSchema = z.object({
  algorithm: field(
    z.enum(["adamw", "paged_adamw", "muon"]).default("adamw"),
    "paged_adamw is the same to the bit with its moments in a file instead of memory; muon orthogonalises the updates of hidden matrices, for training from nothing.",
    "Dettmers et al. 2023 (paged), Jordan et al. 2024 (muon)",
  ),
  learningRate: field(
    z.number().positive().max(1),
    "Peak learning rate. Small models want larger ones than large models.",
  ),
  weightDecay: field(z.number().min(0).default(0), "Decoupled weight decay, on matrices only.", "TRL"),
  beta1: field(z.number().min(0).lt(1).default(0.9), "Decay of the first moment.", "Loshchilov & Hutter 2019"),
  beta2: field(z.number().min(0).lt(1).default(0.999), "Decay of the second moment.", "Loshchilov & Hutter 2019"),
  epsilon: field(z.number().positive().default(1e-8), "Added to the root of the second moment.", "PyTorch"),
  maxGradNorm: titled(
    "Gradient clipping",
    field(z.number().positive().default(1), "The global gradient norm is clipped to this.", "TRL"),
  ),
  warmupRatio: titled(
    "Warm-up",
    field(z.number().min(0).max(1).default(0.1), "Share of the steps spent warming up.", "zephyr's DPO"),
  ),
  schedule: field(z.enum(["constant", "linear", "cosine"]).default("cosine"), "After the warm-up.", "zephyr's DPO"),
});
export type OptimizerConfig = z.infer<typeof optimizerSchema>;

/** Ways to compute the same numbers. A benchmark switches them off one by one; nobody else needs to. */
const executionSchema = z.object({
  pack: titled("Packing", field(z.boolean().default(true), "Several examples in one row, each seeing only itself.")),
  sharePrompt: titled(
    "Shared prompts",
    field(z.boolean().default(true), "The prompt of a pair is computed once for both answers."),
  ),
  completionsOnly: field(z.boolean().default(true), "Log-probabilities only where an answer's tokens are."),
  attentionBlock: field(
    count.default(128),
    "Queries that are computed together, with the keys up to the last of them.",
  ),
  vocabularyChunk: field(
    z.union([z.literal("auto"), count, z.null()]).default("auto"),
    "Words for which logits are made at once.",
    "all, unless they take more than 256 MB",
  ),
  recompute: titled(
    "Recomputed layers",
    field(z.boolean().default(false), "Layers are computed again for the gradient instead of kept."),
  ),
  shapes: titled("Batch shapes", field(count.default(10), "Shapes of batches that programs are compiled for.")),
});

const commonFields = {
  output: field(
    z.string().min(1),
    "Folder the run owns: checkpoints/ and model/. A run started again on it goes on from its newest checkpoint.",
  ),
  seed: field(natural.default(0), "Decides the order of the data and every random number."),
  provider: field(
    z.enum(["auto", ...providerNames]).default("auto"),
    "How programs run; auto takes the fastest that loads.",
  ),
  optimizer: optimizerSchema,
  execution: executionSchema.prefault({}),
  batchSize: field(count.max(4096), "Pairs or sequences in an optimizer step."),
  microBatchSize: titled(
    "Micro-batch size",
    field(
      count.optional(),
      "How many of them are computed at once. Fewer take less memory; the step stays the same.",
      "the batch size",
    ),
  ),
  maxLength: titled(
    "Longest sequence",
    field(count, "Longest sequence in tokens, prompt and completion together. Longer completions are cut."),
  ),
  epochs: field(z.number().positive().max(1000).default(1), "How many times the run goes through the data."),
  maxSteps: titled("Most steps", field(count.optional(), "Stops earlier than the epochs would.")),
  evalEvery: titled(
    "Steps between evaluations",
    field(count.default(20), "Steps between two evaluations on what is held out."),
  ),
  checkpointEvery: titled("Steps between checkpoints", field(count.default(20), "Steps between two checkpoints.")),
  keepCheckpoints: titled("Checkpoints kept", field(count.default(2), "The newest so many checkpoints are kept.")),
  keep: titled(
    "Weights kept",
    field(
      z.enum(["best", "last"]).default("best"),
      "Which weights become the model: those with the lowest held-out loss, or the last.",
    ),
  ),
  patience: field(count.optional(), "Stops after so many evaluations without a lower held-out loss.", "never"),
  divergenceFactor: field(
    z.number().gt(1).default(5),
    "Stops when the mean loss of 20 steps is so many times that of the first 20.",
  ),
};

const baseModel = field(z.string().min(1), "Hugging Face folder of the starting model.");

const datasetFields = {
  ...commonFields,
  baseModel,
  dataset: field(z.string().min(1), "Folder with train.jsonl and test.jsonl, one example a line."),
  adapter: adapterSchema.prefault({}),
};

const policyFields = {
  ...datasetFields,
  samplePrompts: field(natural.default(3), "Held-out prompts answered by base and tuned model at each evaluation."),
  sampleTokens: field(count.default(60), "Length of those answers."),
};

const softLabels = field(
  z.boolean().default(true),
  "Take the probability that the chosen answer wins as the target instead of 1.",
);

export const rewardConfigSchema = z.object({
  kind: z.literal("reward"),
  ...datasetFields,
  centerRewardsCoefficient: titled(
    "Centring of rewards",
    field(
      z.number().min(0).default(0.01),
      "k in k·mean((r_w + r_l)²), which holds rewards near 0.",
      "Eisenstein et al. 2023",
    ),
  ),
  useMargin: titled(
    "Margin from strength",
    field(
      z.boolean().default(false),
      "Subtract the verdicts' mean strength as the Bradley–Terry margin.",
      "Touvron et al. 2023 (Llama 2)",
    ),
  ),
  softLabels,
});

const weightedLossSchema = z.object({ loss: pairLossNameSchema, weight: z.number().positive() });

export const dpoConfigSchema = z.object({
  kind: z.literal("dpo"),
  ...policyFields,
  loss: field(
    z.union([pairLossNameSchema, z.array(weightedLossSchema).min(1)]).default("sigmoid"),
    "The loss on a pair, or several with weights, which are added.",
    "Rafailov et al. 2023",
  ),
  beta: field(z.number().positive().optional(), "Strength of the pull towards the reference model.", "the loss's own"),
  gamma: field(z.number().optional(), "SimPO's target margin.", "the loss's own"),
  labelSmoothing: field(z.number().min(0).lt(0.5).optional(), "Assumed share of flipped labels.", "the loss's own"),
  lambda: field(z.number().positive().optional(), "Weight of ORPO's odds-ratio term.", "the loss's own"),
  softLabels,
});

export const ktoConfigSchema = z.object({
  kind: z.literal("kto"),
  ...policyFields,
  batchSize: field(z.number().int().min(2), "Answers in an optimizer step; at least two, for the reference point."),
  beta: field(z.number().positive().default(0.1), "Strength of the pull towards the reference model.", "TRL"),
  desirableWeight: field(z.number().min(0).default(1), "Weight of the desirable answers.", "Ethayarajh et al. 2024"),
  undesirableWeight: field(z.number().min(0).default(1), "Weight of the undesirable ones.", "Ethayarajh et al. 2024"),
});

export const sftConfigSchema = z.object({ kind: z.literal("sft"), ...policyFields });

const { divergenceFactor: _divergence, sampleTokens: _tokens, ...onlineCommon } = policyFields;

/** Of methods that learn from answers which the present policy gives. */
const onlineFields = {
  ...onlineCommon,
  batchSize: field(count, "Answers in an optimizer step."),
  maxLength: field(
    count,
    "Longest sequence in tokens, prompt and answer together. Prompts that leave no room are dropped.",
  ),
  reward: field(rewardSourceSchema, "What an answer is worth: the folder of a reward model, or a rule as JSON."),
  judge: field(
    rewardSourceSchema.optional(),
    "Another source that scores held-out answers and trains nothing: it tells whether the reward is being gamed.",
    "none",
  ),
  rolloutPrompts: field(
    count.default(64),
    "Prompts that the present policy answers before it is trained on the answers.",
  ),
  maxNewTokens: field(count.default(53), "Longest answer in tokens.", "TRL's PPO"),
  missingEosPenalty: field(z.number().min(0).default(0), "Taken from the score of an answer that was cut.", "TRL"),
  clipRange: field(z.number().positive().default(0.2), "ε: how far a probability may move on one rollout.", "TRL"),
  entropyCoefficient: field(z.number().min(0).default(0), "Weight of the entropy that is added to the goal.", "TRL"),
  evalPrompts: field(count.default(128), "Held-out prompts that are answered and scored at each evaluation."),
};

const temperature = z.number().positive();
const rolloutEpochs = (usual: number) =>
  field(count.default(usual), "How often the answers of a rollout are trained on.", "TRL");
const groupSize = (usual: number) =>
  field(z.number().int().min(2).default(usual), "Answers to each prompt of a rollout.", "TRL");

export const ppoConfigSchema = z.object({
  kind: z.literal("ppo"),
  ...onlineFields,
  rolloutEpochs: rolloutEpochs(4),
  temperature: field(temperature.default(0.7), "Of sampling, and of all log-probabilities.", "TRL's PPO"),
  klCoefficient: field(z.number().min(0).default(0.05), "β: what a nat of KL to the reference costs.", "TRL's PPO"),
  klEstimator: field(z.enum(klEstimators).default("k1"), "How a token's KL is estimated.", "Schulman 2020; TRL"),
  klTarget: field(
    z.number().positive().optional(),
    "Nats of an answer that the coefficient steers to.",
    "none: the coefficient stays",
  ),
  klHorizon: field(count.default(10_000), "Answers over which it steers.", "Ziegler et al. 2019"),
  gamma: field(z.number().gt(0).max(1).default(1), "Discount of later rewards.", "TRL"),
  lambda: field(z.number().min(0).max(1).default(0.95), "GAE's λ.", "Schulman et al. 2016; TRL"),
  valueCoefficient: field(z.number().min(0).default(0.1), "Weight of the value function's loss.", "TRL"),
  valueClipRange: field(z.number().positive().default(0.2), "How far a value may move on one rollout.", "TRL"),
  whitenRewards: field(z.boolean().default(false), "Scale the rewards of a rollout's tokens to unit variance.", "TRL"),
});

export const grpoConfigSchema = z.object({
  kind: z.literal("grpo"),
  ...onlineFields,
  rolloutEpochs: rolloutEpochs(1),
  temperature: field(temperature.default(1), "Of sampling, and of all log-probabilities.", "TRL"),
  groupSize: groupSize(8),
  beta: field(z.number().min(0).default(0), "Weight of the KL to the reference (k3) in the loss.", "TRL"),
  unbiasedKl: field(
    z.boolean().default(true),
    "Weigh the KL by the probability ratio, so that its gradient is that of the reverse KL.",
    "DeepSeek-AI 2025 (V3.2); TRL",
  ),
  scaleRewards: field(
    z.enum(["group", "batch", "none"]).default("group"),
    "What advantages are divided by: the deviation of the group, of the rollout, or nothing.",
    "TRL; Liu et al. 2025 (none)",
  ),
  aggregation: field(
    z.enum(["grpo", "dapo", "dr_grpo"]).default("dapo"),
    "How tokens' losses become one: mean over answers, over all tokens, or over the longest answer's.",
    "TRL",
  ),
  clipRangeHigh: field(z.number().positive().optional(), "ε upwards.", "the same as down"),
});

export const rlooConfigSchema = z.object({
  kind: z.literal("rloo"),
  ...onlineFields,
  rolloutEpochs: rolloutEpochs(1),
  temperature: field(temperature.default(1), "Of sampling, and of all log-probabilities.", "TRL"),
  groupSize: groupSize(2),
  beta: field(z.number().min(0).default(0.05), "What a nat of KL (k1) takes from an answer's reward.", "TRL"),
});

export const pretrainConfigSchema = z.object({
  kind: z.literal("pretrain"),
  ...commonFields,
  sources: field(
    z
      .array(
        z.object({
          file: field(z.string().min(1), "Text file. What follows its last separator is not read."),
          repeat: field(count.default(1), "How often an epoch shows each document."),
          holdOutFrom: field(count.optional(), "Documents from this index on are held out.", "none is"),
        }),
      )
      .min(1),
    "Where the text is.",
  ),
  separator: field(z.string().min(1).default("<|endoftext|>"), "What ends a document."),
  vocabSize: field(z.number().int().min(257).default(2048), "Size of the tokenizer that is trained first."),
  hiddenSize: field(count.default(192), "Width of the model."),
  layers: field(count.default(6), "Number of blocks."),
  heads: field(count.default(6), "Attention heads."),
  keyValueHeads: field(count.default(2), "Key and value heads; each serves several attention heads."),
  intermediateSize: field(count.default(512), "Width of the feed-forward layers."),
});

export const runConfigSchema = z.discriminatedUnion("kind", [
  rewardConfigSchema,
  dpoConfigSchema,
  ktoConfigSchema,
  sftConfigSchema,
  ppoConfigSchema,
  grpoConfigSchema,
  rlooConfigSchema,
  pretrainConfigSchema,
]);
export type RunConfig = z.infer<typeof runConfigSchema>;
export type RunConfigInput = z.input<typeof runConfigSchema>;
export type RewardConfig = z.infer<typeof rewardConfigSchema>;
export type DpoConfig = z.infer<typeof dpoConfigSchema>;
export type KtoConfig = z.infer<typeof ktoConfigSchema>;
export type SftConfig = z.infer<typeof sftConfigSchema>;
export type PpoConfig = z.infer<typeof ppoConfigSchema>;
export type GrpoConfig = z.infer<typeof grpoConfigSchema>;
export type RlooConfig = z.infer<typeof rlooConfigSchema>;
export type PretrainConfig = z.infer<typeof pretrainConfigSchema>;

/** Kinds of run that start from a base model and a snapshot. */
export const snapshotRunKinds = ["reward", "dpo", "kto", "sft", "ppo", "grpo", "rloo"] as const;
export type SnapshotRunKind = (typeof snapshotRunKinds)[number];
/** Those of them that tune the language model itself on given answers. */
export type PolicyConfig = DpoConfig | KtoConfig | SftConfig;
/** Those that tune it on answers of its own. */
export type OnlineConfig = PpoConfig | GrpoConfig | RlooConfig;
export type OnlineRunKind = OnlineConfig["kind"];
export const isOnline = (kind: string): kind is OnlineRunKind => kind === "ppo" || kind === "grpo" || kind === "rloo";
