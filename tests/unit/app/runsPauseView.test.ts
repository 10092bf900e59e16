import { expect, test } from "vitest";
import { emptyRunView, foldEvents, timesInterrupted } from "@/app/_features/runs/runEvents";
import { shownState } from "@/app/_features/runs/runTypes";
import type { RunEvent } from "@/trainer/contracts/runEvent";

const start = (firstStep: number) => ({ type: "start", firstStep }) as RunEvent;
const paused: RunEvent = { type: "stopped", step: 3, reason: "paused", message: "Paused after step 3." };
const saved: RunEvent = { type: "checkpoint", step: 3, path: "c" };

test("going on after a pause is no interruption; going on without one is", () => {
  const events = [start(0), paused, saved, start(3), start(3)];
  const view = foldEvents(
    emptyRunView,
    events.map((event, i) => ({ seq: i + 1, event })),
  );
  expect(view.log.map(({ type }) => type)).toEqual(["started", "paused", "checkpoint", "resumed", "resumed"]);
  expect(timesInterrupted(view)).toBe(1);
});

test("a wish shows while the run still trains and not afterwards; cancelling outweighs pausing", () => {
  const wishes = { cancelRequested: false, pauseRequested: true };
  expect(shownState({ state: "running", ...wishes })).toBe("pausing");
  expect(shownState({ state: "running", cancelRequested: true, pauseRequested: true })).toBe("cancelling");
  expect(shownState({ state: "finished", ...wishes })).toBe("finished");
});
