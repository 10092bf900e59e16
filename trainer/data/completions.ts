import type { CompletionExample } from "../contracts/example";
import { derivedSeed, Random } from "./random";
import type { TokenSequence } from "./sequences";
import { encodeCompletion, encodePrompt, type TextCodec } from "./text";

/** A single answer as token ids. */
export interface TokenCompletion extends TokenSequence {
  readonly promptId: string;
  readonly promptText: CompletionExample["prompt"];
  readonly label: boolean;
}

/** Tokenises; completions are cut at `maxLength`, those whose prompt alone fills it are dropped and counted. */
export function tokeniseCompletions(examples: readonly CompletionExample[], codec: TextCodec, maxLength: number) {
  const dropped: Record<string, number> = {};
  const completions = examples.flatMap((example): TokenCompletion[] => {
    const prompt = encodePrompt(codec, example.prompt);
    const reason = prompt.length >= maxLength ? "prompt_too_long" : prompt.length === 0 ? "empty_prompt" : null;
    if (reason) {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      return [];
    }
    const completion = encodeCompletion(codec, example.prompt, example.completion).slice(0, maxLength - prompt.length);
    const { promptId, label } = example;
    return [{ promptId, promptText: example.prompt, prompt, completion, label }];
  });
  return { completions, dropped };
}

export const completionLength = ({ prompt, completion }: TokenSequence): number => prompt.length + completion.length;

/**
 * For KTO's reference point: each prompt with an answer to another one. TRL rolls the completions of a batch by one; here a
 * seeded order of the whole split is rolled, to the next answer with another prompt, so that the partner does not depend
 * on the batch and its log-probability under the reference is computed once.
 */
export function mismatched(completions: readonly TokenCompletion[], maxLength: number, seed: number): TokenSequence[] {
  const order = new Random(derivedSeed(seed, 6)).shuffled(completions.map((_, i) => i));
  const partners: TokenSequence[] = new Array(completions.length);
  order.forEach((i, place) => {
    const own = completions[i] as TokenCompletion;
    const at = (step: number) => completions[order[(place + step) % order.length] as number] as TokenCompletion;
    let step = 1;
    while (step < order.length && at(step).promptId === own.promptId) step += 1;
    const other = at(step < order.length ? step : 1);
    partners[i] = { prompt: own.prompt, completion: other.completion.slice(0, maxLength - own.prompt.length) };
  });
  return partners;
}
