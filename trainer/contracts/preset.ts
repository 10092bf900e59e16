import { z } from "zod";
import type { PreferenceRunKind, RunConfigInput } from "./runConfig";

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
 * For small Llamas (millions of parameters) on 100 to 3,000 pairs. DPO moves the whole model and is the more careful one;
 * a reward model has a new head to learn, so its rates are higher.
 */
export const presets: Readonly<Record<PreferenceRunKind, Readonly<Record<PresetName, Preset>>>> = {
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
};

/** What a person may set differently from the preset. */
export const runOverridesSchema = z
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
export type RunOverrides = z.infer<typeof runOverridesSchema>;

type WithoutFolders<T> = T extends unknown ? Omit<T, "baseModel" | "dataset" | "output"> : never;
/** A run's configuration before it has its folders. */
export type PresetConfig = WithoutFolders<Extract<RunConfigInput, { kind: PreferenceRunKind }>>;

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

/** The configuration of a preset for a snapshot with so many training pairs. */
export function presetConfig(
  kind: PreferenceRunKind,
  name: PresetName,
  pairs: number,
  overrides: RunOverrides = {},
): PresetConfig {
  const { learningRate, maxSteps, ...preset } = presets[kind][name];
  const { learningRate: wanted, beta, ...sizes } = overrides;
  // Somebody who asks for epochs gets them all.
  const limit = overrides.epochs === undefined ? { maxSteps } : {};
  const common = { seed: 0, ...preset, ...sizes, ...limit, optimizer: { learningRate: wanted ?? learningRate } };
  const evalEvery = Math.max(1, Math.ceil(plannedSteps(common, pairs) / evaluations));
  const every = { evalEvery, checkpointEvery: Math.min(evalEvery, longestWithoutCheckpoint) };
  return kind === "reward" ? { kind, ...common, ...every } : { kind, ...common, ...every, beta: beta ?? 0.1 };
}
