import { z } from "zod";

/** Metric names are TRL's (`loss`, `rewards/accuracies`, `rewards/margins`, `accuracy`, `margin`, …; held-out: `eval_…`). */
const metricsSchema = z.record(z.string(), z.number());
/** 95 % intervals: bootstraps resampled by prompt; for accuracies over fewer than 30 prompts, or of 0 or 1, Wilson's. */
const intervalsSchema = z.record(z.string(), z.tuple([z.number(), z.number()]));

const splitCountSchema = z.object({ used: z.number().int(), dropped: z.record(z.string(), z.number().int()) });

export const runEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("start"),
    provider: z.string(),
    providerReason: z.string(),
    parameters: z.number().int(),
    trainableParameters: z.number().int(),
    totalSteps: z.number().int(),
    firstStep: z.number().int(),
    train: splitCountSchema,
    test: splitCountSchema,
  }),
  z.object({
    type: z.literal("step"),
    step: z.number().int(),
    totalSteps: z.number().int(),
    epoch: z.number(),
    metrics: metricsSchema,
    tokensPerSecond: z.number(),
    elapsedSeconds: z.number(),
    etaSeconds: z.number(),
    residentBytes: z.number(),
  }),
  z.object({
    type: z.literal("eval"),
    step: z.number().int(),
    metrics: metricsSchema,
    intervals: intervalsSchema,
    pairs: z.number().int(),
    prompts: z.number().int(),
  }),
  z.object({
    type: z.literal("sample"),
    step: z.number().int(),
    prompt: z.string(),
    base: z.string(),
    tuned: z.string(),
    /** What the reward says of the two, where a run has one. */
    scores: z.object({ base: z.number(), tuned: z.number() }).optional(),
  }),
  z.object({ type: z.literal("checkpoint"), step: z.number().int(), path: z.string() }),
  z.object({
    type: z.literal("stopped"),
    step: z.number().int(),
    /**
     * `early_stop` is followed by `done`, `paused` by a checkpoint; after the others the run ends with an error of that code.
     */
    reason: z.enum(["not_finite", "diverged", "early_stop", "paused"]),
    message: z.string(),
  }),
  z.object({ type: z.literal("log"), level: z.enum(["info", "warn", "error"]), message: z.string() }),
  z.object({
    type: z.literal("done"),
    step: z.number().int(),
    modelPath: z.string(),
    metrics: metricsSchema,
    intervals: intervalsSchema,
    seconds: z.number(),
  }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;
