import { z } from "zod";
import { count, field, natural, titled } from "./field";

/** How a fine-tuned model becomes a delta of one bit a weight. */
export const compressionSettingsSchema = z.object({
  rest: titled(
    "Other tensors",
    field(
      z.enum(["f16", "f32"]).default("f16"),
      "How tensors that are no projections and did change (embeddings, norms, biases, heads) are kept: rounded to half precision, or as they are.",
    ),
  ),
  embeddings: field(
    z.enum(["kept", "base"]).default("kept"),
    "Changed embeddings and output head are kept whole, or left as the base has them: in small models they are most of the file.",
  ),
  steps: field(
    natural.max(100_000).default(200),
    "Steps that distil the scales; 0 leaves them at the mean size of the change.",
    "Liu et al. 2024 (BitDelta)",
  ),
  batchSize: field(count.max(4096).default(4), "Texts in a step.", "Liu et al. 2024 (BitDelta)"),
  maxLength: titled(
    "Longest text",
    field(
      count.max(65_536).default(128),
      "Tokens of a text, prompt and answer together.",
      "Liu et al. 2024 (BitDelta)",
    ),
  ),
  learningRate: field(
    z.number().positive().max(1).default(0.01),
    "The most that a step changes a scale, as a share of what it began with; falls to nothing along a cosine.",
  ),
  seed: field(natural.default(0), "Decides the order of the texts."),
});
export type CompressionSettings = z.infer<typeof compressionSettingsSchema>;

/** How near a model's outputs (logits, or a reward model's scores) are to another's, over the tokens of some texts. */
export interface Nearness {
  /** Largest and mean |difference| of an output. */
  readonly max: number;
  readonly mean: number;
  /** Mean of the squared difference: what distilling lowers. */
  readonly square: number;
  /** KL(fine-tuned ‖ compressed) of the next token, in nats; null for a reward model. */
  readonly kl: number | null;
}

/** What compressing a model came to. */
export interface CompressionReport {
  /** Of the weights' files; `signs` and `rest` are parts of `delta`. */
  readonly bytes: { readonly full: number; readonly delta: number; readonly signs: number; readonly rest: number };
  /** Projections that became signs and a scale. */
  readonly matrices: number;
  readonly parameters: number;
  readonly settings: CompressionSettings;
  readonly heldOut: { readonly texts: number; readonly tokens: number; readonly pairs: number };
  /** False: distilling brought the outputs no nearer, and the first scales were kept. */
  readonly distilled: boolean;
  /** With the first scales, and with those that were kept. */
  readonly nearness: { readonly initial: Nearness; readonly final: Nearness };
  /** Held-out figures on pairs under the names of evaluations; empty where the dataset has no pairs. */
  readonly metrics: Readonly<Record<"tuned" | "initial" | "final", Readonly<Record<string, number>>>>;
  readonly seconds: number;
}

/** How far compressing has come. `etaSeconds` is null as long as nothing has been measured. */
export interface CompressionProgress {
  readonly stage: "reading" | "judging" | "distilling";
  readonly step: number;
  readonly totalSteps: number;
  readonly etaSeconds: number | null;
}
