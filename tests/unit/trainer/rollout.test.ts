import { expect, test } from "vitest";
import { rolloutPlan } from "@/trainer/contracts/online";
import type { TokenSequence } from "@/trainer/data/sequences";
import { defaultExecution } from "@/trainer/recipes/execution";
import { lexiconScore } from "@/trainer/recipes/online/lexicon";
import {
  answerShapes,
  collateAnswers,
  perAnswer,
  rolloutPrompts,
  rolloutSeeds,
  stepAnswers,
} from "@/trainer/recipes/online/rollout";

const counted = (values: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  return counts;
};

test("rollouts go through all prompts before any comes again, also where they are not a multiple; another seed, another order", () => {
  const all = Array.from({ length: 10 }, (_, r) => rolloutPrompts(7, 4, 3, r)).flat();
  for (let epoch = 0; epoch < 5; epoch++) {
    expect(new Set(all.slice(7 * epoch, 7 * epoch + 7)).size).toBe(7);
  }
  expect(rolloutPrompts(7, 4, 3, 2)).toEqual(all.slice(8, 12));
  expect(rolloutPrompts(40, 20, 4, 0)).not.toEqual(rolloutPrompts(40, 20, 3, 0));
});

test("answers to one prompt have different seeds, and so have two rollouts", () => {
  const seeds = [0, 1].flatMap((r) => rolloutSeeds(8, 4, 5, r));
  expect(new Set(seeds).size).toBe(64);
});

test("each epoch over a rollout trains on every answer once, in an order of its own", () => {
  const epoch = (e: number) => [0, 1, 2].flatMap((s) => stepAnswers(10, 4, 6, { rollout: 2, step: 3 * e + s }));
  for (const e of [0, 1]) expect([...counted(epoch(e)).values()]).toEqual(new Array(10).fill(1));
  expect(epoch(0)).not.toEqual(epoch(1));
});

test("a run on 100 prompts: whole rollouts, epochs over each, answers in batches", () => {
  const sizes = { rolloutPrompts: 16, groupSize: 4, rolloutEpochs: 2, batchSize: 24 };
  // 7 rollouts of 64 answers, each twice in 3 batches.
  expect(rolloutPlan(sizes, 100)).toEqual({ answers: 64, stepsPerRollout: 6, totalSteps: 42 });
  expect(rolloutPlan({ ...sizes, epochs: 2 }, 100).totalSteps).toBe(78);
  expect(rolloutPlan({ ...sizes, maxSteps: 5 }, 100).totalSteps).toBe(5);
  expect(rolloutPlan(sizes, 3).totalSteps).toBe(6);
});

test("numbers of tokens lie at the places of their tokens; what only fills a batch has none", () => {
  const answers = [
    { prompt: [1, 2], completion: [3, 4, 5], x: [0.1, 0.2, 0.3] },
    { prompt: [6], completion: [7], x: [0.4] },
  ];
  const batching = { size: 3, shapes: answerShapes(3, 2, 16), execution: defaultExecution };
  const batch = collateAnswers<TokenSequence & { x: number[] }>(answers, batching, { x: (a) => a.x });
  const [targets, sequence, x] = ["targets", "sequence", "x"].map((name) => Array.from(batch[name]?.data ?? []));
  expect(targets?.slice(0, 7)).toEqual([3, 4, 5, 7, 3, 4, 5]);
  expect(sequence?.slice(0, 8)).toEqual([0, 0, 0, 1, 2, 2, 2, -1]);
  expect(x?.slice(0, 8).map((v) => Math.round(10 * v))).toEqual([1, 2, 3, 4, 0, 0, 0, 0]);
  expect(perAnswer(answers, x ?? []).map((row) => row.length)).toEqual([3, 1]);
});

test("shapes hold the largest batch that there can be, and smaller ones for short answers", () => {
  const shapes = answerShapes(8, 30, 20);
  expect(shapes.at(-1)).toEqual({ rows: 8, length: 64, scored: 160, promptScored: 0 });
  const short = Array.from({ length: 8 }, () => ({ prompt: [1, 2, 3], completion: [4, 5] }));
  const { ids } = collateAnswers(short, { size: 8, shapes, execution: defaultExecution });
  expect(ids?.shape).toEqual([2, 64]);
});

test("a lexicon counts different words, whichever case, for a text of a length; a short text is measured as a longer one", () => {
  const lexicon = { kind: "lexicon" as const, weights: { happy: 1, sad: -2 }, perWords: 10, fewestWords: 5 };
  expect(lexiconScore(lexicon, "Happy, happy and SAD they were that day indeed ok")).toBeCloseTo(-1, 9);
  expect(lexiconScore(lexicon, "happy")).toBe(2);
  expect(lexiconScore(lexicon, "")).toBe(0);
  expect(lexiconScore(lexicon, "unhappy")).toBe(0);
});
