import { expect, test } from "vitest";
import {
  adapterCosts,
  batchOf,
  chosenAdapter,
  recommendAdapter,
  withAdapterKind,
} from "@/app/_features/runs/adapterChoices";
import { readSettings } from "@/app/_features/runs/runForm";
import { adapterKindOf, adapterKinds, adapterOf, settingsOfKind } from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import { presetConfig } from "@/trainer/contracts/preset";
import { configIssues } from "@/trainer/contracts/settings";

/** One layer of two projections: 64 → 64 and 64 → 256, after 1,024 words. */
const shape: ModelShape = {
  parameters: 1024 * 64 + 64 * 64 + 64 * 256,
  outputParameters: 0,
  hiddenSize: 64,
  layers: 1,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  vocabSize: 1024,
  intermediateSize: 256,
  projections: [
    { name: "q_proj", input: 64, output: 64 },
    { name: "up_proj", input: 64, output: 256 },
  ],
};
const lengths = { prompt: 280, answer: 560 };
const situation = (settings = {}) => ({
  config: presetConfig("dpo", "balanced", 600, settings),
  settings,
  shape,
  lengths,
});

test("each way to train is known again by its settings, whatever is set besides", () => {
  for (const kind of adapterKinds) {
    expect(adapterKindOf(adapterOf(settingsOfKind(kind)))).toBe(kind);
    expect(adapterKindOf(adapterOf({ ...settingsOfKind(kind), "adapter.rank": 3, "adapter.tokens": 7 }))).toBe(kind);
    expect(configIssues(presetConfig("reward", "balanced", 100, settingsOfKind(kind)))).toEqual([]);
  }
  expect(adapterKindOf(adapterOf({ "adapter.method": "lora", "adapter.rateRatio": 4 }))).toBe("loraplus");
  expect(adapterKindOf({})).toBe("full");
});

test("choosing a way keeps what was typed besides and takes back what made the one before", () => {
  const texts = withAdapterKind({ "adapter.rank": "4", beta: "0.2" }, "rslora");
  expect(texts).toEqual({
    "adapter.rank": "4",
    beta: "0.2",
    "adapter.method": "lora",
    "adapter.rankStabilised": "true",
  });
  const next = withAdapterKind(texts, "dora");
  expect(readSettings("dpo", next)).toMatchObject({
    "adapter.method": "lora",
    "adapter.decomposed": true,
    "adapter.rank": 4,
  });
  expect(withAdapterKind(next, "full")).toEqual({ "adapter.rank": "4", beta: "0.2" });
});

test("1,024 words: 2.8 characters a token; a longest sequence cuts answers", () => {
  const batch = batchOf(situation());
  expect(batch.promptTokens).toBeCloseTo(100, 6);
  expect(batch.answerTokens).toBeCloseTo(200, 6);
  expect(batch.examples).toBe(8);
  const cut = situation({ maxLength: 150, microBatchSize: 2 });
  expect(batchOf(cut)).toMatchObject({ examples: 2, answerTokens: expect.closeTo(50, 6) });
});

test("the costs of all ways at once; the chosen one's heed its rank", () => {
  const costs = adapterCosts(situation());
  // r·(in + out) of both: 16·(128 + 320).
  expect(costs.lora.trained).toBe(16 * 448);
  expect(costs.prompt.trained).toBe(20 * 64);
  expect(costs.prefix.trained).toBe(20 * 2 * 32);
  const settings = { "adapter.method": "lora", "adapter.rank": 4 };
  expect(chosenAdapter(situation(settings))).toMatchObject({ kind: "lora", cost: { trained: 4 * 448 } });
  expect(adapterCosts(situation(settings)).dora.trained).toBe(4 * 448 + 320);
});

test("all weights where they are few and fit twice; LoRA where they are many or do not fit", () => {
  const costs = adapterCosts(situation());
  const { memoryBytes } = costs.full;
  expect(recommendAdapter(costs, shape, 2 * memoryBytes)).toEqual({ kind: "full", why: "small" });
  expect(recommendAdapter(costs, shape, 2 * memoryBytes - 1)).toEqual({ kind: "lora", why: "memory" });
  expect(recommendAdapter(costs, { parameters: 135e6 }, 24e9)).toEqual({ kind: "lora", why: "large" });
});

test("an adapter's learning rate is the preset's in the proportion that suits it, and what is typed wins", () => {
  const rate = (settings: Record<string, string | number | boolean>) =>
    presetConfig("dpo", "balanced", 600, settings).optimizer.learningRate;
  const full = rate({});
  expect(rate({ "adapter.method": "lora" }) / full).toBeCloseTo(10, 6);
  expect(rate({ "adapter.method": "lora", "adapter.rank": 64 }) / full).toBeCloseTo(10, 6);
  // Its scale is √r times LoRA's.
  expect(rate({ "adapter.method": "lora", "adapter.rank": 64, "adapter.rankStabilised": true }) / full).toBeCloseTo(
    10 / 8,
    1,
  );
  expect(rate({ "adapter.method": "prompt" })).toBeGreaterThan(rate({ "adapter.method": "lora" }));
  expect(rate({ "adapter.method": "lora", "optimizer.learningRate": 1e-6 })).toBe(1e-6);
});
