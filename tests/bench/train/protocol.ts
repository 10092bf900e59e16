/** `frozen`: DPO in which only the gains of the norms are trained, so that no matrix has a gradient, as with LoRA. */
export type Task = "dpo" | "frozen" | "reward" | "sft";

/** Names of what a frozen run trains; both sides go by it. */
export const trainedWhenFrozen = "norm";

export interface BenchPair {
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** First line to a side. */
export interface BenchSetup {
  readonly task: Task;
  /** Folder with config.json and model.safetensors, of the reward model where the task is one. */
  readonly folder: string;
  readonly threads: number;
  readonly learningRate: number;
  readonly beta: number;
  readonly batches: readonly (readonly BenchPair[])[];
  /** Fields of `execution` in a run's configuration; the peer has none of them. */
  readonly execution: Readonly<Record<string, unknown>>;
}

/** Answer to the setup. */
export interface BenchReady {
  readonly versions: string;
  /** Tokens it computes in all batches, padding included. */
  readonly places: number;
}

/** Answer to `{ batch }`: one optimizer step on that batch. */
export interface BenchStep {
  readonly seconds: number;
  /** Processor time of all threads, waiting ones that spin included: on a busy machine it says more than the clock. */
  readonly cpuSeconds: number;
  readonly loss: number;
  /** The most memory that the process has held so far. */
  readonly peakBytes: number;
}
