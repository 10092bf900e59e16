import { expect, test } from "vitest";
import { runCard } from "@/app/_features/runs/runCard";
import { emptyRunView, foldEvents, forecastError } from "@/app/_features/runs/runEvents";
import type { RunDetail } from "@/app/_features/runs/runTypes";
import type { RunEvent } from "@/trainer/contracts/runEvent";

const step = (at: number, elapsedSeconds: number, etaSeconds: number) =>
  ({ type: "step", step: at, totalSteps: 60, elapsedSeconds, etaSeconds, metrics: {} }) as unknown as RunEvent;
const start = (firstStep: number) => ({ type: "start", firstStep }) as RunEvent;
const done = (seconds: number) =>
  ({ type: "done", step: 60, seconds, metrics: {}, intervals: {}, modelPath: "m" }) as RunEvent;
const viewOf = (...events: RunEvent[]) =>
  foldEvents(
    emptyRunView,
    events.map((event, i) => ({ seq: i + 1, event })),
  );

test("the forecast after twenty steps is held against what the run took, again from where it went on", () => {
  // 10 + 40 seconds said, 62.5 taken: a fifth too little.
  expect(forecastError(viewOf(start(0), step(20, 10, 40), step(21, 11, 400), done(62.5)))).toBeCloseTo(-0.2, 12);
  expect(forecastError(viewOf(start(0), step(20, 10, 40), start(30), step(50, 10, 5), done(12)))).toBeCloseTo(0.25, 12);
  expect(forecastError(viewOf(start(0), step(19, 10, 40), done(50)))).toBeNull();
});

test("the card holds figures with intervals, held-out curves, the last samples and the settings", () => {
  const sample = (at: number, tuned: string): RunEvent => ({
    type: "sample",
    step: at,
    prompt: "p\nq",
    base: "b",
    tuned,
  });
  const look = (at: number, loss: number): RunEvent => ({
    type: "eval",
    step: at,
    metrics: { eval_loss: loss },
    intervals: {},
    pairs: 1,
    prompts: 1,
  });
  const view = viewOf(start(0), look(0, 0.7), sample(0, "old"), look(10, 0.5), sample(10, "new"));
  const run = {
    metrics: { eval_loss: 0.5 },
    intervals: { eval_loss: [0.4, 0.61234] },
    config: { kind: "dpo", seed: 3 },
  } as unknown as RunDetail;
  const words = { title: "T", what: "W", heldOut: "H", interval: "I", prompt: "P", base: "B", tuned: "N" };
  const more = { samples: "S", settings: "C", curve: "V", step: "step", facts: [["hash", "abc"]] as const };
  const card = runCard(run, view, { ...words, ...more });
  expect(card).toContain("- hash: abc");
  expect(card).toContain("| eval_loss | 0.5 | 0.4 – 0.6123 |");
  expect(card).toContain("| step | loss |\n|---|---|\n| 0 | 0.7 |\n| 10 | 0.5 |");
  expect(card).toContain("> p\n> q");
  expect(card).toContain("> new");
  expect(card).not.toContain("> old");
  expect(card).toContain('"seed": 3');
});
