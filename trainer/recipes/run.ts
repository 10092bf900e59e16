import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import { plannedSteps } from "../contracts/preset";
import type { RunConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { batchIndices } from "../data/batches";
import { derivedSeed } from "../data/random";
import { loadModelFolder, type ModelFolder, parameterCount, saveModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { bootstrapByGroup } from "../loop/bootstrap";
import type { HostBatch } from "../loop/stepper";
import { type Evaluation, findCheckpoint, type Job, trainLoop } from "../loop/trainLoop";
import type { Provider } from "../runtime/program";
import type { HostArray } from "../runtime/tree";

/** How many of a split's examples are used, and why the others are not. */
export interface SplitCount {
  readonly used: number;
  readonly dropped: Record<string, number>;
}

/** Everything that decides a run, made before its first step. */
export interface PreparedRun {
  readonly config: RunConfig;
  readonly job: Job;
  readonly train: SplitCount;
  readonly test: SplitCount;
  /** Tokens of one epoch, without padding. */
  readonly tokensPerEpoch: number;
  save(folder: string, parameters: Parameters, evaluation: Evaluation): void;
  dispose(): Promise<void>;
}

/** Loads the language model a run starts from. */
export function loadBase(folder: string): ModelFolder {
  const base = loadModelFolder(folder);
  if (base.head === "causal") return base;
  throw new TrainerError("bad_model", `${folder} is a reward model; training starts from a language model.`);
}

/** Refuses a dataset without a single usable example. */
export function requireExamples(folder: string, { used, dropped }: SplitCount): void {
  if (used > 0) return;
  throw new TrainerError("bad_dataset", `${folder}: nothing is left to train on (${JSON.stringify(dropped)}).`);
}

/** The items in fixed batches, for evaluation and for the reference. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Means and prompt-bootstrapped intervals of figures per example, under TRL's names with `eval_`. */
export function summarise(
  examples: readonly { readonly promptId: string }[],
  figures: Readonly<Record<string, readonly number[]>>,
  seed: number,
): Evaluation {
  const groups = examples.map((e) => e.promptId);
  const entries = examples.length === 0 ? [] : Object.entries(figures);
  return {
    metrics: Object.fromEntries(entries.map(([name, v]) => [`eval_${name}`, v.reduce((a, b) => a + b, 0) / v.length])),
    intervals: Object.fromEntries(
      entries.map(([name, v]) => [`eval_${name}`, bootstrapByGroup(v, groups, derivedSeed(seed, 5))]),
    ),
    pairs: examples.length,
    prompts: new Set(groups).size,
  };
}

/** How many examples of a step are computed at once. */
export const microBatchSize = ({ batchSize, microBatchSize = batchSize }: RunConfig): number =>
  Math.min(batchSize, microBatchSize);

/** The job's steps over examples of the given lengths: which make a step, and in which batches they are computed. */
export function stepsOver(
  config: RunConfig,
  lengths: readonly number[],
  collate: (part: readonly number[], step: readonly number[]) => { batch: HostBatch; tokens: number },
): Pick<Job, "totalSteps" | "stepsPerEpoch" | "batches"> {
  return {
    stepsPerEpoch: Math.ceil(lengths.length / config.batchSize),
    totalSteps: plannedSteps(config, lengths.length),
    batches(step) {
      const indices = batchIndices(lengths, config.batchSize, config.seed, step);
      const parts = chunks(indices, microBatchSize(config)).map((part) => collate(part, indices));
      return { batches: parts.map((p) => p.batch), tokens: parts.reduce((sum, p) => sum + p.tokens, 0) };
    },
  };
}

/** Runs what was prepared: the loop, the saved model, the events around them. */
export async function* execute(run: PreparedRun, provider: Provider, signal?: AbortSignal): AsyncGenerator<RunEvent> {
  const { config, job, train, test } = run;
  const resumeFrom = findCheckpoint(config);
  const parameters = parameterCount(job.parameters);
  yield {
    type: "start",
    provider: provider.name,
    providerReason: provider.reason,
    parameters,
    trainableParameters: parameters,
    totalSteps: job.totalSteps,
    firstStep: resumeFrom?.step ?? 0,
    train,
    test,
  };
  const started = performance.now();
  const trained = yield* trainLoop(job, config, provider, resumeFrom, signal);
  const modelPath = join(config.output, "model");
  run.save(modelPath, trained.parameters, trained.evaluation);
  const { metrics, intervals } = trained.evaluation;
  const seconds = (performance.now() - started) / 1000;
  yield { type: "done", step: trained.step, modelPath, metrics, intervals, seconds };
}

/** Saves a tuned model with a card that tells its held-out figures and its settings. */
export function saveTuned(
  title: string,
  config: RunConfig,
  model: ModelFolder,
): (folder: string, parameters: Parameters, evaluation: Evaluation) => void {
  return (folder, parameters, { metrics, intervals }) => {
    const rows = Object.entries(metrics).map(([name, value]) => {
      const interval = intervals[name]?.map((bound) => bound.toFixed(4)).join(" – ") ?? "";
      return `| ${name} | ${value.toFixed(4)} | ${interval} |`;
    });
    const card = `# ${title}\n\n| held-out | value | 95 % interval |\n|---|---|---|\n${rows.join("\n")}\n\n\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\`\n`;
    saveModelFolder(folder, { ...model, parameters }, card, "F32");
  };
}

/** The numbers of a host array. */
export const numbers = (array: HostArray): number[] => Array.from(array.data);
