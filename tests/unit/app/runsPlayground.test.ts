import { expect, test } from "vitest";
import { emptyGeneration, foldGeneration, preferred } from "@/app/_features/playground/generationEvents";
import type { GenerationEvent } from "@/db/schema/runs";

const fold = (events: readonly GenerationEvent[], from = emptyGeneration, firstSeq = 1) =>
  events.reduce((view, event, i) => foldGeneration(view, firstSeq + i, event), from);

const two: GenerationEvent[] = [
  { type: "text", modelId: "base", text: "Once" },
  { type: "text", modelId: "tuned", text: "One" },
  { type: "text", modelId: "base", text: " upon" },
  { type: "end", modelId: "tuned", reason: "stop", tokens: 1, seconds: 0.5 },
  { type: "end", modelId: "base", reason: "length", tokens: 2, seconds: 0.7 },
];

test("interleaved pieces go to their own answers", () => {
  const view = fold(two);
  expect(view.answers.base).toEqual({
    text: "Once upon",
    end: { reason: "length", tokens: 2, seconds: 0.7 },
    score: null,
  });
  expect(view.answers.tuned?.text).toBe("One");
  expect(view.done).toBe(false);
});

test("a replay after a lost connection doubles no text", () => {
  const view = fold(two);
  expect(fold(two, view)).toBe(view);
});

test("the better answer is named with its difference and the chance that a person agrees", () => {
  const scores: GenerationEvent[] = [
    { type: "score", modelId: "base", score: -0.3 },
    { type: "score", modelId: "tuned", score: 0.5 },
  ];
  expect(preferred(fold(scores.slice(0, 1)))).toBeNull();
  // σ(0.8) = 0.689974
  expect(preferred(fold(scores))).toEqual({
    modelId: "tuned",
    difference: expect.closeTo(0.8, 10),
    probability: expect.closeTo(0.689974, 6),
  });
});

test("a failure ends the answer and keeps what was written", () => {
  const view = fold([two[0] as GenerationEvent, { type: "failed", message: "No worker." }]);
  expect(view).toMatchObject({ done: true, failure: "No worker.", answers: { base: { text: "Once" } } });
});
