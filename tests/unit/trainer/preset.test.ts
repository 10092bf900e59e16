import { expect, test } from "vitest";
import { plannedSteps, presetConfig, presetNames } from "@/trainer/contracts/preset";
import { runConfigSchema } from "@/trainer/contracts/runConfig";

const folders = { baseModel: "starter", dataset: "snapshots/x", output: "runs/y" };

test("every preset is a valid configuration with about ten evaluations and a checkpoint at least every 50 steps", () => {
  for (const kind of ["reward", "dpo"] as const) {
    for (const name of presetNames) {
      for (const pairs of [1, 100, 900, 3000]) {
        const config = presetConfig(kind, name, pairs);
        runConfigSchema.parse({ ...config, ...folders });
        const evaluations = Math.ceil(plannedSteps(config, pairs) / (config.evalEvery as number));
        expect(evaluations).toBeLessThanOrEqual(10);
        if (plannedSteps(config, pairs) >= 100) expect(evaluations).toBeGreaterThanOrEqual(9);
        expect(config.checkpointEvery).toBeLessThanOrEqual(50);
      }
    }
  }
});

test("steps: batches of an epoch times epochs, short batch included, never none", () => {
  // 100 pairs in batches of 8 are 13 steps an epoch.
  expect(plannedSteps({ batchSize: 8, epochs: 1 }, 100)).toBe(13);
  expect(plannedSteps({ batchSize: 8, epochs: 2.5 }, 100)).toBe(33);
  expect(plannedSteps({ batchSize: 8, epochs: 0.01 }, 100)).toBe(1);
  expect(plannedSteps({ batchSize: 8, epochs: 1, maxSteps: 5 }, 100)).toBe(5);
});

test("what a person sets wins; epochs asked for are not cut short by the preset's limit", () => {
  const config = presetConfig("dpo", "quick", 4000, {
    epochs: 2,
    beta: 0.3,
    learningRate: 1e-6,
    batchSize: 4,
    seed: 9,
  });
  expect(config).toMatchObject({ kind: "dpo", epochs: 2, beta: 0.3, batchSize: 4, seed: 9 });
  expect(config.optimizer.learningRate).toBe(1e-6);
  expect(plannedSteps(config, 4000)).toBe(2000);
  expect(plannedSteps(presetConfig("dpo", "quick", 4000), 4000)).toBe(150);
});
