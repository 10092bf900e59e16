import type { GenerateRequest, SamplingInput } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { derivedSeed } from "../data/random";
import type { BatchOptions, Completion } from "./generate";

/** A model by the name that its answers carry. */
export interface NamedModel {
  readonly name: string;
  complete(requests: readonly GenerateRequest[], options?: BatchOptions): Promise<Completion[]>;
}

/** Two answers to one prompt, in the columns that the import page knows. */
export interface GeneratedPair {
  readonly id: string;
  readonly prompt: string | readonly Message[];
  readonly response_a: string;
  readonly response_b: string;
  readonly model_a: string;
  readonly model_b: string;
}

export interface PairOptions {
  /** Pairs for each prompt. */
  readonly perPrompt: number;
  readonly sampling: SamplingInput;
  /** The first prompt to answer: those before it are through. Its pairs are the same as when all were answered. */
  readonly from?: number;
  /** Stops with the error `cancelled`. */
  readonly signal?: AbortSignal;
}

/** All pairs of the prompts up to `to`, which is not among them, from where the chunk before ended. */
export interface PairChunk {
  readonly to: number;
  readonly pairs: readonly GeneratedPair[];
  /** Pairs that were left out. */
  readonly leftOut: number;
}

/** One answer to be made. */
interface Part {
  readonly model: NamedModel;
  readonly seed: number;
}

/** About so many answers of one model are made together: a batch is filled, and word comes every few seconds. */
const answersAtOnce = 32;

/** Every two of the models, or the one model with itself. */
function matchesOf(models: readonly NamedModel[]): [NamedModel, NamedModel][] {
  const [only] = models;
  if (models.length === 1 && only) return [[only, only]];
  return models.flatMap((a, i) => models.slice(i + 1).map((b): [NamedModel, NamedModel] => [a, b]));
}

/** Who answers prompt `at` for its pair `pair`, left then right: all matches in turn, the side by a coin of the seed. */
function partsOf(models: readonly NamedModel[], at: number, pair: number, seed: number): [Part, Part] {
  const matches = matchesOf(models);
  const [a, b] = matches[(at + pair) % matches.length] as [NamedModel, NamedModel];
  const part = (model: NamedModel, side: number) => ({ model, seed: derivedSeed(seed, 9, at, pair, side) });
  const parts: [Part, Part] = [part(a, 0), part(b, 1)];
  return derivedSeed(seed, 10, at, pair) % 2 === 0 ? parts : [parts[1], parts[0]];
}

/**
 * Pairs of answers for people to compare, some prompts at a time. What comes depends on prompts, models and seed alone.
 * Pairs with equal answers or an empty one are left out: nobody could choose.
 */
export async function* pairChunks(
  models: readonly NamedModel[],
  prompts: readonly (string | readonly Message[])[],
  { perPrompt, sampling, from: first = 0, signal }: PairOptions,
): AsyncGenerator<PairChunk> {
  const promptsAtOnce = Math.max(1, Math.floor(answersAtOnce / perPrompt));
  for (let from = first; from < prompts.length; from += promptsAtOnce) {
    const to = Math.min(from + promptsAtOnce, prompts.length);
    const planned = prompts.slice(from, to).flatMap((prompt, i) =>
      Array.from({ length: perPrompt }, (_, pair) => ({
        id: `${from + i}-${pair}`,
        prompt,
        parts: partsOf(models, from + i, pair, sampling.seed ?? 0),
      })),
    );
    const texts = new Map<Part, string>();
    for (const model of models) {
      const own = planned.flatMap(({ prompt, parts }) =>
        parts.filter((part) => part.model === model).map((part) => ({ prompt, part })),
      );
      const completions = await model.complete(
        own.map(({ prompt, part }) => ({ prompt: asMessages(prompt), sampling: { ...sampling, seed: part.seed } })),
        { signal },
      );
      own.forEach(({ part }, i) => {
        texts.set(part, (completions[i] as Completion).text);
      });
    }
    const pairs = planned.flatMap(({ id, prompt, parts }): GeneratedPair[] => {
      const [response_a, response_b] = parts.map((part) => texts.get(part) as string) as [string, string];
      const [a, b] = [response_a.trim(), response_b.trim()];
      if (a === b || a === "" || b === "") return [];
      return [{ id, prompt, response_a, response_b, model_a: parts[0].model.name, model_b: parts[1].model.name }];
    });
    yield { to, pairs, leftOut: planned.length - pairs.length };
  }
}

/** As `pairChunks`, one by one. */
export async function* generatePairs(
  models: readonly NamedModel[],
  prompts: readonly (string | readonly Message[])[],
  options: PairOptions,
): AsyncGenerator<GeneratedPair> {
  for await (const { pairs } of pairChunks(models, prompts, options)) yield* pairs;
}

const asMessages = (prompt: string | readonly Message[]): Message[] =>
  typeof prompt === "string" ? [{ role: "user", content: prompt }] : [...prompt];
