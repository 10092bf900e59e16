import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import type { OptimizerConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import type { Parameters } from "../io/safetensors";
import { learningRate } from "../optim/schedule";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import { type HostArray, scalar, zeros } from "../runtime/tree";
import { type Checkpoint, loadNewestCheckpoint, saveCheckpoint } from "./checkpoint";
import { type Objective, trainStep } from "./trainStep";

export type HostBatch = Readonly<Record<string, HostArray>>;

export interface Evaluation {
  readonly metrics: Record<string, number>;
  readonly intervals: Record<string, [number, number]>;
  readonly pairs: number;
  readonly prompts: number;
}

/** What a recipe gives the loop. */
export interface Job {
  readonly parameters: Parameters;
  readonly objective: Objective;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** The batch of step 1 … totalSteps; depends on nothing but the step. */
  batch(step: number): { readonly batch: HostBatch; readonly tokens: number };
  evaluate(parameters: Parameters): Promise<Evaluation>;
  /** Samples for a person to read, taken at each evaluation. */
  sample(parameters: Parameters, step: number): AsyncGenerator<RunEvent>;
  /** Name of the held-out metric whose lowest value decides which parameters are kept; without it the last are. */
  readonly keepLowest?: string;
}

export interface LoopConfig {
  readonly output: string;
  readonly optimizer: OptimizerConfig;
  readonly evalEvery: number;
  readonly checkpointEvery: number;
}

export interface Trained {
  readonly parameters: Parameters;
  readonly evaluation: Evaluation;
  readonly step: number;
}

const blank = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, zeros(shape)]));

/** Lets timers, messages and other work of this process in between two steps. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Runs a job to its end, from the newest checkpoint when there is one: the same steps on the same bits as if it had never
 * stopped. Yields events; stops with a reason when the loss or the gradient is not finite, and between two steps when
 * `signal` aborts.
 */
export async function* trainLoop(
  job: Job,
  config: LoopConfig,
  provider: Provider,
  resumeFrom: Checkpoint | null,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, Trained> {
  const checkpoints = join(config.output, "checkpoints");
  const identity = JSON.stringify(config);
  const cache = new SessionCache(provider);
  const program = trainStep(job.objective, config.optimizer);
  let { p, m, v } = resumeFrom ?? { p: job.parameters, m: blank(job.parameters), v: blank(job.parameters) };
  let best = resumeFrom?.best ?? null;
  let previous: StepResult | null = null;
  let spare: StepResult | null = null;
  let evaluation: Evaluation | null = null;
  const firstStep = resumeFrom?.step ?? 0;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;

  async function* evaluateAt(step: number): AsyncGenerator<RunEvent, Evaluation> {
    const result = await job.evaluate(p);
    yield { type: "eval", step, ...result };
    const value = job.keepLowest === undefined ? undefined : result.metrics[job.keepLowest];
    if (value !== undefined && value < (best?.value ?? Number.POSITIVE_INFINITY)) best = { value, step, p: copy(p) };
    yield* job.sample(p, step);
    return result;
  }

  try {
    if (firstStep === 0) evaluation = yield* evaluateAt(0);
    for (let step = firstStep + 1; step <= job.totalSteps; step++) {
      if (signal?.aborted) throw new TrainerError("cancelled", `Cancelled after step ${step - 1}.`);
      const stepStarted = performance.now();
      const { batch, tokens } = job.batch(step);
      const rate = learningRate(config.optimizer, step, job.totalSteps);
      const control = {
        rate: scalar(rate),
        correction1: scalar(1 / (1 - config.optimizer.beta1 ** step)),
        correction2: scalar(1 / (1 - config.optimizer.beta2 ** step)),
      };
      const inputs = [{ p, m, v }, batch, control] as const;
      const compiled = await cache.get("train", program, inputs as never);
      // The state before last is free: its arrays take the next results, and a step allocates nothing.
      const out = (await compiled.run(inputs as never, (spare ?? undefined) as never)) as unknown as StepResult;
      const metrics = Object.fromEntries(
        Object.entries(out.metrics).map(([name, { data }]) => [name, data[0] as number]),
      );
      if (!Number.isFinite(metrics.loss) || !Number.isFinite(metrics.grad_norm)) {
        throw new TrainerError(
          "not_finite",
          `The loss became ${metrics.loss} at step ${step}. Lower the learning rate (${rate.toPrecision(2)} here) and start again.`,
          { step },
        );
      }
      spare = previous;
      previous = out;
      ({ p, m, v } = out.state);
      yield {
        type: "step",
        step,
        totalSteps: job.totalSteps,
        epoch: step / job.stepsPerEpoch,
        metrics: { ...metrics, learning_rate: rate },
        tokensPerSecond: (tokens / (performance.now() - stepStarted)) * 1000,
        elapsedSeconds: seconds(),
        etaSeconds: (seconds() / (step - firstStep)) * (job.totalSteps - step),
        residentBytes: process.memoryUsage.rss(),
      };
      if (step % config.evalEvery === 0 || step === job.totalSteps) evaluation = yield* evaluateAt(step);
      if (step % config.checkpointEvery === 0 || step === job.totalSteps) {
        yield { type: "checkpoint", step, path: saveCheckpoint(checkpoints, identity, { step, p, m, v, best }) };
      }
      await breathe();
    }
  } finally {
    await cache.dispose();
  }
  const kept = job.keepLowest !== undefined && best ? best.p : p;
  return {
    parameters: kept,
    evaluation: kept === p && evaluation ? evaluation : await job.evaluate(kept),
    step: job.totalSteps,
  };
}

/** The checkpoint a run with this configuration goes on from. */
export const findCheckpoint = (config: LoopConfig): Checkpoint | null =>
  loadNewestCheckpoint(join(config.output, "checkpoints"), JSON.stringify(config));

interface StepResult {
  readonly state: { readonly p: Parameters; readonly m: Parameters; readonly v: Parameters };
  readonly metrics: Record<string, HostArray>;
}

const copy = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, a]) => [name, { ...a, data: a.data.slice() }]));
