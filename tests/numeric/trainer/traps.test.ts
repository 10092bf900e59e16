import { afterAll, beforeAll, expect, test } from "vitest";
import { mismatched, tokeniseCompletions } from "@/trainer/data/completions";
import { collatePairs, tokenisePairs } from "@/trainer/data/preferences";
import { Random } from "@/trainer/data/random";
import { collateSequences, filled, type TokenSequence } from "@/trainer/data/sequences";
import { encodeCompletion, encodePrompt } from "@/trainer/data/text";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import type { HostArray } from "@/trainer/runtime/tree";
import { tinyModel } from "../../helpers/tinyModel";

/** Mistakes that trainers of this kind are known for. */
const model = tinyModel(3);
for (const { shape, data } of Object.values(model.parameters)) {
  if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 10 * (data[i] as number);
}
const { config, tokenizer } = model;
const end = config.eosId as number;

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

async function logProbs(sequences: readonly TokenSequence[]): Promise<number[]> {
  const args = [model.parameters, collateSequences(sequences)] as never;
  const forward = (p: never, batch: never) => completionLogProbs(p, config, batch);
  const compiled = await provider.compile(forward as never, args);
  const out = Array.from(((await compiled.run(args)) as unknown as HostArray).data);
  await compiled.dispose();
  return out;
}

test("any batch gives the log-probabilities of one-by-one evaluation: padded, cut, full of end-of-text, one token long", async () => {
  const random = new Random(8);
  const tokens = (n: number) => Array.from({ length: n }, () => random.below(config.vocabSize));
  const sequences: TokenSequence[] = [
    { prompt: [5], completion: [end] },
    { prompt: [end, end, end], completion: [end, 7, end] },
    { prompt: tokens(90), completion: tokens(38) },
    { prompt: tokens(2), completion: tokens(60) },
    { prompt: tokens(17), completion: [...tokens(6), end] },
    { prompt: tokens(33), completion: tokens(1) },
    { prompt: [0], completion: [0, 0, 0, 0] },
  ];
  const alone: number[] = [];
  for (const sequence of sequences) alone.push(...(await logProbs([sequence])));
  const orders = [sequences, sequences.toReversed(), filled(sequences, 11), sequences.slice(0, 2)];
  for (const batch of orders) {
    const together = await logProbs(batch);
    for (const [i, sequence] of batch.entries()) {
      const expected = alone[sequences.indexOf(sequence)] as number;
      expect(Math.abs((together[i] as number) - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
    }
  }
});

test("padding is told by length: real end-of-text tokens at the end, in the middle and in the prompt are scored", () => {
  const { sequence, length, targets } = collateSequences([
    { prompt: [end, 4], completion: [end, 9, end] },
    { prompt: [4], completion: [9] },
  ]) as Record<string, HostArray>;
  expect(Array.from(length?.data ?? [])).toEqual([3, 1]);
  expect(Array.from(sequence?.data.subarray(0, 6) ?? [])).toEqual([0, 0, 0, 1, -1, -1]);
  expect(Array.from(targets?.data.subarray(0, 4) ?? [])).toEqual([end, 9, end, 9]);
});

const user = (content: string) => [{ role: "user" as const, content }];
const assistant = (content: string) => [{ role: "assistant" as const, content }];
const template =
  "{{ bos_token }}{% for m in messages %}{{ m['content'] }}{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}";

test("a chat template's own begin and end tokens are there once, not twice", () => {
  for (const chatTemplate of [null, template]) {
    const codec = { ...model, chatTemplate };
    const prompt = encodePrompt(codec, user("the cat is"));
    const answer = encodeCompletion(codec, user("the cat is"), assistant(" good."));
    expect(prompt.filter((id) => id === end)).toHaveLength(1);
    expect(prompt[0]).toBe(end);
    expect(answer.filter((id) => id === end)).toHaveLength(1);
    expect(answer.at(-1)).toBe(end);
  }
});

test("no token spans prompt and answer, even where one tokenization of both would merge there", () => {
  const [before, after] = ["the ca", "t sat"];
  const prompt = encodePrompt(model, user(before));
  const answer = encodeCompletion(model, user(before), assistant(after));
  const merged = tokenizer.encode(before + after);
  expect([...prompt.slice(1), ...answer.slice(0, -1)]).not.toEqual(merged);
  expect(tokenizer.decode(prompt.slice(1))).toBe(before);
  expect(tokenizer.decode(answer.slice(0, -1))).toBe(after);
});

const example = (prompt: string, chosen: string, rejected: string) => ({
  id: prompt + chosen,
  promptId: prompt,
  prompt: user(prompt),
  chosen: assistant(chosen),
  rejected: assistant(rejected),
  probability: 1,
  strength: 1,
});

test("what has no room is dropped and counted; what is cut keeps its start and gets no end-of-text; equal once cut is dropped", () => {
  const long = "the cat sat on the mat. ".repeat(4);
  const room = encodePrompt(model, user("the")).length + 3;
  const { pairs, dropped } = tokenisePairs(
    [example(long, " a", " b"), example("the", " dog ran to", " sun"), example("the", ` ${long}x`, ` ${long}y`)],
    model,
    room,
  );
  expect(dropped).toEqual({ prompt_too_long: 1, same_answers: 1 });
  const [pair] = pairs as [(typeof pairs)[0]];
  expect(pair.chosen).toHaveLength(3);
  expect(pair.chosen).toEqual(encodeCompletion(model, user("the"), assistant(" dog ran to")).slice(0, 3));
  expect(pair.chosen).not.toContain(end);
  const single = { id: "1", promptId: "1", prompt: user(long), completion: assistant(" a"), label: true };
  expect(tokeniseCompletions([single], model, room).dropped).toEqual({ prompt_too_long: 1 });
});

test("a reward is read at the last real token, the end-of-text that training put there", () => {
  const { pairs } = tokenisePairs([example("the", " dog", " sun ran to"), example("cat", " x", " y")], model, 64);
  const { ids, last } = collatePairs(pairs, 3).batch as Record<"ids" | "last", HostArray>;
  for (const at of last.data) expect(ids.data[at]).toBe(end);
});

test("weights of the batches of a step add up to one, and rows that only fill a batch have none", () => {
  const { pairs } = tokenisePairs(
    ["a", "b", "c", "d", "e"].map((p) => example(p, " x", " y")),
    model,
    64,
  );
  const weights = [pairs.slice(0, 3), pairs.slice(3)].map(
    (part) => collatePairs(part, 3, { step: pairs }).batch.weight?.data ?? [],
  );
  expect(weights.map((w) => Array.from(w, (x) => Math.round(x * 100)))).toEqual([
    [20, 20, 20],
    [20, 20, 0],
  ]);
});

test("KTO's mismatched answers belong to another prompt, the same ones for the same seed, within the length", () => {
  const completions = Array.from({ length: 12 }, (_, i) => ({
    promptId: `p${Math.floor(i / 2)}`,
    promptText: [],
    prompt: [Math.floor(i / 2)],
    completion: [100 + i, 7, 8, 9],
    label: i % 2 === 0,
  }));
  const partners = mismatched(completions, 4, 5);
  partners.forEach(({ prompt, completion }, i) => {
    expect(prompt).toEqual([Math.floor(i / 2)]);
    expect(Math.floor(((completion[0] as number) - 100) / 2)).not.toBe(Math.floor(i / 2));
    expect(completion).toHaveLength(3);
  });
  expect(mismatched(completions, 4, 5)).toEqual(partners);
  expect(mismatched(completions, 4, 6)).not.toEqual(partners);
});
