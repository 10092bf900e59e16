import type { GenerationEvent } from "@/db/schema/runs";
import type { AddedModel } from "@/trainer/contracts/addition";
import type { CompressionProgress, CompressionReport } from "@/trainer/contracts/compression";
import type { AnswersToScore, Sampling, SamplingInput, ScoredAnswer } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import type { Preflight } from "@/trainer/contracts/preflight";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import type { PairChunk } from "@/trainer/generation/pairs";
import type { CompressRequest } from "@/trainer/recipes/compress";

/** The computing child's exit code when the process that runs the GPU has ended. */
export const gpuLostExit = 75;

/** A registered model and the folder it lies in. */
export interface PlacedModel {
  readonly id: string;
  readonly folder: string;
  /** Of what it was trained from: there the base of an adapter lies, wherever it lay when it was trained. */
  readonly baseFolder?: string;
}

export interface Question {
  readonly id: string;
  readonly prompt: readonly Message[];
  readonly models: readonly PlacedModel[];
  readonly judge: PlacedModel | null;
  readonly sampling: Sampling;
}

/** Answers that models are asked about. */
export interface ScoringTask extends AnswersToScore {
  readonly models: readonly PlacedModel[];
  readonly judge: PlacedModel | null;
}

/** Pairs to be made. `from`: the first prompt that is not through yet. */
export interface PairTask {
  readonly prompts: readonly (readonly Message[])[];
  readonly models: readonly (PlacedModel & { readonly name: string })[];
  readonly perPrompt: number;
  readonly sampling: SamplingInput;
  readonly from: number;
}

/** A model to be made a delta of. */
export type CompressTask = CompressRequest;

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** From the worker to its computing child. Folders are absolute; `leaseUntil` is milliseconds since the epoch. */
export type ToCompute =
  | {
      readonly type: "train";
      readonly runId: string;
      readonly config: RunConfigInput;
      readonly cacheFolder: string;
      readonly leaseUntil: number;
    }
  | { readonly type: "renewed"; readonly runId: string; readonly leaseUntil: number }
  | { readonly type: "abort"; readonly runId: string }
  | { readonly type: "pause"; readonly runId: string }
  | { readonly type: "stored"; readonly runId: string }
  | { readonly type: "look"; readonly id: string; readonly config: RunConfigInput; readonly cacheFolder: string }
  | { readonly type: "ask"; readonly question: Question }
  | { readonly type: "hush"; readonly id: string }
  | { readonly type: "score"; readonly id: string; readonly task: ScoringTask }
  | {
      readonly type: "add";
      readonly id: string;
      readonly from: string;
      /** Of a .bin of llama2.c. */
      readonly tokenizer: string | null;
      readonly folder: string;
    }
  | { readonly type: "makePairs"; readonly id: string; readonly task: PairTask }
  | { readonly type: "compress"; readonly id: string; readonly task: CompressTask };

/** And back. `wait`: the child goes on when the event is stored, so that no checkpoint is ahead of the events before it. */
export type FromCompute =
  | { readonly type: "ready" }
  | { readonly type: "runEvent"; readonly runId: string; readonly event: RunEvent; readonly wait: boolean }
  | { readonly type: "runEnded"; readonly runId: string; readonly failure: Failure | null }
  | {
      readonly type: "looked";
      readonly id: string;
      readonly result: Preflight | null;
      readonly failure: Failure | null;
    }
  | {
      readonly type: "scored";
      readonly id: string;
      readonly result: ScoredAnswer[] | null;
      readonly failure: Failure | null;
    }
  | {
      readonly type: "added";
      readonly id: string;
      readonly result: AddedModel | null;
      readonly failure: Failure | null;
    }
  | { readonly type: "pairsMade"; readonly id: string; readonly chunk: PairChunk }
  | { readonly type: "pairsEnded"; readonly id: string; readonly failure: Failure | null }
  | { readonly type: "compressing"; readonly id: string; readonly progress: CompressionProgress }
  | {
      readonly type: "compressed";
      readonly id: string;
      readonly report: CompressionReport | null;
      readonly failure: Failure | null;
    }
  | { readonly type: "answerEvent"; readonly id: string; readonly event: GenerationEvent }
  | { readonly type: "answerEnded"; readonly id: string; readonly failure: Failure | null };
