import { z } from "zod";
import { messagesSchema } from "./message";

/**
 * One line of a snapshot's `train.jsonl` / `test.jsonl`: TRL's conversational preference row with what the judges said.
 * `probability` = P(chosen ≻ rejected) in [0.5, 1]; `strength` = mean absolute verdict, 0 (tie) … 3.
 */
export const preferenceExampleSchema = z.object({
  id: z.string().min(1),
  promptId: z.string().min(1),
  prompt: messagesSchema,
  chosen: messagesSchema,
  rejected: messagesSchema,
  probability: z.number().min(0).max(1).default(1),
  strength: z.number().min(0).max(3).default(1),
});
export type PreferenceExample = z.infer<typeof preferenceExampleSchema>;

/** TRL's conversational prompt-completion row, for KTO with a label: is this a desirable answer? */
export const completionExampleSchema = z.object({
  id: z.string().min(1),
  promptId: z.string().min(1),
  prompt: messagesSchema,
  completion: messagesSchema,
  label: z.boolean().default(true),
});
export type CompletionExample = z.infer<typeof completionExampleSchema>;

/**
 * `manifest.json` beside the files of a snapshot. Counts are pairs; `responses` counts the single responses with a label, in
 * `train-responses.jsonl` and `test-responses.jsonl`, where there are any.
 */
export const datasetManifestSchema = z.object({
  formatVersion: z.literal(1),
  name: z.string(),
  number: z.number().int().positive(),
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
  rule: z.record(z.string(), z.unknown()),
  train: z.number().int().nonnegative(),
  test: z.number().int().nonnegative(),
  responses: z.object({ train: z.number().int().nonnegative(), test: z.number().int().nonnegative() }).optional(),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
