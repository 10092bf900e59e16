import type { Message } from "../../contracts/message";
import type { OnlineConfig } from "../../contracts/runConfig";
import { derivedSeed, Random } from "../../data/random";
import { collateSequences, demandOf, documentsOf, filled, type TokenSequence } from "../../data/sequences";
import { fitShape, type Shape } from "../../data/shapes";
import { type Completion, completeOnce } from "../../generation/generate";
import type { ModelFolder } from "../../io/modelFolder";
import type { Parameters } from "../../io/safetensors";
import type { HostBatch } from "../../loop/stepper";
import type { Provider } from "../../runtime/program";
import { float32 } from "../../runtime/tree";
import type { Execution } from "../execution";

/** A prompt to answer. */
export interface PromptExample {
  readonly promptId: string;
  readonly promptText: readonly Message[];
  readonly prompt: readonly number[];
}

/** An answer that a policy gave. */
export interface Answer extends TokenSequence {
  readonly text: string;
  /** It ends with its end-of-text token. */
  readonly ended: boolean;
}

/** One answer for each prompt and seed, sampled as the policy is: no filter may keep tokens from it, or its KL is not one. */
export async function sampleAnswers(
  policy: { readonly model: ModelFolder; readonly parameters: Parameters; readonly provider: Provider },
  config: Pick<OnlineConfig, "temperature" | "maxNewTokens">,
  prompts: readonly PromptExample[],
  seeds: readonly number[],
): Promise<Answer[]> {
  const completions = await completeOnce(
    policy.model,
    policy.parameters,
    policy.provider,
    prompts.map(({ promptText }, i) => ({
      prompt: [...promptText],
      sampling: { maxTokens: config.maxNewTokens, temperature: config.temperature, seed: seeds[i] as number },
    })),
  );
  return completions.map((completion: Completion, i) => ({
    prompt: (prompts[i] as PromptExample).prompt,
    completion: completion.ids,
    text: completion.text,
    ended: completion.reason === "stop",
  }));
}

/** The prompts of a rollout, 0, 1, …: one shuffle of all after the other, cut into rollouts. */
export function rolloutPrompts(examples: number, perRollout: number, seed: number, rollout: number): number[] {
  const shuffles = new Map<number, number[]>();
  const at = (place: number): number => {
    const epoch = Math.floor(place / examples);
    const order =
      shuffles.get(epoch) ??
      new Random(derivedSeed(seed, 21, epoch)).shuffled(Array.from({ length: examples }, (_, i) => i));
    shuffles.set(epoch, order);
    return order[place % examples] as number;
  };
  return Array.from({ length: perRollout }, (_, i) => at(rollout * perRollout + i));
}

/** The seeds of a rollout's answers, `each` to a prompt. */
export const rolloutSeeds = (prompts: number, each: number, seed: number, rollout: number): number[] =>
  Array.from({ length: prompts * each }, (_, i) => derivedSeed(seed, 22, rollout, i));

/** The answers of a step of a rollout: each epoch over them in an order of its own. */
export function stepAnswers(
  answers: number,
  batchSize: number,
  seed: number,
  { rollout, step }: { readonly rollout: number; readonly step: number },
): number[] {
  const perEpoch = Math.ceil(answers / batchSize);
  const order = new Random(derivedSeed(seed, 23, rollout, Math.floor(step / perEpoch))).shuffled(
    Array.from({ length: answers }, (_, i) => i),
  );
  const from = (step % perEpoch) * batchSize;
  return order.slice(from, from + batchSize);
}

/** Shares of the largest batch that there are shapes for. */
const ladder = [1 / 4, 1 / 2, 3 / 4, 1];

/** Shapes for `size` answers to prompts of at most so many tokens: nothing is known of the answers but how long they may be. */
export function answerShapes(size: number, longestPrompt: number, maxNewTokens: number): Shape[] {
  const up = (n: number) => 16 * Math.ceil(n / 16);
  const length = up(longestPrompt + maxNewTokens);
  return ladder.map((share) => ({
    rows: Math.max(1, Math.ceil(size * share)),
    length,
    scored: up(size * maxNewTokens * share),
    promptScored: 0,
  }));
}

/** How a run's answers become batches. */
export interface AnswerBatching {
  readonly size: number;
  readonly shapes: readonly Shape[];
  readonly execution: Execution;
}

/** Answers as a batch of `size`, laid out by `collateSequences`, with what `perToken` says of each answer's tokens [C]. */
export function collateAnswers<A extends TokenSequence>(
  answers: readonly A[],
  { size, shapes, execution }: AnswerBatching,
  perToken: Readonly<Record<string, (answer: A) => readonly number[]>> = {},
): HostBatch {
  const rows = filled(answers, size);
  const { layout, plan } = execution;
  const demand = demandOf(documentsOf(rows, layout), 0);
  const batch = collateSequences(rows, { layout, shape: fitShape(shapes, demand, plan) });
  const places = batch.rows?.shape[0] as number;
  const laid = (of: (answer: A) => readonly number[]) => {
    const all = new Float32Array(places);
    all.set(rows.flatMap((answer, i) => (i < answers.length ? of(answer) : answer.completion.map(() => 0))));
    return float32(all, [places]);
  };
  return { ...batch, ...Object.fromEntries(Object.entries(perToken).map(([name, of]) => [name, laid(of)])) };
}

/** What programs said of a batch's places [C], cut into the answers that they belong to. */
export function perAnswer(answers: readonly TokenSequence[], places: readonly number[]): number[][] {
  let at = 0;
  return answers.map(({ completion }) => {
    at += completion.length;
    return places.slice(at - completion.length, at);
  });
}
