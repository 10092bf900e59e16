import { expect, test } from "vitest";
import { type AlarmInput, alarmsOf } from "@/app/_features/runs/alarms";
import { heldOutAccuracy } from "@/app/_features/runs/metrics";
import { emptyRunView, type HeldOutPoint, type RunView, type TrainPoint } from "@/app/_features/runs/runEvents";

const line = (...values: number[]): TrainPoint[] => values.map((value, i) => ({ step: i + 1, value }));
const held = (points: [step: number, value: number, low?: number, high?: number][]): HeldOutPoint[] =>
  points.map(([step, value, low = value, high = value]) => ({ step, value, low, high }));
const flat = (n: number, value: number): TrainPoint[] => line(...Array.from({ length: n }, () => value));

const view = (parts: Partial<RunView> & { step?: number; testPairs?: number; dropped?: Record<string, number> }) => {
  const { step = 100, testPairs = 200, dropped = {}, ...rest } = parts;
  const start = { train: { used: 800, dropped }, test: { used: testPairs, dropped: {} } } as RunView["start"];
  return { ...emptyRunView, start, latest: { step, totalSteps: 100 } as RunView["latest"], ...rest };
};
const ids = (runView: RunView, more: Partial<AlarmInput> = {}) =>
  alarmsOf({ kind: "dpo", errorCode: null, learningRate: 3e-4, totalSteps: 100, view: runView, ...more }).map(
    (alarm) => alarm.id,
  );

test("a healthy run is quiet", () => {
  const healthy = view({
    train: { "rewards/accuracies": flat(100, 0.75), "rewards/margins": line(0, 0.2, 0.5) },
    heldOut: {
      "rewards/accuracies": held([
        [0, 0.5],
        [100, 0.71, 0.64, 0.78],
      ]),
      "rewards/margins": held([
        [0, 0],
        [50, 0.3],
        [100, 0.5],
      ]),
    },
  });
  expect(ids(healthy)).toEqual([]);
  expect(ids(emptyRunView)).toEqual([]);
});

test("a loss that is not finite advises a third of the learning rate", () => {
  const [alarm] = alarmsOf({
    kind: "dpo",
    errorCode: "not_finite",
    learningRate: 3e-4,
    totalSteps: 100,
    view: view({}),
  });
  expect(alarm).toEqual({ id: "notFinite", values: { learningRate: 3e-4, suggested: expect.closeTo(1e-4, 12) } });
  expect(ids(view({}), { errorCode: "bad_dataset" })).toEqual([]);
});

test("the margin is judged by held-out pairs, by training steps where there are none, and never too early", () => {
  const falling = {
    "rewards/margins": held([
      [0, 0],
      [20, 0.1],
      [40, -0.05],
    ]),
  };
  expect(ids(view({ heldOut: falling, step: 40 }))).toEqual(["marginNotGrowing"]);
  expect(ids(view({ heldOut: falling, step: 39 }))).toEqual([]);
  expect(ids(view({ train: { "rewards/margins": [...flat(20, 0.2), ...flat(20, 0.1)] } }))).toContain(
    "marginNotGrowing",
  );
  expect(ids(view({ train: { "rewards/margins": flat(19, 0) } }))).toEqual([]);
});

test("held-out accuracy whose interval includes one half is no better than chance", () => {
  const at = (low: number, high: number) =>
    ids(view({ heldOut: { accuracy: held([[100, (low + high) / 2, low, high]]) } }), { kind: "reward" });
  expect(at(0.48, 0.62)).toEqual(["chanceLevel"]);
  expect(at(0.5, 0.62)).toEqual(["chanceLevel"]);
  expect(at(0.51, 0.62)).toEqual([]);
  expect(at(0.3, 0.45)).toEqual(["worseThanChance"]);
});

test("training far above held-out, and above its interval, is learning by heart", () => {
  const at = (train: number, heldOut: number, high: number) =>
    ids(
      view({
        train: { "rewards/accuracies": flat(30, train) },
        heldOut: { "rewards/accuracies": held([[100, heldOut, 0.55, high]]) },
      }),
    );
  expect(at(0.98, 0.62, 0.7)).toEqual(["overfitting"]);
  expect(at(0.75, 0.62, 0.7)).toEqual([]);
  expect(at(0.8, 0.62, 0.82)).toEqual([]);
});

test("few or no held-out pairs, and pairs left out, are said", () => {
  expect(ids(view({ testPairs: 0 }))).toEqual(["noHeldOut"]);
  expect(ids(view({ testPairs: 49 }))).toEqual(["fewHeldOut"]);
  expect(ids(view({ testPairs: 50 }))).toEqual([]);
  const [alarm] = alarmsOf({
    kind: "dpo",
    errorCode: null,
    learningRate: 1,
    totalSteps: 100,
    view: view({ dropped: { prompt_too_long: 3, same_answers: 2 } }),
  });
  expect(alarm).toEqual({ id: "pairsDropped", values: { dropped: 5, used: 800 } });
});

test("the key figure is found under each trainer's own name", () => {
  const metrics = { "eval_rewards/accuracies": 0.71, eval_accuracy: 0.6 };
  const intervals: Record<string, [number, number]> = { "eval_rewards/accuracies": [0.64, 0.78] };
  expect(heldOutAccuracy("dpo", metrics, intervals)).toEqual({ value: 0.71, low: 0.64, high: 0.78, alike: false });
  expect(heldOutAccuracy("reward", metrics, intervals)).toEqual({ value: 0.6, low: null, high: null, alike: false });
  expect(heldOutAccuracy("dpo", {}, null)).toBeNull();
});

test("a figure on which all pairs agree has no interval, rather than one without width", () => {
  const perfect = heldOutAccuracy("reward", { eval_accuracy: 1 }, { eval_accuracy: [1, 1] });
  expect(perfect).toEqual({ value: 1, low: null, high: null, alike: true });
});
