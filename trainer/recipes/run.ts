import { basename, join } from "node:path";
import { TrainerError } from "../contracts/error";
import { plannedSteps } from "../contracts/preset";
import type { RunConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { batchIndices } from "../data/batches";
import { derivedSeed } from "../data/random";
import { meanOf } from "../data/sequences";
import { type Demand, fitShape, planShapes, type Shape } from "../data/shapes";
import { parameterCount } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { bootstrapByGroup } from "../loop/bootstrap";
import type { HostBatch } from "../loop/stepper";
import { type Evaluation, findCheckpoint, type Job, trainLoop } from "../loop/trainLoop";
import { wilsonInterval } from "../loop/wilson";
import type { Provider } from "../runtime/program";
import { type HostArray, int32 } from "../runtime/tree";
import type { Execution } from "./execution";

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
  /** What the run's log says before its first step. */
  readonly notes?: readonly string[];
  /** Tokens of one epoch, without padding. */
  readonly tokensPerEpoch: number;
  /** Writes what was trained. */
  save(folder: string, parameters: Parameters, evaluation: Evaluation): void;
  dispose(): Promise<void>;
}

/** Refuses a dataset without a single usable example. */
export function requireExamples(folder: string, { used, dropped }: SplitCount): void {
  if (used > 0) return;
  throw new TrainerError("bad_dataset", `${folder}: nothing is left to train on (${JSON.stringify(dropped)}).`);
}

/** The items in fixed batches. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** The items with these indices. */
export const pick = <T>(items: readonly T[], indices: readonly number[]): T[] => indices.map((i) => items[i] as T);

/** With fewer prompts a bootstrap's interval is too narrow for a share. */
const fewPrompts = 30;
const isShare = (name: string): boolean => name === "accuracy" || name.endsWith("/accuracies");

/** The interval of a mean over examples: resampled by prompt; of a share of few prompts, or of none or all, Wilson's over the prompts. */
function intervalOf(name: string, values: readonly number[], groups: readonly string[], seed: number) {
  const [share, prompts] = [meanOf(values), new Set(groups).size];
  if (isShare(name) && (prompts < fewPrompts || share === 0 || share === 1)) return wilsonInterval(share, prompts);
  return bootstrapByGroup(values, groups, derivedSeed(seed, 5));
}

/** Means and 95 % intervals of figures per example, under TRL's names with `eval_`. */
export function summarise(
  examples: readonly { readonly promptId: string }[],
  figures: Readonly<Record<string, readonly number[]>>,
  seed: number,
): Evaluation {
  const groups = examples.map((e) => e.promptId);
  const entries = examples.length === 0 ? [] : Object.entries(figures);
  return {
    metrics: Object.fromEntries(entries.map(([name, v]) => [`eval_${name}`, meanOf(v)])),
    intervals: Object.fromEntries(entries.map(([name, v]) => [`eval_${name}`, intervalOf(name, v, groups, seed)])),
    pairs: examples.length,
    prompts: new Set(groups).size,
  };
}

/** How many examples of a step are computed at once. */
export const microBatchSize = ({ batchSize, microBatchSize = batchSize }: RunConfig): number =>
  Math.min(batchSize, microBatchSize);

/** Examples as batches. */
export interface Batching {
  /** Tokens of each example. */
  readonly lengths: readonly number[];
  /** What the examples with these indices, as one batch, need of a shape. */
  demandOf(part: readonly number[]): Demand;
  /** The batch of the examples `part` of an optimizer step over the examples `step`. */
  collate(part: readonly number[], step: readonly number[], shape: Shape): { batch: HostBatch; tokens: number };
  /** Metrics that a step over these examples has nothing for. */
  absent?(step: readonly number[]): readonly string[];
}

/** What a part of a step draws its dropout from, where it drops out. */
function dropoutSeed(config: RunConfig, step: number, part: number): HostBatch {
  if (!("adapter" in config) || config.adapter.method !== "lora" || config.adapter.dropout === 0) return {};
  return { seed: int32([derivedSeed(config.seed, 12, step, part) | 0], []) };
}

/** Batches of this many steps decide which shapes a run is computed in. */
const plannedAhead = 400;

