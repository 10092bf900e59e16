import { expect, test } from "vitest";
import { thinEvents } from "@/server/domain/thinEvents";
import type { RunEvent } from "@/trainer/contracts/runEvent";

const step = (n: number): RunEvent => ({
  type: "step",
  step: n,
  totalSteps: 1000,
  epoch: 1,
  metrics: {},
  tokensPerSecond: 1,
  elapsedSeconds: n,
  etaSeconds: 0,
  residentBytes: 1,
});
const log: RunEvent = { type: "log", level: "info", message: "halfway" };

test("of 1,000 steps about a hundred stay: first, last, the forecast's, and all that is no step", () => {
  const all = [
    ...Array.from({ length: 500 }, (_, i) => step(i + 1)),
    log,
    ...Array.from({ length: 500 }, (_, i) => step(i + 501)),
  ];
  const events = all.map((event, seq) => ({ seq, event }));
  const kept = thinEvents(events, 100);
  const steps = kept.flatMap(({ event }) => (event.type === "step" ? [event.step] : []));
  expect(steps.slice(0, 4)).toEqual([1, 11, 20, 21]);
  expect(steps.at(-1)).toBe(1000);
  expect(steps.length).toBe(102);
  expect(kept.filter(({ event }) => event.type === "log")).toHaveLength(1);
  expect(thinEvents(events.slice(0, 50), 100)).toEqual(events.slice(0, 50));
});
