import type { RunConfig } from "./runConfig";
import type { RunEvent } from "./runEvent";

type RunSplitCount = Extract<RunEvent, { type: "start" }>["train"];

/** What a run would do, found out without training: two steps are taken on a copy and thrown away. */
export interface Preflight {
  readonly kind: RunConfig["kind"];
  readonly provider: string;
  readonly providerReason: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly totalSteps: number;
  readonly train: RunSplitCount;
  readonly test: RunSplitCount;
  readonly tokensPerEpoch: number;
  /** Weights; of the trained ones both moments and the copies that the loop turns over: what is known before anything runs. */
  readonly stateBytes: number;
  /** Resident memory of this process after a step on the longest of the batches looked at. */
  readonly residentBytes: number;
  /** All steps at the measured speed; evaluations, samples and checkpoints come on top. */
  readonly stepSeconds: number;
}
