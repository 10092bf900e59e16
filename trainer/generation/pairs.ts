import type { GenerateRequest, SamplingInput } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { derivedSeed } from "../data/random";
import type { Completion } from "./generate";

/** A model by the name that its answers carry. */
export interface NamedModel {
  readonly name: string;
  complete(requests: readonly GenerateRequest[]): Promise<Completion[]>;
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
}

/** One answer to be made. */
interface Part {
  readonly model: NamedModel;
  readonly seed: number;
}

/** Prompts that are answered together. */
const promptsAtOnce = 64;

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
 * Pairs of answers for people to compare. What comes depends on prompts, models and seed alone. Pairs whose answers are
 * equal are left out: nobody could choose.
 */
export async function* generatePairs(
  models: readonly NamedModel[],
  prompts: readonly (string | readonly Message[])[],
  { perPrompt, sampling }: PairOptions,
): AsyncGenerator<GeneratedPair> {
  for (let from = 0; from < prompts.length; from += promptsAtOnce) {
    const pairs = prompts.slice(from, from + promptsAtOnce).flatMap((prompt, i) =>
      Array.from({ length: perPrompt }, (_, pair) => ({
        id: `${from + i}-${pair}`,
        prompt,
        parts: partsOf(models, from + i, pair, sampling.seed ?? 0),
      })),
    );
    const texts = new Map<Part, string>();
    for (const model of models) {
      const own = pairs.flatMap(({ prompt, parts }) =>
        parts.filter((part) => part.model === model).map((part) => ({ prompt, part })),
      );
      const completions = await model.complete(
        own.map(({ prompt, part }) => ({ prompt: asMessages(prompt), sampling: { ...sampling, seed: part.seed } })),
      );
      own.forEach(({ part }, i) => {
        texts.set(part, (completions[i] as Completion).text);
      });
    }
    for (const { id, prompt, parts } of pairs) {
      const [response_a, response_b] = parts.map((part) => texts.get(part) as string) as [string, string];
      if (response_a === response_b) continue;
      yield { id, prompt, response_a, response_b, model_a: parts[0].model.name, model_b: parts[1].model.name };
    }
  }
}

const asMessages = (prompt: string | readonly Message[]): Message[] =>
  typeof prompt === "string" ? [{ role: "user", content: prompt }] : [...prompt];
