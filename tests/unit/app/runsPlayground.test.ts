import { expect, test } from "vitest";
import { defaultChoice } from "@/app/_features/playground/defaultChoice";
import { emptyGeneration, foldGeneration, preferred } from "@/app/_features/playground/generationEvents";
import { parseSampling, samplingBounds, samplingFields, usualSampling } from "@/app/_features/playground/samplingForm";
import type { GenerationEvent } from "@/db/schema/runs";
import { samplingSchema } from "@/trainer/contracts/inference";

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

test("the sampling fields take what the contract takes, and name what it does not", () => {
  expect(parseSampling(usualSampling)).toEqual({ sampling: { maxTokens: 120, temperature: 0.8, topP: 1, seed: 0 } });
  for (const field of samplingFields) {
    for (const end of samplingBounds[field]) {
      const parsed = parseSampling({ ...usualSampling, [field]: String(end) });
      expect(samplingSchema.safeParse("sampling" in parsed ? parsed.sampling : null).success).toBe(true);
    }
    const [min, max] = samplingBounds[field];
    for (const text of ["", "much", String(min - 1), String(max + 1)]) {
      expect(parseSampling({ ...usualSampling, [field]: text })).toEqual({ wrong: [field] });
    }
  }
  expect(parseSampling({ ...usualSampling, maxTokens: "2.5" })).toEqual({ wrong: ["maxTokens"] });
});

test("the starter stands against the newest tuned model, scored by the newest reward model", () => {
  const model = (id: string, kind: "policy" | "reward", day: number) => ({
    id,
    kind,
    starter: id === "starter",
    createdAt: new Date(Date.UTC(2026, 0, day)),
  });
  const all = [
    model("old", "policy", 2),
    model("starter", "policy", 1),
    model("new", "policy", 3),
    model("judge1", "reward", 2),
    model("judge2", "reward", 4),
  ];
  expect(defaultChoice(all, null, null)).toEqual({ first: "starter", second: "new", reward: "judge2" });
  expect(defaultChoice(all, "old", "judge1")).toEqual({ first: "starter", second: "old", reward: "judge1" });
  expect(defaultChoice(all, "starter", "gone")).toEqual({ first: "starter", second: "new", reward: "judge2" });
  expect(defaultChoice([model("starter", "policy", 1)], null, null)).toEqual({
    first: "starter",
    second: null,
    reward: null,
  });
});
