import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import { plannedSteps } from "../contracts/preset";
import type { DpoConfig, RewardConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { batchIndices } from "../data/batches";
import { collatePairs, pairLength, readPreferences, type TokenPair, tokenisePairs } from "../data/preferences";
import { derivedSeed } from "../data/random";
import { loadModelFolder, type ModelFolder, parameterCount, saveModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { bootstrapByGroup } from "../loop/bootstrap";
import { type Evaluation, findCheckpoint, type HostBatch, type Job, trainLoop } from "../loop/trainLoop";
import type { Provider } from "../runtime/program";
import type { HostArray } from "../runtime/tree";

type PreferenceConfig = RewardConfig | DpoConfig;

export interface PreferenceData {
  readonly base: ModelFolder;
  readonly train: ReturnType<typeof tokenisePairs>;
  readonly test: ReturnType<typeof tokenisePairs>;
}

/** Loads the base model and both splits; refuses a dataset without a single usable pair. */
export function loadPreferenceData(config: PreferenceConfig): PreferenceData {
  const base = loadModelFolder(config.baseModel);
  if (base.head !== "causal")
    throw new TrainerError(
      "bad_model",
      `${config.baseModel} is a reward model; training starts from a language model.`,
    );
  const maxLength = Math.min(config.maxLength, base.config.maxPositions);
  const load = (split: "train" | "test") => tokenisePairs(readPreferences(config.dataset, split), base, maxLength);
  const [train, test] = [load("train"), load("test")];
  if (train.pairs.length === 0) {
    throw new TrainerError(
      "bad_dataset",
      `${config.dataset}: no pair is left to train on (${JSON.stringify(train.dropped)}).`,
    );
  }
  return { base, train, test };
}

/** The pairs in fixed batches, for evaluation and for the reference. */
export function chunks(pairs: readonly TokenPair[], size: number): TokenPair[][] {
  return Array.from({ length: Math.ceil(pairs.length / size) }, (_, i) => pairs.slice(i * size, (i + 1) * size));
}

/** Means and prompt-bootstrapped intervals of per-pair figures, under TRL's names with `eval_`. */
export function summarise(
  pairs: readonly TokenPair[],
  figures: Readonly<Record<string, readonly number[]>>,
  seed: number,
): Evaluation {
  const groups = pairs.map((p) => p.promptId);
  const entries = pairs.length === 0 ? [] : Object.entries(figures);
  return {
    metrics: Object.fromEntries(entries.map(([name, v]) => [`eval_${name}`, v.reduce((a, b) => a + b, 0) / v.length])),
    intervals: Object.fromEntries(
      entries.map(([name, v]) => [`eval_${name}`, bootstrapByGroup(v, groups, derivedSeed(seed, 5))]),
    ),
    pairs: pairs.length,
    prompts: new Set(groups).size,
  };
}

export interface PreferenceRun {
  readonly head: "causal" | "reward";
  readonly parameters: Parameters;
  readonly objective: Job["objective"];
  /** Adds what a batch needs beyond the tokens, for the training pairs with these indices. */
  extend(batch: HostBatch, indices: readonly number[]): HostBatch;
  evaluate: Job["evaluate"];
  sample: Job["sample"];
}

/** The part that reward models and DPO share: batches, the loop, the saved model. */
export async function* trainPreference(
  config: PreferenceConfig,
  { base, train, test }: PreferenceData,
  run: PreferenceRun,
  provider: Provider,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent> {
  const lengths = train.pairs.map(pairLength);
  const stepsPerEpoch = Math.ceil(lengths.length / config.batchSize);
  const totalSteps = plannedSteps(config, lengths.length);
  const job: Job = {
    parameters: run.parameters,
    objective: run.objective,
    totalSteps,
    stepsPerEpoch,
    batch(step) {
      const indices = batchIndices(lengths, config.batchSize, config.seed, step);
      const { batch, tokens } = collatePairs(
        indices.map((i) => train.pairs[i] as TokenPair),
        config.batchSize,
      );
      return { batch: run.extend(batch, indices), tokens };
    },
    evaluate: run.evaluate,
    sample: run.sample,
  };
  const resumeFrom = findCheckpoint(config);
  const parameters = parameterCount(run.parameters);
  yield {
    type: "start",
    provider: provider.name,
    providerReason: provider.reason,
    parameters,
    trainableParameters: parameters,
    totalSteps,
    firstStep: resumeFrom?.step ?? 0,
    train: { used: train.pairs.length, dropped: train.dropped },
    test: { used: test.pairs.length, dropped: test.dropped },
  };
  const started = performance.now();
  const trained = yield* trainLoop(job, config, provider, resumeFrom, signal);
  const modelPath = join(config.output, "model");
  const { metrics, intervals } = trained.evaluation;
  const card = modelCard(config, metrics, intervals);
  saveModelFolder(modelPath, { ...base, head: run.head, parameters: trained.parameters }, card, "F32");
  yield {
    type: "done",
    step: trained.step,
    modelPath,
    metrics,
    intervals,
    seconds: (performance.now() - started) / 1000,
  };
}

function modelCard(
  config: PreferenceConfig,
  metrics: Record<string, number>,
  intervals: Record<string, [number, number]>,
): string {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const [low, high] = intervals[name] ?? [Number.NaN, Number.NaN];
    return `| ${name} | ${value.toFixed(4)} | ${low.toFixed(4)} – ${high.toFixed(4)} |`;
  });
  const title = config.kind === "dpo" ? "Policy tuned with DPO" : "Reward model";
  return `# ${title}\n\n| held-out | value | 95 % interval |\n|---|---|---|\n${rows.join("\n")}\n\n\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\`\n`;
}

/** Places in the flattened array of a `[n]` host array as numbers. */
export const numbers = (array: HostArray): number[] => Array.from(array.data);
