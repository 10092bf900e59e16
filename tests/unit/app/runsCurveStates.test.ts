import { expect, test } from "vitest";
import {
  accuracyState,
  type CurveState,
  driftState,
  klState,
  lossState,
  marginState,
  rewardsState,
  trendOf,
} from "@/app/_features/runs/curveStates";
import type { HeldOutPoint, TrainPoint } from "@/app/_features/runs/runEvents";

/** Forty steps from one value to another, with every other step `noise` above and below the line. */
const line = (from: number, to: number, noise = 0): TrainPoint[] =>
  Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    value: from + ((to - from) * i) / 39 + (i % 2 === 0 ? noise : -noise),
  }));
const held = (...values: number[]): HeldOutPoint[] =>
  values.map((value, i) => ({ step: i * 10, value, low: value - 0.1, high: value + 0.1 }));
/** The mean of the first and of the last ten of forty points on a line. */
const quarters = (from: number, to: number) => ({
  first: expect.closeTo(from + ((to - from) * 4.5) / 39, 9),
  now: expect.closeTo(from + ((to - from) * 34.5) / 39, 9),
});
const falling = line(0.7, 0.3, 0.02);

test("learning: the loss falls by more than it scatters, and the held-out one with it", () => {
  const state = lossState(falling, held(0.7, 0.6, 0.5, 0.45));
  expect(state).toEqual({ id: "lossFalling", values: quarters(0.7, 0.3) });
});

test("flat: a change within two standard errors is noise; without noise the least change is one", () => {
  // Ten points of ± 0.2: the variance is 0.4/9, the noise 2·√(2·0.0444/10) ≈ 0.189, the change 0.2·30/39 ≈ 0.154.
  expect(lossState(line(0.7, 0.5, 0.2), [])).toEqual({ id: "lossFlat", values: quarters(0.7, 0.5) });
  // 0.28·30/39 ≈ 0.215 is above it.
  expect(lossState(line(0.7, 0.42, 0.2), []).id).toBe("lossFalling");
  expect(lossState(line(0.7, 0.7), []).id).toBe("lossFlat");
});

test("overfitting: the held-out loss turned while the training loss falls", () => {
  const state = lossState(falling, held(0.7, 0.5, 0.54, 0.6));
  expect(state).toEqual({
    id: "lossOverfitting",
    values: { best: 0.5, bestStep: 10, now: 0.6, train: quarters(0.7, 0.3).now },
  });
  // One evaluation above the lowest is not enough, nor is a tenth of the fall.
  expect(lossState(falling, held(0.7, 0.5, 0.45, 0.6)).id).toBe("lossFalling");
  expect(lossState(falling, held(0.7, 0.5, 0.51, 0.515)).id).toBe("lossFalling");
});

test("diverging: the training loss rises, whatever the held-out one does", () => {
  expect(lossState(line(0.7, 2, 0.05), held(0.7, 0.5, 0.6, 0.7))).toEqual({
    id: "lossDiverging",
    values: quarters(0.7, 2),
  });
});

test("the chosen reward falls while the margin grows: said as the normal case it is", () => {
  const [chosen, rejected, margins] = [line(0, -0.4, 0.01), line(0, -1, 0.01), line(0, 0.6, 0.01)];
  expect(rewardsState(chosen, rejected, margins)).toEqual({
    id: "rewardsChosenFalling",
    values: { chosen: quarters(0, -0.4).now, rejected: quarters(0, -1).now, margin: quarters(0, 0.6).now },
  });
  expect(rewardsState(line(0, 0.4), line(0, -0.2), line(0, 0.6)).id).toBe("rewardsApart");
  expect(rewardsState(line(0, -0.4), line(0, -0.4), line(0, 0)).id).toBe("rewardsTogether");
});

test("accuracy is judged by the interval of held-out pairs", () => {
  const train = line(0.4, 0.55, 0.02);
  const at = (value: number, low: number, high: number) => [{ step: 10, value, low, high }];
  expect(accuracyState(train, at(0.7, 0.62, 0.78)).id).toBe("accuracyAbove");
  expect(accuracyState(train, at(0.55, 0.47, 0.63)).id).toBe("accuracyGuessing");
  expect(accuracyState(train, at(0.4, 0.32, 0.48)).id).toBe("accuracyBelow");
  // Before training the figure says nothing about it.
  expect(accuracyState(train, [{ step: 0, value: 0.5, low: 0.4, high: 0.6 }]).id).toBe("accuracyRising");
});

test("accuracy far above what held-out pairs confirm is learning by heart", () => {
  const state = accuracyState(line(0.95, 0.95), [{ step: 10, value: 0.6, low: 0.5, high: 0.7 }]);
  expect(state).toEqual({ id: "accuracyOverfitting", values: { train: expect.closeTo(0.95, 9), heldOut: 0.6 } });
});

test("without held-out pairs accuracy is judged by its trend, as the margin always is", () => {
  const states: [CurveState, string][] = [
    [accuracyState(line(0.5, 0.8, 0.05), []), "accuracyRising"],
    [accuracyState(line(0.5, 0.5, 0.05), []), "accuracyFlat"],
    [accuracyState(line(0.8, 0.5, 0.05), []), "accuracyFalling"],
    [marginState(line(0, 0.5, 0.05)), "marginGrowing"],
    [marginState(line(0, 0, 0.05)), "marginFlat"],
    [marginState(line(0, -0.5, 0.05)), "marginShrinking"],
  ];
  for (const [state, id] of states) expect(state.id).toBe(id);
});

test("a KL above what policies are usually steered to is said to be large", () => {
  expect(klState(line(2, 2))).toEqual({ id: "klSmall", values: { now: 2 } });
  expect(klState(line(13, 13)).id).toBe("klLarge");
});

test("before twelve steps there is no trend", () => {
  const few = line(0.7, 0.1).slice(0, 11);
  expect(trendOf(few)).toBeNull();
  expect(lossState(few, held(0.7, 0.5, 0.6, 0.7))).toEqual({ id: "tooEarly", values: { steps: 11 } });
});

test("drift: how far on the pairs' answers, and whether they became likelier or less likely", () => {
  // The newest twenty of forty points on a line from 0 to 39 are 20 … 39.
  const far = line(0, 39);
  expect(driftState(far, line(0, 3.9))).toEqual({
    id: "driftTowards",
    values: { now: expect.closeTo(29.5, 9), mean: expect.closeTo(2.95, 9) },
  });
  expect(driftState(far, line(0, -3.9))).toMatchObject({ id: "driftAway", values: { mean: expect.closeTo(-2.95, 9) } });
  expect(driftState(far.slice(0, 11), line(0, 1)).id).toBe("tooEarly");
});
