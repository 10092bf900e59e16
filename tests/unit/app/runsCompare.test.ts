import { expect, test } from "vitest";
import { type Compared, comparable, comparedLines, compareNow } from "@/app/_features/runs/compare/compareCurves";
import { compareSettings } from "@/app/_features/runs/compare/configDiff";
import { figureRows } from "@/app/_features/runs/compare/figureRows";
import { compareHref, readChoice } from "@/app/_features/runs/compare/runChoice";
import { emptyRunView, type HeldOutPoint } from "@/app/_features/runs/runEvents";
import { presetConfig } from "@/trainer/contracts/preset";
import type { Settings } from "@/trainer/contracts/settings";

const config = (kind: "dpo" | "reward" | "sft", settings: Settings = {}) => presetConfig(kind, "quick", 100, settings);

/** A run with held-out points and training values under the names that its kind gives them. */
function compared(
  kind: "dpo" | "reward",
  heldOut: Readonly<Record<string, readonly (readonly [value: number, low: number | null, high: number | null])[]>>,
  train: Readonly<Record<string, readonly number[]>> = {},
  settings: Settings = {},
): Compared {
  const points = Object.entries(heldOut).map(([name, values]): [string, HeldOutPoint[]] => [
    name,
    values.map(([value, low, high], i) => ({ step: 10 * i, value, low, high })),
  ]);
  const steps = Object.entries(train).map(([name, values]) => [name, values.map((value, step) => ({ step, value }))]);
  const view = { ...emptyRunView, heldOut: Object.fromEntries(points), train: Object.fromEntries(steps) };
  return { run: { kind, config: config(kind, settings) } as Compared["run"], view };
}

test("an address names two to four runs, each once", () => {
  expect(readChoice("a,b,a,,c")).toEqual(["a", "b", "c"]);
  expect(readChoice(["a,b", "c"])).toEqual(["a", "b", "c"]);
  expect(readChoice("a,b,c,d,e")).toEqual(["a", "b", "c", "d"]);
  expect(readChoice(undefined)).toEqual([]);
  const url = new URL(compareHref("p", ["x/1", "y"]), "http://host");
  expect(readChoice(url.searchParams.get("runs") ?? "")).toEqual(["x/1", "y"]);
});

test("settings differ by what is in force: a default written out is no difference, another kind's fields are", () => {
  const same = compareSettings([config("dpo"), config("dpo", { "optimizer.beta1": 0.9, "execution.pack": true })]);
  expect(same.filter(({ differs }) => differs)).toEqual([]);
  expect(same.find(({ path }) => path === "optimizer.beta1")?.values).toEqual(["0.9", "0.9"]);
  const rows = compareSettings([config("dpo", { "optimizer.learningRate": 1e-5, seed: 3 }), config("sft")]);
  const different = Object.fromEntries(rows.filter(({ differs }) => differs).map(({ path, values }) => [path, values]));
  expect(different).toEqual({
    "optimizer.learningRate": ["1e-5", "2e-4"],
    seed: ["3", "0"],
    loss: ["sigmoid", null],
    beta: ["0.1", null],
    softLabels: ["true", null],
  });
  expect(rows.map(({ path }) => path)).not.toContain("dataset");
});

test("runs of different kinds share a chart of accuracy, each under its own metric's name", () => {
  const runs = [
    compared("reward", { accuracy: [[0.7, 0.6, 0.8]] }),
    compared("dpo", { "rewards/accuracies": [[0.8, 0.7, 0.9]] }),
  ];
  const lines = comparedLines("accuracy", "heldOut", runs);
  expect(lines.map(({ label, points }) => [label, points[0]?.value])).toEqual([
    ["A", 0.7],
    ["B", 0.8],
  ]);
});

test("intervals that do not overlap show a difference, those that do show none", () => {
  const at = (low: number, value: number, high: number) =>
    compared("reward", {
      accuracy: [
        [0.5, 0.4, 0.6],
        [value, low, high],
      ],
    });
  const apart = compareNow("accuracy", "heldOut", [at(0.55, 0.6, 0.65), at(0.7, 0.75, 0.8)]);
  expect(apart).toMatchObject({
    id: "apart",
    first: { letter: "B", value: 0.75 },
    rest: [{ letter: "A", value: 0.6 }],
  });
  expect(compareNow("accuracy", "heldOut", [at(0.55, 0.6, 0.71), at(0.7, 0.75, 0.8)]).id).toBe("overlap");
  // The best must be clear of all others, not of the next alone.
  expect(compareNow("accuracy", "heldOut", [at(0.7, 0.75, 0.8), at(0.6, 0.65, 0.69), at(0.3, 0.5, 0.72)]).id).toBe(
    "overlap",
  );
});

test("equal values are no difference, and where all pairs came out alike no interval says how sure it is", () => {
  const all = (value: number) => compared("reward", { accuracy: [[value, value, value]] });
  expect(compareNow("accuracy", "heldOut", [all(1), all(1)]).id).toBe("even");
  expect(compareNow("accuracy", "heldOut", [all(1), all(0)]).id).toBe("ranked");
});

test("figures that kinds share under different names stand in one row, their own ones below", () => {
  const runs: Parameters<typeof figureRows>[0] = [
    { kind: "dpo", metrics: { "eval_rewards/accuracies": 0.8, eval_loss: 0.6, "eval_rewards/chosen": 1 } },
    { kind: "reward", metrics: { eval_accuracy: 0.7, eval_loss: 0.5 } },
    { kind: "sft", metrics: null },
  ];
  expect(figureRows(runs).map(({ label, names }) => [label, names])).toEqual([
    ["loss", ["eval_loss", "eval_loss", "eval_loss"]],
    ["accuracy", ["eval_rewards/accuracies", "eval_accuracy", null]],
    ["rewards/chosen", ["eval_rewards/chosen", "eval_rewards/chosen", "eval_rewards/chosen"]],
  ]);
});

test("the lowest loss is ahead; without intervals nothing is said of how sure that is", () => {
  const losses = [compared("reward", { loss: [[0.5, null, null]] }), compared("reward", { loss: [[0.4, 0.3, 0.45]] })];
  expect(compareNow("loss", "heldOut", losses)).toMatchObject({ id: "ranked", first: { letter: "B", value: 0.4 } });
});

test("training lines are compared by the mean of their newest twenty steps", () => {
  const noisy = Array.from({ length: 40 }, (_, i) => (i < 20 ? 9 : i % 2 === 0 ? 0.2 : 0.4));
  const runs = [compared("reward", {}, { margin: noisy }), compared("reward", {}, { margin: [0.1, 0.1] })];
  const { id, first } = compareNow("margin", "train", runs);
  expect(id).toBe("ranked");
  expect(first?.value).toBeCloseTo(0.3, 12);
});

test("a loss is compared with the same loss only, accuracy with any", () => {
  const runs = [
    compared("dpo", { loss: [[0.6, null, null]] }),
    compared("dpo", { loss: [[9, null, null]] }, {}, { loss: "ipo" }),
  ];
  expect(compareNow("loss", "heldOut", runs).id).toBe("unlike");
  expect(
    comparable(
      "margin",
      runs.map(({ run }) => run),
    ),
  ).toBe(false);
  expect(
    comparable(
      "accuracy",
      runs.map(({ run }) => run),
    ),
  ).toBe(true);
  expect(compareNow("loss", "heldOut", runs.slice(0, 1)).id).toBe("none");
});
