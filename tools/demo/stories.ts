import { Random } from "@/trainer/data/random";
import type { LoadedModel } from "@/trainer/generation/loadedModel";

/** A beginning and two ways a model goes on with it. */
export interface StoryPair {
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
}

/** Sampling of everything in the demo: a little under 1, where a small model still keeps to its subject. */
const storySampling = { temperature: 0.9, maxTokens: 56 } as const;

const say = (content: string) => [{ role: "user" as const, content }];
const sentenceEnd = /[.!?]["”]?(?=\s|$)/g;

/** A text up to the end of its last whole sentence, or null when it holds none. */
export function wholeSentences(text: string): string | null {
  const ends = [...text.matchAll(sentenceEnd)].map((m) => m.index + m[0].length);
  return ends.length > 0 ? text.slice(0, ends.at(-1)) : null;
}

/** The first one or two sentences: the fewest that make 40 characters, or null when those are longer than 180. */
export function beginningOf(text: string): string | null {
  const ends = [...text.matchAll(sentenceEnd)].map((m) => m.index + m[0].length).slice(0, 2);
  const end = ends.find((at) => at >= 40);
  return end !== undefined && end <= 180 ? text.slice(0, end).trim() : null;
}

/** A continuation is shown when it says something in whole sentences: at least 80 characters of them. */
const shortest = 80;

/** One continuation of each beginning in whole sentences; null where the model gave none of a length to judge. */
export async function continuations(
  model: LoadedModel,
  beginnings: readonly string[],
  seedOf: (index: number) => number,
): Promise<(string | null)[]> {
  const requests = beginnings.map((text, i) => ({
    prompt: say(text),
    sampling: { ...storySampling, seed: seedOf(i) },
  }));
  const answers = await model.complete(requests, { slots: 64 });
  return answers.map(({ text }) => {
    const whole = wholeSentences(text);
    return whole !== null && whole.trim().length >= shortest ? whole : null;
  });
}

/** Different beginnings that the model makes up. */
async function beginnings(model: LoadedModel, count: number, random: Random): Promise<string[]> {
  const requests = Array.from({ length: count }, () => ({
    prompt: say(""),
    sampling: { ...storySampling, seed: random.below(2 ** 31) },
  }));
  const answers = await model.complete(requests, { slots: 64 });
  return answers.flatMap(({ text }) => beginningOf(text) ?? []);
}

/** Pairs with a beginning of their own each, in the order they were drawn, of those that `keep` takes. */
export async function* storyPairs(
  model: LoadedModel,
  seed: number,
  keep: (pair: StoryPair) => boolean,
): AsyncGenerator<StoryPair> {
  const random = new Random(seed);
  const known = new Set<string>();
  for (;;) {
    const fresh = [...new Set(await beginnings(model, 256, random))].filter((text) => !known.has(text));
    for (const text of fresh) known.add(text);
    const seeds = fresh.map(() => [random.below(2 ** 31), random.below(2 ** 31)] as const);
    const [first, second] = [0, 1].map((side) => continuations(model, fresh, (i) => seeds[i]?.[side] as number));
    const [a, b] = [await first, await second] as [(string | null)[], (string | null)[]];
    for (const [i, prompt] of fresh.entries()) {
      const [left, right] = [a[i], b[i]];
      if (!left || !right || left === right) continue;
      const pair = { prompt, a: left, b: right };
      if (keep(pair)) yield pair;
    }
  }
}
