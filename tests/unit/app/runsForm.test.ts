import { expect, test } from "vitest";
import { groupedFields, offeredLosses, readSettings, settingProblems, settingText } from "@/app/_features/runs/runForm";
import en from "@/messages/en/runs.json";
import zh from "@/messages/zh/runs.json";
import { adapterMethods } from "@/trainer/contracts/adapter";
import { presetConfig } from "@/trainer/contracts/preset";
import { snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { configFields } from "@/trainer/contracts/schema";
import { pathOf } from "@/trainer/contracts/settings";

const pathsOf = (...shown: Parameters<typeof groupedFields>) =>
  groupedFields(...shown).flatMap(({ fields }) => fields.map(pathOf));

/** What is wrong with one value, as the page would say it. */
const problem = (kind: Parameters<typeof readSettings>[0], path: string, text: string) => {
  const config = presetConfig(kind, "quick", 100, readSettings(kind, { [path]: text }));
  return settingProblems(kind, config).get(path);
};

test("every field of the schema stands on the page once, under one heading, but for the folders", () => {
  for (const kind of snapshotRunKinds.filter((one) => one !== "dpo")) {
    const all = configFields(kind).map(pathOf);
    const folders = ["output", "baseModel", "dataset", "reward", "judge"];
    const shown = adapterMethods.flatMap((method) => pathsOf(kind, { "adapter.method": method }));
    expect([...new Set(shown)].sort()).toEqual(all.filter((path) => !folders.includes(path)).sort());
    for (const method of adapterMethods) {
      const paths = pathsOf(kind, { "adapter.method": method });
      expect(new Set(paths).size).toBe(paths.length);
    }
  }
});

test("a way to train shows the numbers that it uses and no others", () => {
  const own = (method: string) =>
    pathsOf("sft", { "adapter.method": method }).flatMap((path) =>
      path.startsWith("adapter.") ? [path.slice(8)] : [],
    );
  expect(own("")).toEqual(["method"]);
  expect(own("prompt")).toEqual(["method", "baseWeights", "tokens", "startText"]);
  expect(own("prefix")).toEqual(["method", "baseWeights", "tokens", "reparametrised"]);
  const texts = { "adapter.method": "lora", "adapter.targets": "q_proj, v_proj", "adapter.tokens": "3" };
  expect(readSettings("sft", texts)).toEqual({ "adapter.method": "lora", "adapter.targets": ["q_proj", "v_proj"] });
});

test("a loss shows the numbers that it uses and no others; what is left in a hidden field is not sent", () => {
  const own = (loss: string) =>
    pathsOf("dpo", { loss }).filter((path) => ["beta", "gamma", "labelSmoothing", "lambda"].includes(path));
  expect(own("")).toEqual(["beta"]);
  expect(own("simpo")).toEqual(["beta", "gamma"]);
  expect(own("orpo")).toEqual(["lambda"]);
  expect(own("orpo 1, cdpo 0.5")).toEqual(["beta", "labelSmoothing", "lambda"]);
  expect(readSettings("dpo", { loss: "orpo", beta: "0.3", lambda: "0.2" })).toEqual({ loss: "orpo", lambda: 0.2 });
  expect(readSettings("reward", { beta: "nonsense" })).toEqual({});
});

test("texts become what the schema wants, empty ones nothing", () => {
  const texts = {
    "optimizer.learningRate": " 5e-5 ",
    seed: "0",
    epochs: " ",
    softLabels: "false",
    "optimizer.schedule": "linear",
    "execution.vocabularyChunk": "all",
    loss: "sigmoid 1, sft 0.2",
  };
  expect(readSettings("dpo", texts)).toEqual({
    "optimizer.learningRate": 0.00005,
    seed: 0,
    softLabels: false,
    "optimizer.schedule": "linear",
    "execution.vocabularyChunk": null,
    loss: [
      { loss: "sigmoid", weight: 1 },
      { loss: "sft", weight: 0.2 },
    ],
  });
  for (const path of ["loss", "execution.vocabularyChunk", "optimizer.learningRate"] as const) {
    const read = readSettings("dpo", texts)[path];
    expect(readSettings("dpo", { [path]: settingText(read) ?? "" })[path]).toEqual(read);
  }
});

test("what the schema refuses is said at its field, with the limit that it has there", () => {
  expect(problem("dpo", "optimizer.learningRate", "fast")).toEqual({ id: "number", values: {} });
  expect(problem("dpo", "optimizer.learningRate", "0")).toEqual({ id: "above", values: { limit: "0" } });
  expect(problem("dpo", "optimizer.learningRate", "2")).toEqual({ id: "atMost", values: { limit: "1" } });
  expect(problem("dpo", "optimizer.beta1", "1")).toEqual({ id: "below", values: { limit: "1" } });
  expect(problem("dpo", "batchSize", "2.5")).toEqual({ id: "integer", values: {} });
  expect(problem("kto", "batchSize", "1")).toEqual({ id: "atLeast", values: { limit: "2" } });
  expect(problem("sft", "samplePrompts", "-1")).toEqual({ id: "atLeast", values: { limit: "0" } });
  expect(problem("dpo", "keep", "worst")).toEqual({ id: "oneOf", values: { choices: "best, last" } });
  expect(problem("dpo", "execution.vocabularyChunk", "some")).toEqual({ id: "chunk", values: {} });
  for (const loss of ["sigmoid 1, nonsense 1", "sigmoid 1, sft", "sigmoid, sft", "nonsense"]) {
    expect(problem("dpo", "loss", loss), loss).toEqual({ id: "losses", values: {} });
  }
  expect(problem("dpo", "loss", "sigmoid 1, sft 0.5")).toBeUndefined();
});

test("each loss that is offered has a name and a sentence in both languages", () => {
  for (const { form } of [en, zh]) {
    expect(Object.keys(form.losses)).toEqual(offeredLosses);
    expect(Object.keys(form.lossTexts)).toEqual(offeredLosses);
  }
});
