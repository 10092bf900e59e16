import { z } from "zod";
import { adapterOf, rateOf } from "./adapterKinds";
import { pairLosses, pairLossNameSchema } from "./losses";
import { type RolloutSizes, rolloutPlan } from "./online";
import { isOnline, type RunConfigInput, type SnapshotRunKind } from "./runConfig";
import { type Settings, withSettings } from "./settings";

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
 * Rates are those of full training. For small Llamas (millions of parameters) on 100 to 3,000 pairs. DPO and KTO move the whole model against a reference and
 * are the more careful ones; a reward model has a new head to learn, so its rates are higher, and SFT follows the answers.
 * KTO sees each pair as two answers, so its batches hold twice as many. PPO, GRPO and RLOO take the prompts alone: their steps
 * are whole rollouts of 64 to 128 answers, and what limits them is how far a policy may go from its base.
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
  ppo: {
    quick: { epochs: 1, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 80 },
    balanced: { epochs: 2, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 160 },
    thorough: { epochs: 3, learningRate: 5e-5, batchSize: 32, maxLength: 512, maxSteps: 480 },
  },
  grpo: {
    quick: { epochs: 1, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 40 },
    balanced: { epochs: 2, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 100 },
    thorough: { epochs: 3, learningRate: 5e-5, batchSize: 32, maxLength: 512, maxSteps: 300 },
  },
  rloo: {
    quick: { epochs: 1, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 60 },
    balanced: { epochs: 2, learningRate: 1e-4, batchSize: 32, maxLength: 256, maxSteps: 120 },
    thorough: { epochs: 3, learningRate: 5e-5, batchSize: 32, maxLength: 512, maxSteps: 360 },
  },
};

type WithoutFolders<T> = T extends unknown ? Omit<T, "baseModel" | "dataset" | "output" | "reward" | "judge"> : never;
/** A run's configuration before it has its folders and the source of its reward. */
export type PresetConfig = WithoutFolders<Extract<RunConfigInput, { kind: SnapshotRunKind }>>;

/** Optimizer steps that a run on so many pairs takes; where it has rollouts, on so many prompts. */
export function plannedSteps(config: RolloutSizes, pairs: number): number {
  if (config.rolloutPrompts !== undefined) return rolloutPlan(config, pairs).totalSteps;
  const { batchSize, epochs = 1, maxSteps = Number.POSITIVE_INFINITY } = config;
  const stepsPerEpoch = Math.ceil(pairs / batchSize);
  return Math.min(maxSteps, Math.max(1, Math.round(stepsPerEpoch * epochs)));
}

/** About this many looks at the held-out pairs in a run. */
const evaluations = 10;
/** A killed run loses at most this many steps. */
const longestWithoutCheckpoint = 50;

/** As many pairs as a snapshot is worth to a run of this kind: KTO also takes the single responses, two for a pair. */
export const pairsFor = (
  kind: SnapshotRunKind,
  { trainPairs, trainResponses }: { readonly trainPairs: number; readonly trainResponses: number },
): number => (kind === "kto" ? trainPairs + trainResponses / 2 : trainPairs);

/** How many examples a run of this kind makes of so many pairs. */
export const examplesOf = (kind: SnapshotRunKind, pairs: number): number => (kind === "kto" ? 2 * pairs : pairs);

/**
 * The configuration of a preset, with the rate of what is trained, for a snapshot with so many training pairs, and in it what a person set. What they set is not
 * checked here: `configIssues` says what is wrong with it.
 */
export function presetConfig(
  kind: SnapshotRunKind,
  name: PresetName,
  pairs: number,
  settings: Settings = {},
): PresetConfig {
  const { learningRate: rateOfAll, maxSteps, ...preset } = presets[kind][name];
  const learningRate = Number(rateOf(kind, adapterOf(settings), rateOfAll).toPrecision(2));
  // Somebody who asks for epochs gets them all.
  const limit = settings.epochs === undefined ? { maxSteps } : {};
  const common = { kind, seed: 0, ...preset, ...limit, optimizer: { learningRate }, ...objectiveOf(kind, settings) };
  const config = withSettings(kind, common, settings) as PresetConfig;
  const steps = plannedSteps(config, examplesOf(kind, pairs));
  const evalEvery = config.evalEvery ?? Math.max(1, Math.ceil(steps / evaluations) || 1);
  return { evalEvery, checkpointEvery: Math.min(evalEvery, longestWithoutCheckpoint), ...config };
}

/**
 * Rollouts of 64 to 128 answers, as long as the demo's. PPO's β is four times TRL's: on the demo it ends within 6 nats of the
 * starter with most of the rise in warmth, where 0.05 drifts to 17 (docs/benchmarks.md, reward against KL).
 */
const rollouts = {
  ppo: { rolloutPrompts: 64, rolloutEpochs: 4, maxNewTokens: 56, temperature: 0.9, klCoefficient: 0.2 },
  grpo: { rolloutPrompts: 16, groupSize: 8, rolloutEpochs: 1, maxNewTokens: 56, temperature: 1, beta: 0.04 },
  rloo: { rolloutPrompts: 32, groupSize: 4, rolloutEpochs: 1, maxNewTokens: 56, temperature: 1, beta: 0.05 },
} as const;

/** What a kind of run learns by, unless somebody wants it otherwise: a loss brings its own β where it has one. */
function objectiveOf(kind: SnapshotRunKind, settings: Settings): Readonly<Record<string, unknown>> {
  if (kind === "kto") return { beta: 0.1 };
  if (isOnline(kind)) return rollouts[kind];
  if (kind !== "dpo") return {};
  const loss = settings.loss ?? "sigmoid";
  const known = pairLossNameSchema.safeParse(loss);
  const beta = known.success ? pairLosses[known.data].defaults.beta : undefined;
  return { loss, ...(beta !== undefined && { beta }) };
}
