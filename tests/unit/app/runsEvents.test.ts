import fc from "fast-check";
import { expect, test } from "vitest";
import { downsample, emptyRunView, foldEvents, type NumberedEvent, stepsOf } from "@/app/_features/runs/runEvents";
import type { RunEvent } from "@/trainer/contracts/runEvent";

const start = (firstStep: number): RunEvent => ({
  type: "start",
  provider: "onnx-cpu",
  providerReason: "it loads",
  parameters: 10,
  trainableParameters: 10,
  totalSteps: 40,
  firstStep,
  train: { used: 80, dropped: {} },
  test: { used: 20, dropped: {} },
});
const step = (n: number, loss: number): RunEvent => ({
  type: "step",
  step: n,
  totalSteps: 40,
  epoch: n / 10,
  metrics: { loss },
  tokensPerSecond: 100,
  elapsedSeconds: n,
  etaSeconds: 40 - n,
  residentBytes: 1,
});
const held = (n: number, accuracy: number): RunEvent => ({
  type: "eval",
  step: n,
  metrics: { eval_accuracy: accuracy, eval_margin: n / 10 },
  intervals: { eval_accuracy: [accuracy - 0.1, accuracy + 0.1] },
  pairs: 20,
  prompts: 20,
});
const sample = (n: number, prompt: string, tuned: string): RunEvent => ({
  type: "sample",
  step: n,
  prompt,
  base: "base",
  tuned,
});
const numbered = (events: readonly RunEvent[], from = 1): NumberedEvent[] =>
  events.map((event, i) => ({ seq: from + i, event }));

test("events become curves by metric; held-out ones lose their prefix and carry their interval", () => {
  const view = foldEvents(emptyRunView, numbered([start(0), held(0, 0.5), step(1, 0.7), step(2, 0.6)]));
  expect(view.train).toEqual({
    loss: [
      { step: 1, value: 0.7 },
      { step: 2, value: 0.6 },
    ],
  });
  expect(view.heldOut).toEqual({
    accuracy: [{ step: 0, value: 0.5, low: 0.4, high: 0.6 }],
    margin: [{ step: 0, value: 0, low: null, high: null }],
  });
  expect(view.latest?.etaSeconds).toBe(38);
});

test("a replay from the beginning changes nothing, not even the object", () => {
  const events = numbered([start(0), step(1, 0.7), sample(1, "p", "t"), step(2, 0.6)]);
  const view = foldEvents(emptyRunView, events);
  expect(foldEvents(view, events)).toBe(view);
  expect(foldEvents(view, numbered([step(2, 0.6), step(3, 0.5)], 4)).train.loss).toHaveLength(3);
});

test("a run that goes on from a checkpoint takes the later points back and keeps the earlier", () => {
  const before = numbered([
    start(0),
    ...[1, 2, 3, 4, 5].map((n) => step(n, 1 / n)),
    sample(2, "p", "x"),
    sample(5, "p", "y"),
  ]);
  const view = foldEvents(foldEvents(emptyRunView, before), numbered([start(3), step(4, 9)], 20));
  expect(view.train.loss).toEqual([
    { step: 1, value: 1 },
    { step: 2, value: 1 / 2 },
    { step: 3, value: 1 / 3 },
    { step: 4, value: 9 },
  ]);
  expect(stepsOf(view.samples)).toEqual([2]);
  expect(view.log.map((entry) => entry.type)).toEqual(["started", "resumed"]);
});

test("a step or a sample told twice under new numbers keeps the newer, in order", () => {
  const view = foldEvents(
    emptyRunView,
    numbered([step(1, 1), step(3, 3), step(2, 2), step(3, 4), sample(3, "p", "old"), sample(3, "p", "new")]),
  );
  expect(view.train.loss?.map((p) => [p.step, p.value])).toEqual([
    [1, 1],
    [2, 2],
    [3, 4],
  ]);
  expect(view.samples.map((s) => s.tuned)).toEqual(["new"]);
});

test("however the events are cut into batches, and whatever is replayed, the view is the same", () => {
  const events = numbered([
    start(0),
    held(0, 0.5),
    ...[1, 2, 3, 4].map((n) => step(n, n)),
    start(2),
    ...[3, 4, 5].map((n) => step(n, 10 * n)),
    held(5, 0.8),
  ]);
  const whole = foldEvents(emptyRunView, events);
  fc.assert(
    fc.property(fc.array(fc.nat(events.length - 1), { maxLength: 6 }), (cuts) => {
      let view = emptyRunView;
      for (const cut of cuts.sort((a, b) => a - b)) view = foldEvents(view, events.slice(0, cut));
      expect(foldEvents(view, events)).toEqual(whole);
    }),
  );
});

test("a folded view is never changed by a later batch", () => {
  const first = foldEvents(emptyRunView, numbered([step(1, 1)]));
  foldEvents(first, numbered([step(2, 2)], 2));
  expect(first.train.loss).toEqual([{ step: 1, value: 1 }]);
});

test("downsampling keeps both ends, the order and a lone spike", () => {
  const points = Array.from({ length: 10_000 }, (_, i) => ({ step: i, value: i === 7_321 ? 50 : Math.sin(i / 300) }));
  const fewer = downsample(points, 500);
  expect(fewer).toHaveLength(500);
  expect(fewer[0]).toBe(points[0]);
  expect(fewer.at(-1)).toBe(points.at(-1));
  expect(fewer.some((p) => p.value === 50)).toBe(true);
  expect(fewer.every((p, i) => i === 0 || p.step > (fewer[i - 1]?.step ?? 0))).toBe(true);
  expect(downsample(points.slice(0, 500), 500)).toHaveLength(500);
});
