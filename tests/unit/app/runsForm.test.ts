import { expect, test } from "vitest";
import { fieldsOf, noOverrides, parseOverrides, plannedSteps } from "@/app/_features/runs/runForm";

test("empty fields keep the preset, typed ones become numbers", () => {
  expect(parseOverrides("dpo", noOverrides)).toEqual({ overrides: {}, wrong: [] });
  expect(parseOverrides("dpo", { ...noOverrides, learningRate: " 5e-5 ", seed: "0", batchSize: "16" })).toEqual({
    overrides: { learningRate: 0.00005, seed: 0, batchSize: 16 },
    wrong: [],
  });
});

test("what is not a number within bounds is named and not sent", () => {
  const text = { learningRate: "fast", epochs: "0", batchSize: "2.5", beta: "-1", maxLength: "1", seed: "-3" };
  expect(parseOverrides("dpo", text)).toEqual({
    overrides: {},
    wrong: ["learningRate", "epochs", "batchSize", "beta", "maxLength", "seed"],
  });
});

test("a reward model has no beta, whatever is left in the field", () => {
  expect(fieldsOf("reward")).not.toContain("beta");
  expect(parseOverrides("reward", { ...noOverrides, beta: "nonsense" })).toEqual({ overrides: {}, wrong: [] });
});

test("steps are counted as the trainer counts them", () => {
  expect(plannedSteps(100, { batchSize: 8 })).toBe(13);
  expect(plannedSteps(100, { batchSize: 8, epochs: 1.5 })).toBe(20);
  expect(plannedSteps(100, { batchSize: 8, epochs: 3, maxSteps: 30 })).toBe(30);
  expect(plannedSteps(3, { batchSize: 8, epochs: 0.1 })).toBe(1);
});