/** The job's steps: which examples make a step, in which batches they are computed, and in which shapes. */
export function stepsOver(
  config: RunConfig,
  { plan }: Execution,
  { lengths, demandOf, collate, absent }: Batching,
): Pick<Job, "totalSteps" | "stepsPerEpoch" | "batches"> {
  const size = microBatchSize(config);
  const totalSteps = plannedSteps(config, lengths.length);
  const order = { batchSize: config.batchSize, seed: config.seed, alike: !plan.pack };
  const partsOf = (step: number) => {
    const indices = batchIndices(lengths, order, step);
    return { indices, parts: chunks(indices, size) };
  };
  const ahead = Array.from({ length: Math.min(totalSteps, plannedAhead) }, (_, i) => partsOf(i + 1).parts).flat();
  const shapes = planShapes(ahead.map(demandOf), plan);
  return {
    stepsPerEpoch: Math.ceil(lengths.length / config.batchSize),
    totalSteps,
    batches(step) {
      const { indices, parts } = partsOf(step);
      const batches = parts.map((part) => collate(part, indices, fitShape(shapes, demandOf(part), plan)));
      return {
        batches: batches.map(({ batch }, i) => ({ ...batch, ...dropoutSeed(config, step, i) })),
        tokens: batches.reduce((sum, b) => sum + b.tokens, 0),
        ...(absent && { absent: absent(indices) }),
      };
    },
  };
}

/** All examples in batches of so many of a kind, each with its shape: for evaluation and for the reference. */
export function batchesOver(
  size: number,
  { plan }: Execution,
  { lengths, demandOf }: Pick<Batching, "lengths" | "demandOf">,
): { readonly part: readonly number[]; readonly shape: Shape }[] {
  const sorted = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  const parts = chunks(sorted, size);
  if (parts.length === 0) return [];
  const demands = parts.map(demandOf);
  const shapes = planShapes(demands, plan);
  return parts.map((part, i) => ({ part, shape: fitShape(shapes, demands[i] as Demand, plan) }));
}

/** Runs what was prepared: the loop, the saved model, the events around them. */
export async function* execute(run: PreparedRun, provider: Provider, signal?: AbortSignal): AsyncGenerator<RunEvent> {
  const { config, job, train, test } = run;
  const resumeFrom = findCheckpoint(config, job);
  const trainableParameters = parameterCount(job.parameters);
  yield {
    type: "start",
    provider: provider.name,
    providerReason: provider.reason,
    parameters: trainableParameters + parameterCount(job.frozen ?? {}),
    trainableParameters,
    totalSteps: job.totalSteps,
    firstStep: resumeFrom?.step ?? 0,
    train,
    test,
  };
  for (const message of run.notes ?? []) yield { type: "log", level: "info", message };
  const started = performance.now();
  const trained = yield* trainLoop(job, config, provider, resumeFrom, signal);
  const modelPath = join(config.output, "model");
  run.save(modelPath, trained.parameters, trained.evaluation);
  const { metrics, intervals } = trained.evaluation;
  const seconds = (performance.now() - started) / 1000;
  yield { type: "done", step: trained.step, modelPath, metrics, intervals, seconds };
}

/** A card goes to others, whom the machine's folders do not concern: their last parts stay. */
const folders = ["baseModel", "dataset", "reward", "judge"];

/** Saves what was trained, as `write` does it, with a card that tells its held-out figures and its settings. */
export function saveTuned(
  title: string,
  config: RunConfig,
  write: (folder: string, parameters: Parameters, card: string) => void,
): PreparedRun["save"] {
  return (folder, parameters, { metrics, intervals }) => {
    const rows = Object.entries(metrics).map(([name, value]) => {
      const interval = intervals[name]?.map((bound) => bound.toFixed(4)).join(" – ") ?? "";
      return `| ${name} | ${value.toFixed(4)} | ${interval} |`;
    });
    const { output: _output, ...settings } = config;
    const places = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        folders.includes(name) && typeof value === "string" ? basename(value) : value,
      ]),
    );
    const card = `# ${title}\n\n| held-out | value | 95 % interval |\n|---|---|---|\n${rows.join("\n")}\n\n\`\`\`json\n${JSON.stringify(places, null, 2)}\n\`\`\`\n`;
    write(folder, parameters, card);
  };
}

/** The numbers of a host array. */
export const numbers = (array: HostArray): number[] => Array.from(array.data);
