import { expect, test } from "vitest";
import { boundsOf, fieldsOf, noOverrides, offeredLosses, parseOverrides } from "@/app/_features/runs/runForm";
import en from "@/messages/en/runs.json";
import zh from "@/messages/zh/runs.json";

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

test("each loss that is offered has a name and a sentence in both languages", () => {
  for (const { form } of [en, zh]) {
    expect(Object.keys(form.losses)).toEqual(offeredLosses);
    expect(Object.keys(form.lossTexts)).toEqual(offeredLosses);
  }
});

test("a reward model and SFT have no beta, whatever is left in the field", () => {
  expect(fieldsOf("kto")).toContain("beta");
  expect(fieldsOf("sft")).not.toContain("beta");
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
