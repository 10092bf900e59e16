import type { OnlineConfig } from "../../contracts/runConfig";
import type { TokenSequence } from "../../data/sequences";
import type { Parameters } from "../../io/safetensors";
import type { HostBatch } from "../../loop/stepper";
import type { Objective } from "../../loop/trainStep";
import type { TensorParameters } from "../../models/tensors";
import { penalisedScore } from "../../objectives/advantages";
import type { Answer, AnswerBatching } from "./rollout";

/** An answer with what reward, policy, reference and value model said of it; of tokens one number each. */
export interface ScoredAnswer extends Answer {
  readonly score: number;
  /** Under the policy that gave it and under the reference, at the temperature. */
  readonly logps: readonly number[];
  readonly reference: readonly number[];
  readonly entropy: readonly number[];
  /** By the method's estimator. */
  readonly kl: readonly number[];
  /** Empty without a value model. */
  readonly values: readonly number[];
}

/** What training on an answer needs. Plain numbers: a rollout is part of a checkpoint. */
export interface Experience extends TokenSequence {
  readonly logps: readonly number[];
  readonly reference: readonly number[];
  /** One for each token. */
  readonly advantages: readonly number[];
  readonly values: readonly number[];
  readonly returns: readonly number[];
}

/** What a method makes of a rollout. */
export interface Lesson {
  readonly experience: readonly Experience[];
  readonly klCoefficient: number;
  readonly metrics: Record<string, number>;
}

/** What tells PPO, GRPO and RLOO apart. */
export interface Method {
  readonly title: string;
  readonly answersPerPrompt: number;
  readonly klEstimator: "k1" | "k2" | "k3";
  /** Before the first rollout; what a nat of KL costs in the held-out goal too. */
  readonly klCoefficient: number;
  /** Parameters that are trained beside the policy's, under names of their own. */
  readonly extra: Parameters;
  /** The value model's parameters among those that are trained; null without one. */
  valuesOf(parameters: TensorParameters): TensorParameters | null;
  readonly objective: Objective;
  learn(answers: readonly ScoredAnswer[], klCoefficient: number): Lesson;
  /** A part of the answers of a step. */
  collate(part: readonly Experience[], step: readonly Experience[], batching: AnswerBatching): HostBatch;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** A rollout's scores as training sees them. */
export const trainingScores = (answers: readonly ScoredAnswer[], { missingEosPenalty }: OnlineConfig): number[] =>
  answers.map(({ score, ended }) => penalisedScore(score, ended, missingEosPenalty));

/** What every method reports of a rollout, under TRL's names. */
export const commonMetrics = (answers: readonly ScoredAnswer[]): Record<string, number> => ({
  "objective/kl": mean(answers.map(({ kl }) => sum(kl))),
  "completions/mean_length": mean(answers.map(({ completion }) => completion.length)),
  "completions/clipped_ratio": mean(answers.map(({ ended }) => (ended ? 0 : 1))),
});

export const tokensIn = (answers: readonly TokenSequence[]): number => sum(answers.map((a) => a.completion.length));
