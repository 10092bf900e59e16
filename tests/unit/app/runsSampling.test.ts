import { expect, test } from "vitest";
import { alarmsOf } from "@/app/_features/runs/alarms";
import { emptyRunView, type HeldOutPoint, type RunView } from "@/app/_features/runs/runEvents";
import {
  clippedState,
  entropyState,
  explainedState,
  judgeFall,
  lengthState,
  scoreState,
} from "@/app/_features/runs/samplingStates";

/** Held-out points at steps 0, 10, 20, …, each with an interval of ± 0.1. */
const held = (...values: number[]): HeldOutPoint[] =>
  values.map((value, i) => ({ step: 10 * i, value, low: value - 0.1, high: value + 0.1 }));
const trained = (...values: number[]) => values.map((value, i) => ({ step: i + 1, value }));
const times = (n: number, value: number) => new Array<number>(n).fill(value);

test("the score is above the base model's when its interval is above 0, and nothing is said of the base model itself", () => {
  expect(scoreState(held(0, 0.5))).toMatchObject({ id: "scoreAbove", values: { now: 0.5, low: 0.4 } });
  expect(scoreState(held(0, 0.05))).toMatchObject({ id: "scoreSame" });
  expect(scoreState(held(0, -0.5))).toMatchObject({ id: "scoreBelow" });
  expect(scoreState(held(0))).toBeNull();
  expect(scoreState([])).toBeNull();
});

test("a judge that falls beyond its interval while the score holds is told with its best step; one that wavers is not", () => {
  const rising = held(0, 1, 2, 3);
  expect(judgeFall(held(0, 0.6, 0.5, 0.2), rising)).toEqual({ best: 0.6, bestStep: 10, now: 0.2 });
  expect(judgeFall(held(0, 0.6, 0.5, 0.55), rising)).toBeNull();
  expect(judgeFall(held(0, 0.2, 0.5, 0.6), rising)).toBeNull();
  // The score has fallen with it: that is no gaming.
  expect(judgeFall(held(0, 0.6, 0.5, 0.2), held(0, 3, 2, 1))).toBeNull();
  expect(judgeFall([], rising)).toBeNull();
});

test("half of the entropy gone is a collapse; little clipping is calm; a value model below 0 foresees nothing", () => {
  expect(entropyState(trained(...times(8, 2), ...times(8, 0.9)))).toMatchObject({
    id: "entropyCollapsed",
    values: { first: 2 },
  });
  expect(entropyState(trained(...times(8, 2), ...times(8, 1.5)))).toMatchObject({ id: "entropyHeld" });
  expect(entropyState(trained(2, 1))).toMatchObject({ id: "tooEarly", values: { steps: 2 } });
  expect(clippedState(trained(...times(8, 0.4)))).toMatchObject({ id: "clippedMuch" });
  expect(clippedState(trained(0.4, ...times(8, 0.1)))).toMatchObject({ id: "clippedLittle" });
  expect(explainedState(trained(-2, 0.5, 0.6, 0.7))).toMatchObject({ id: "explainedSome" });
  expect(explainedState(trained(-0.5))).toMatchObject({ id: "explainedNone" });
});

test("a length that changes by more than half is a drift, in either direction", () => {
  expect(lengthState(held(40, 50))).toMatchObject({ id: "lengthHeld" });
  expect(lengthState(held(40, 61))).toMatchObject({ id: "lengthDrifted", values: { first: 40, now: 61 } });
  expect(lengthState(held(40, 20))).toMatchObject({ id: "lengthDrifted" });
  expect(lengthState(held(40))).toBeNull();
});

test("alarms of a run that samples: a gamed reward first; a DPO run with figures of those names has none of them", () => {
  const latest = { type: "step", step: 80, totalSteps: 80 } as RunView["latest"];
  const view: RunView = {
    ...emptyRunView,
    latest,
    heldOut: {
      judge: held(0, 0.6, 0.5, 0.2),
      score: held(0, 1, 2, 3),
      score_rise: held(0, 1, 2, 3),
      length: held(40, 45, 50, 70),
    },
    train: {
      "policy/entropy_avg": trained(...times(8, 2), ...times(8, 0.5)),
      "objective/kl": trained(...times(10, 30)),
    },
  };
  const input = { errorCode: null, learningRate: 1e-4, totalSteps: 80, view };
  const ids = (kind: "ppo" | "dpo") => alarmsOf({ ...input, kind }).map(({ id }) => id);
  expect(ids("ppo")).toEqual(["judgeFalling", "lengthDrifting", "entropyCollapsed", "klLarge"]);
  expect(ids("dpo")).toEqual([]);
  const still = { ...view, heldOut: { score_rise: held(0, 0.05) }, train: {} };
  expect(alarmsOf({ ...input, kind: "ppo", view: still }).map(({ id }) => id)).toEqual(["scoreNotRising"]);
});
