import { join } from "node:path";
import { pauseReason, TrainerError, type TrainerErrorCode } from "../contracts/error";
import type { OptimizerConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { fingerprint } from "../io/fingerprint";
import type { Parameters } from "../io/safetensors";
import { learningRate } from "../optim/schedule";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import { type Checkpoint, loadNewestCheckpoint, saveCheckpoint } from "./checkpoint";
import { looksLeft, Pace } from "./pace";
import { copy, startStepping } from "./startStepping";
import type { HostBatch, State } from "./stepper";
import type { Objective } from "./trainStep";
import { divergence, noLosses, withLoss } from "./watch";

export interface Evaluation {
  readonly metrics: Record<string, number>;
  readonly intervals: Record<string, [number, number]>;
  readonly pairs: number;
  readonly prompts: number;
}

/** The batches of one optimizer step. */
interface StepBatches {
  readonly batches: readonly HostBatch[];
  readonly tokens: number;
  /** What making them told; reported with the step. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Metrics of the objective that this step has nothing for. */
  readonly absent?: readonly string[];
  readonly carry?: Carry;
}

/** What a job hands from step to step, such as answers that several steps train on: JSON, and part of a checkpoint. */
export type Carry = object | null;

/** Where a run is before a step. */
interface Now {
  /** May lie in a device's memory: the provider reads them. */
  readonly parameters: Parameters;
  readonly carry: Carry;
}

/** What a recipe gives the loop. */
export interface Job {
  /** Those that are trained: what a state, a checkpoint and the result hold. */
  readonly parameters: Parameters;
  /** Those that the objective reads beside them and nothing changes. */
  readonly frozen?: Parameters;
  /** How many times the learning rate a parameter's own is, by name; 1 where nothing is said. */
  readonly rates?: Readonly<Record<string, number>>;
  readonly objective: Objective;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** So many steps train on what was sampled before the first of them; without it batches are data. */
  readonly stepsPerRollout?: number;
  /** The batches of step 1 … totalSteps, which together are one optimizer step; they depend on nothing but the step and `now`. */
  batches(step: number, now: Now): StepBatches | Promise<StepBatches>;
  /** Of trained and frozen parameters together. */
  evaluate(parameters: Parameters): Promise<Evaluation>;
  /** Samples for a person to read, taken at each evaluation; of all parameters too. */
  sample(parameters: Parameters, step: number): AsyncGenerator<RunEvent>;
}

export interface LoopConfig {
  readonly output: string;
  readonly optimizer: OptimizerConfig;
  readonly evalEvery: number;
  readonly checkpointEvery: number;
  readonly keepCheckpoints: number;
  readonly keep: "best" | "last";
  readonly patience?: number | undefined;
  /** Without it a growing loss ends nothing. */
  readonly divergenceFactor?: number | undefined;
}

export interface Trained {
  /** The trained ones. */
  readonly parameters: Parameters;
  readonly evaluation: Evaluation;
  /** The last step taken. */
  readonly step: number;
}

/** Lets timers, messages and other work of this process in between two steps. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The held-out figure that decides which weights are best. */
const judgedBy = "eval_loss";

/**
 * Runs a job to its end, from the newest checkpoint when there is one: the same steps on the same bits as if it had never
 * stopped. Yields events. Stops with a reason when the loss or the gradient is not finite or the loss has grown out of
 * hand, between two steps when `signal` aborts (for `pauseReason` with a checkpoint), and early when the held-out loss has not fallen for long.
 */
export async function* trainLoop(
  job: Job,
  config: LoopConfig,
  provider: Provider,
  resumeFrom: Checkpoint | null,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, Trained> {
  const checkpoints = join(config.output, "checkpoints");
  const identity = identityOf(config, job);
  const cache = new SessionCache(provider);
  const withFrozen = (trained: Parameters): Parameters => ({ ...job.frozen, ...trained });
  const {
    stepper,
    state: first,
    close,
  } = startStepping(cache, job, config.optimizer, {
    folder: config.output,
    from: resumeFrom,
  });
  let state: State = first;
  let best = resumeFrom?.best ?? null;
  let losses = resumeFrom?.losses ?? noLosses;
  let carry: Carry = resumeFrom?.carry ?? null;
  let evaluation: Evaluation | null = null;
  const firstStep = resumeFrom?.step ?? 0;
  let step = firstStep;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const pace = new Pace(seconds, () => provider.stats().compileSeconds ?? 0);

  async function* evaluateNow(): AsyncGenerator<RunEvent, Evaluation> {
    const result = await job.evaluate(withFrozen(state.p));
    yield { type: "eval", step, ...result };
    const value = result.metrics[judgedBy];
    // The model it started from is no result of training.
    if (step > 0 && value !== undefined && value < (best?.value ?? Number.POSITIVE_INFINITY)) {
      best = { value, step, p: copy(await provider.read(state.p), best?.p) };
    }
    yield* job.sample(withFrozen(state.p), step);
    pace.look();
    return result;
  }

  async function* saveNow(): AsyncGenerator<RunEvent> {
    try {
      const now = await provider.read(state);
      const path = saveCheckpoint(checkpoints, identity, { step, ...now, best, losses, carry }, config.keepCheckpoints);
      yield { type: "checkpoint", step, path };
    } catch (error) {
      // The one before it is still there; there may be room next time.
      if (!(error instanceof TrainerError) || error.code !== "disk_full") throw error;
      yield { type: "log", level: "warn", message: `No checkpoint at step ${step}. ${error.message}` };
    }
  }

  /** Says why in an event, then ends the run. */
  async function* stop(reason: TrainerErrorCode & StopReason, message: string): AsyncGenerator<RunEvent, never> {
    yield { type: "stopped", step, reason, message };
    throw new TrainerError(reason, message, { step });
  }

  /** Ends between two steps because somebody wants it; a pause leaves a checkpoint of this very step. */
  async function* leave(paused: boolean): AsyncGenerator<RunEvent, never> {
    if (!paused) throw new TrainerError("cancelled", `Cancelled after step ${step}.`);
    const message = `Paused after step ${step}.`;
    yield { type: "stopped", step, reason: "paused", message };
    yield* saveNow();
    throw new TrainerError("paused", message, { step });
  }

  const outOfPatience = () =>
    config.patience !== undefined && best !== null && step - best.step >= config.patience * config.evalEvery;

  try {
    if (firstStep === 0) evaluation = yield* evaluateNow();
    while (step < job.totalSteps && !outOfPatience()) {
      if (signal?.aborted) yield* leave(signal.reason === pauseReason);
      step += 1;
      const stepStarted = performance.now();
      const { batches, tokens, ...made } = await job.batches(step, { parameters: withFrozen(state.p), carry });
      carry = made.carry ?? null;
      const rate = learningRate(config.optimizer, step, job.totalSteps);
      const { state: next, metrics } = await stepper.step(state, batches, { step, rate });
      const { loss = Number.NaN, grad_norm = Number.NaN } = metrics;
      const advice = `Lower the learning rate (${rate.toPrecision(2)} here) and start again.`;
      if (!Number.isFinite(loss) || !Number.isFinite(grad_norm)) {
        const what = Number.isFinite(loss) ? `gradient became ${grad_norm}` : `loss became ${loss}`;
        yield* stop("not_finite", `The ${what} at step ${step}. ${advice}`);
      }
      losses = withLoss(losses, loss);
      const { diverged, before, now } = divergence(losses, config.divergenceFactor ?? Number.POSITIVE_INFINITY);
      if (diverged) {
        const rise = `from ${before.toPrecision(3)} in its first steps to ${now.toPrecision(3)}`;
        yield* stop("diverged", `The loss rose ${rise} by step ${step}: the run has diverged. ${advice}`);
      }
      state = next;
      pace.step();
      yield {
        type: "step",
        step,
        totalSteps: job.totalSteps,
        epoch: step / job.stepsPerEpoch,
        metrics: { ...made.metrics, ...without(metrics, made.absent ?? []), learning_rate: rate },
        tokensPerSecond: (tokens / (performance.now() - stepStarted)) * 1000,
        elapsedSeconds: seconds(),
        etaSeconds: pace.remaining(job.totalSteps - step, looksLeft(step - 1, job.totalSteps, config.evalEvery)),
        residentBytes: process.memoryUsage.rss(),
      };
      if (step % config.evalEvery === 0 || step === job.totalSteps) evaluation = yield* evaluateNow();
      if (step % config.checkpointEvery === 0 || step === job.totalSteps) yield* saveNow();
      await breathe();
    }
    if (step < job.totalSteps && best) {
      const message = `The held-out loss has not fallen since step ${best.step}, so the run ended at step ${step}.`;
      yield { type: "stopped", step, reason: "early_stop", message };
    }
  } finally {
    close();
    await cache.dispose();
  }
  const kept = config.keep === "best" && best && best.step !== step ? best.p : state.p;
  if (kept !== state.p)
    yield {
      type: "log",
      level: "info",
      message: `The weights of step ${best?.step} are kept: their held-out loss was the lowest.`,
    };
  return {
    parameters: await provider.read(kept),
    evaluation: kept === state.p && evaluation ? evaluation : await job.evaluate(withFrozen(kept)),
    step,
  };
}

type StopReason = Extract<RunEvent, { type: "stopped" }>["reason"];

/** What a checkpoint belongs to: a configuration and the frozen weights, which the checkpoint itself leaves out. */
const identityOf = (config: LoopConfig, { frozen }: Pick<Job, "frozen">): string =>
  JSON.stringify(config) + (frozen ? fingerprint(frozen) : "");

/** The checkpoint that a run with this configuration on these frozen weights goes on from. */
export const findCheckpoint = (config: LoopConfig, job: Pick<Job, "frozen">): Checkpoint | null =>
  loadNewestCheckpoint(
    join(config.output, "checkpoints"),
    identityOf(config, job),
    config.optimizer.algorithm === "paged_adamw",
  );

const without = (metrics: Readonly<Record<string, number>>, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => !names.includes(name)));
