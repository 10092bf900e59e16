import { expect, test } from "vitest";
import { promptsOf } from "@/trainer/cli/pairs";
import type { GenerateRequest } from "@/trainer/contracts/inference";
import { bestOfN } from "@/trainer/generation/bestOfN";
import { generatePairs, type NamedModel, pairChunks } from "@/trainer/generation/pairs";

/** Answers with its name, the prompt and the seed. */
const parrot = (name: string): NamedModel => ({
  name,
  complete: async (requests: readonly GenerateRequest[]) =>
    requests.map(({ prompt, sampling }) => ({
      text: `${name} ${prompt[0]?.content} ${sampling.seed}`,
      reason: "stop" as const,
      tokens: 1,
      ids: [0],
    })),
});
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};
const prompts = Array.from({ length: 150 }, (_, i) => `p${i}`);

test("every two models meet equally often, on either side, each answering its own prompt with a seed of its own", async () => {
  const models = ["x", "y", "z"].map(parrot);
  const pairs = await all(generatePairs(models, prompts, { perPrompt: 2, sampling: { seed: 4 } }));
  expect(pairs).toHaveLength(300);
  const matches = new Map<string, number>();
  let swapped = 0;
  for (const { id, prompt, response_a, response_b, model_a, model_b } of pairs) {
    expect(prompt).toBe(`p${id.split("-")[0]}`);
    expect(response_a.startsWith(`${model_a} ${prompt} `)).toBe(true);
    expect(response_b.startsWith(`${model_b} ${prompt} `)).toBe(true);
    const match = [model_a, model_b].sort().join();
    matches.set(match, (matches.get(match) ?? 0) + 1);
    if (model_a > model_b) swapped += 1;
  }
  expect([...matches.values()]).toEqual([100, 100, 100]);
  // 300 fair coins: 150 ± 4 standard deviations of 8.7.
  expect(Math.abs(swapped - 150)).toBeLessThan(35);
  expect(new Set(pairs.flatMap((p) => [p.response_a, p.response_b])).size).toBe(600);
});

test("one model meets itself; two equal answers are no pair", async () => {
  const one = await all(generatePairs([parrot("x")], ["a"], { perPrompt: 3, sampling: {} }));
  expect(one.map(({ id, model_a, model_b }) => [id, model_a, model_b])).toEqual([
    ["0-0", "x", "x"],
    ["0-1", "x", "x"],
    ["0-2", "x", "x"],
  ]);
  const same: NamedModel = {
    name: "x",
    complete: async (r) => r.map(() => ({ text: "same", reason: "stop", tokens: 1, ids: [0] })),
  };
  expect(await all(generatePairs([same], ["a"], { perPrompt: 3, sampling: {} }))).toEqual([]);
});

test("a run that goes on from a prompt makes the pairs that were left, and no others", async () => {
  const models = ["x", "y"].map(parrot);
  const options = { perPrompt: 3, sampling: { seed: 4 } };
  const chunks = await all(pairChunks(models, prompts, options));
  expect(chunks.at(-1)?.to).toBe(150);
  const [first] = chunks;
  const rest = await all(generatePairs(models, prompts, { ...options, from: first?.to ?? 0 }));
  expect([...(first?.pairs ?? []), ...rest]).toEqual(chunks.flatMap((chunk) => chunk.pairs));
  expect(rest[0]?.id).toBe(`${first?.to}-0`);
});

test("an answer of nothing but spaces is no side of a pair, and is counted", async () => {
  const silent: NamedModel = {
    name: "x",
    complete: async (r) =>
      r.map(({ sampling }, i) => ({ text: i === 0 ? " \n" : `${sampling.seed}`, reason: "stop", tokens: 1, ids: [0] })),
  };
  const [chunk] = await all(pairChunks([silent], ["a"], { perPrompt: 2, sampling: {} }));
  expect(chunk).toMatchObject({ to: 1, leftOut: 1 });
  expect(chunk?.pairs.map(({ id }) => id)).toEqual(["0-1"]);
});

test("prompts are read from JSON lines or from lines; a bad one is named by file and line", () => {
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "b" },
  ];
  const lines = `{"prompt":"a"}\n\n${JSON.stringify({ prompt: messages })}\n`;
  expect(promptsOf(lines, "p.jsonl")).toEqual(["a", messages]);
  expect(promptsOf("a\r\n\nb {\n", "p.txt")).toEqual(["a", "b {"]);
  expect(() => promptsOf('{"prompt":"a"}\n{"prompt":1}', "p.jsonl")).toThrow(/p\.jsonl, line 2: needs a "prompt"/);
  expect(() => promptsOf("null", "p.jsonl")).toThrow(/p\.jsonl, line 1: needs a "prompt"/);
  expect(() => promptsOf("{", "p.jsonl")).toThrow(/p\.jsonl, line 1: not JSON/);
});

test("the best of n is the answer with the highest reward, the first of equals", async () => {
  const texts = ["bb", "dddd", "a", "cccc"];
  const seeds = new Set<number | undefined>();
  const policy = {
    complete: async (requests: readonly GenerateRequest[]) =>
      requests.map(({ sampling }, i) => {
        seeds.add(sampling.seed);
        return { text: texts[i] as string, reason: "stop" as const, tokens: 1, ids: [i] };
      }),
  };
  const judge = {
    scoreReward: async (_: unknown, answer: readonly { content: string }[]) => answer[0]?.content.length ?? 0,
  };
  const { best, candidates } = await bestOfN(policy, judge, [{ role: "user", content: "p" }], { seed: 1 }, 4);
  expect(best).toMatchObject({ text: "dddd", reward: 4, ids: [1] });
  expect(candidates.map((c) => c.reward)).toEqual([2, 4, 1, 4]);
  expect(seeds.size).toBe(4);
});
