import { expect, test } from "vitest";
import { rolloutPlan } from "@/trainer/contracts/online";
import { examplesOf, plannedSteps, presetConfig, presetNames } from "@/trainer/contracts/preset";
import { runConfigSchema, snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { configIssues, unknownSetting } from "@/trainer/contracts/settings";

const folders = { baseModel: "starter", dataset: "snapshots/x", output: "runs/y", reward: "models/z" };

test("every preset is a valid configuration with about ten evaluations and a checkpoint at least every 50 steps", () => {
  for (const kind of snapshotRunKinds) {
    for (const name of presetNames) {
      for (const pairs of [1, 100, 900, 3000]) {
        const config = presetConfig(kind, name, pairs);
        runConfigSchema.parse({ ...config, ...folders });
        const evaluations = Math.ceil(plannedSteps(config, examplesOf(kind, pairs)) / (config.evalEvery as number));
        expect(evaluations).toBeLessThanOrEqual(10);
        if (plannedSteps(config, examplesOf(kind, pairs)) >= 100) expect(evaluations).toBeGreaterThanOrEqual(9);
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
    "optimizer.learningRate": 1e-6,
    batchSize: 4,
    seed: 9,
  });
  expect(config).toMatchObject({ kind: "dpo", epochs: 2, beta: 0.3, batchSize: 4, seed: 9 });
  expect(config.optimizer.learningRate).toBe(1e-6);
  expect(plannedSteps(config, 4000)).toBe(2000);
  expect(plannedSteps(presetConfig("dpo", "quick", 4000), 4000)).toBe(150);
});

test("a loss brings its own beta unless somebody sets one; KTO counts each pair as two answers", () => {
  expect(presetConfig("dpo", "quick", 100)).toMatchObject({ loss: "sigmoid", beta: 0.1 });
  expect(presetConfig("dpo", "quick", 100, { loss: "simpo" })).toMatchObject({ loss: "simpo", beta: 2.5 });
  expect(presetConfig("dpo", "quick", 100, { loss: "simpo", beta: 2 })).toMatchObject({ beta: 2 });
  expect(presetConfig("dpo", "quick", 100, { loss: "orpo" })).not.toHaveProperty("beta");
  // 200 answers in batches of 16 are 13 steps, as 100 pairs in batches of 8.
  expect(plannedSteps(presetConfig("kto", "quick", 100), examplesOf("kto", 100))).toBe(13);
});

test("a setting at any path is heeded, an evaluation asked for keeps its place, and a mixture has each loss's own beta", () => {
  const config = presetConfig("dpo", "quick", 100, {
    "optimizer.schedule": "linear",
    "execution.pack": false,
    evalEvery: 60,
    loss: [
      { loss: "sigmoid", weight: 1 },
      { loss: "sft", weight: 0.2 },
    ],
  });
  expect(config).toMatchObject({
    optimizer: { learningRate: 5e-5, schedule: "linear" },
    execution: { pack: false },
    evalEvery: 60,
    checkpointEvery: 50,
  });
  expect(config).not.toHaveProperty("beta");
  expect(configIssues(config)).toEqual([]);
});

test("what a kind of run does not have is not set, and named; what its schema refuses has a path", () => {
  const foreign = { output: "/etc", beta: 1, "optimizer.learningRate": 1e-3 };
  expect(presetConfig("reward", "quick", 100, foreign)).not.toHaveProperty("output");
  expect(unknownSetting("reward", foreign)).toBe("output");
  expect(unknownSetting("reward", { beta: 1 })).toBe("beta");
  expect(unknownSetting("dpo", { beta: 1, "execution.pack": true })).toBeNull();
  const wrong = presetConfig("dpo", "quick", 100, { epochs: "two", "optimizer.beta1": 1 });
  expect(configIssues(wrong).map(({ path }) => path)).toEqual(["optimizer.beta1", "epochs"]);
});

test("runs that sample are counted in whole rollouts, and their limits are some of those", () => {
  for (const kind of ["ppo", "grpo", "rloo"] as const) {
    for (const name of presetNames) {
      const config = presetConfig(kind, name, 100_000);
      const { stepsPerRollout } = rolloutPlan(config, 100_000);
      expect((config.maxSteps as number) % stepsPerRollout).toBe(0);
      expect(plannedSteps(config, 100_000)).toBe(config.maxSteps);
    }
  }
  // 64 prompts a rollout, four epochs over its answers in batches of 32: 100 prompts are two rollouts of 8 steps.
  expect(plannedSteps(presetConfig("ppo", "quick", 100), 100)).toBe(16);
  // 8 answers to each of 16 prompts, in batches of 32: 7 rollouts of 4 steps.
  expect(plannedSteps(presetConfig("grpo", "quick", 100), 100)).toBe(28);
});
