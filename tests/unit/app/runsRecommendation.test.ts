import { expect, test } from "vitest";
import { recommendPreset } from "@/app/_features/runs/recommendation";
import { plannedSteps, presetConfig, presetNames } from "@/trainer/contracts/preset";

/** What the presets of DPO come to on so many pairs, at so many seconds a pair. */
const plans = (pairs: number, secondsPerPair: number | null = null) =>
  presetNames.map((name) => {
    const config = presetConfig("dpo", name, pairs);
    const steps = plannedSteps(config, pairs);
    const estimatedSeconds = secondsPerPair === null ? null : steps * config.batchSize * secondsPerPair;
    return { name, config, steps, examples: pairs, estimatedSeconds };
  });
const starter = 2_000_000;

test("an ordinary snapshot: the shortest that sees every pair twice", () => {
  for (const pairs of [100, 600, 3000]) {
    expect(recommendPreset(plans(pairs), starter)).toEqual({ name: "balanced", why: "enough", rounds: 2 });
  }
});

test("many pairs: 750 steps of 8 see 4,000 of them only once and a half", () => {
  expect(recommendPreset(plans(4000), starter)).toEqual({ name: "thorough", why: "large", rounds: 3 });
});

test("a machine on which it takes too long: the longest that ends within an hour, else the shortest", () => {
  // Balanced goes through 600 pairs twice: 4 s a pair are 80 minutes, 2 s are 40.
  expect(recommendPreset(plans(600, 2), starter)?.name).toBe("balanced");
  expect(recommendPreset(plans(600, 4), starter)).toEqual({ name: "quick", why: "slow", rounds: 1 });
  expect(recommendPreset(plans(600, 60), starter)).toEqual({ name: "quick", why: "slow", rounds: 1 });
});

test("a large model that was never timed here: a short run first; once it was timed, its time decides", () => {
  expect(recommendPreset(plans(600), 500_000_000)).toMatchObject({ name: "quick", why: "unknown" });
  expect(recommendPreset(plans(600, 1), 500_000_000)).toMatchObject({ name: "balanced", why: "enough" });
});

test("nothing is recommended before the plans are there", () => {
  expect(recommendPreset([], starter)).toBeNull();
});
