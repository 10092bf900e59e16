import { z } from "zod";
import { type PairLossName, pairLosses, pairLossNameSchema } from "./losses";
import type { RunConfigInput, SnapshotRunKind } from "./runConfig";

export const presetNames = ["quick", "balanced", "thorough"] as const;
export const presetSchema = z.enum(presetNames);
export type PresetName = z.infer<typeof presetSchema>;

/** What decides how long a run takes and how far it goes. */
export interface Preset {
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly maxLength: number;
  /** Ends a run on a large snapshot before its epochs do. */
  readonly maxSteps: number;
}

/**
 * For small Llamas (millions of parameters) on 100 to 3,000 pairs. DPO and KTO move the whole model against a reference and
 * are the more careful ones; a reward model has a new head to learn, so its rates are higher, and SFT follows the answers.
 * KTO sees each pair as two answers, so its batches hold twice as many.
 */
export const presets: Readonly<Record<SnapshotRunKind, Readonly<Record<PresetName, Preset>>>> = {
  reward: {
    quick: { epochs: 1, learningRate: 2e-4, batchSize: 8, maxLength: 256, maxSteps: 150 },
    balanced: { epochs: 2, learningRate: 2e-4, batchSize: 8, maxLength: 512, maxSteps: 750 },
    thorough: { epochs: 3, learningRate: 1e-4, batchSize: 16, maxLength: 512, maxSteps: 2000 },
  },
  dpo: {
    quick: { epochs: 1, learningRate: 5e-5, batchSize: 8, maxLength: 256, maxSteps: 150 },
    balanced: { epochs: 2, learningRate: 5e-5, batchSize: 8, maxLength: 512, maxSteps: 750 },
    thorough: { epochs: 3, learningRate: 3e-5, batchSize: 16, maxLength: 512, maxSteps: 2000 },
  },
  kto: {
    quick: { epochs: 1, learningRate: 5e-5, batchSize: 16, maxLength: 256, maxSteps: 150 },
    balanced: { epochs: 2, learningRate: 5e-5, batchSize: 16, maxLength: 512, maxSteps: 750 },
    thorough: { epochs: 3, learningRate: 3e-5, batchSize: 32, maxLength: 512, maxSteps: 2000 },
  },
  sft: {
    quick: { epochs: 1, learningRate: 2e-4, batchSize: 8, maxLength: 256, maxSteps: 150 },
    balanced: { epochs: 2, learningRate: 2e-4, batchSize: 8, maxLength: 512, maxSteps: 750 },
    thorough: { epochs: 3, learningRate: 1e-4, batchSize: 16, maxLength: 512, maxSteps: 2000 },
  },
};

/** Numbers that a person may set differently from the preset. */
export const numberOverridesSchema = z
  .object({
    learningRate: z.number().min(1e-7).max(0.1),
    epochs: z.number().min(0.1).max(50),
    batchSize: z.number().int().min(1).max(128),
    beta: z.number().min(0.001).max(10),
    maxLength: z.number().int().min(16).max(4096),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  })
  .partial();

/** What a person may set differently from the preset. */
export const runOverridesSchema = numberOverridesSchema.extend({ loss: pairLossNameSchema.optional() });
export type RunOverrides = z.infer<typeof runOverridesSchema>;

type WithoutFolders<T> = T extends unknown ? Omit<T, "baseModel" | "dataset" | "output"> : never;
/** A run's configuration before it has its folders. */
export type PresetConfig = WithoutFolders<Extract<RunConfigInput, { kind: SnapshotRunKind }>>;

/** Optimizer steps that a run on so many pairs takes. */
export function plannedSteps(
  {
    batchSize,
    epochs = 1,
    maxSteps = Number.POSITIVE_INFINITY,
  }: Pick<PresetConfig, "batchSize" | "epochs" | "maxSteps">,
  pairs: number,
): number {
  const stepsPerEpoch = Math.ceil(pairs / batchSize);
  return Math.min(maxSteps, Math.max(1, Math.round(stepsPerEpoch * epochs)));
}

/** About this many looks at the held-out pairs in a run. */
const evaluations = 10;
/** A killed run loses at most this many steps. */
const longestWithoutCheckpoint = 50;

/** How many examples a run of this kind makes of so many pairs. */
export const examplesOf = (kind: SnapshotRunKind, pairs: number): number => (kind === "kto" ? 2 * pairs : pairs);

/** The configuration of a preset for a snapshot with so many training pairs. */
export function presetConfig(
  kind: SnapshotRunKind,
  name: PresetName,
  pairs: number,
  overrides: RunOverrides = {},
): PresetConfig {
  const { learningRate, maxSteps, ...preset } = presets[kind][name];
  const { learningRate: wanted, beta, loss = "sigmoid", ...sizes } = overrides;
  // Somebody who asks for epochs gets them all.
  const limit = overrides.epochs === undefined ? { maxSteps } : {};
  const common = { seed: 0, ...preset, ...sizes, ...limit, optimizer: { learningRate: wanted ?? learningRate } };
  const evalEvery = Math.max(1, Math.ceil(plannedSteps(common, examplesOf(kind, pairs)) / evaluations));
  const every = { evalEvery, checkpointEvery: Math.min(evalEvery, longestWithoutCheckpoint) };
  const all = { ...common, ...every };
  switch (kind) {
    case "reward":
    case "sft":
      return { kind, ...all };
    case "kto":
      return { kind, ...all, beta: beta ?? 0.1 };
    case "dpo":
      return { kind, ...all, loss, ...betaOf(loss, beta) };
  }
}

/** β where the loss has one. */
function betaOf(loss: PairLossName, wanted: number | undefined): { beta?: number } {
  const usual = pairLosses[loss].defaults.beta;
  return usual === undefined ? {} : { beta: wanted ?? usual };
}
