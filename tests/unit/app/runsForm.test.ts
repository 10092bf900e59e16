import { expect, test } from "vitest";
import { boundsOf, fieldsOf, noOverrides, parseOverrides, planOf } from "@/app/_features/runs/runForm";

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

test("the bounds that are shown are the ones that are checked", () => {
  for (const field of fieldsOf("dpo")) {
    const { min, max } = boundsOf(field);
    for (const inside of [min, max]) {
      expect(parseOverrides("dpo", { ...noOverrides, [field]: String(inside) }).wrong).toEqual([]);
    }
    for (const outside of [min - 1, max + 1]) {
      expect(parseOverrides("dpo", { ...noOverrides, [field]: String(outside) }).wrong).toEqual([field]);
    }
  }
});

test("the plan follows what is typed", () => {
  expect(planOf("dpo", "quick", 100, { batchSize: 8 }).steps).toBe(13);
  expect(planOf("dpo", "quick", 100, { batchSize: 8, epochs: 1.5 }).steps).toBe(20);
  expect(planOf("reward", "quick", 3, { batchSize: 8, epochs: 0.1 }).steps).toBe(1);
  expect(planOf("dpo", "quick", 100, { beta: 0.5 }).config).toMatchObject({ kind: "dpo", beta: 0.5 });
});
