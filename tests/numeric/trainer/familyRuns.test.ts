import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { collectEvents, doneOf } from "../../helpers/ruleRun";
import { families, tinyFamily } from "../../helpers/tinyFamilies";
import { writeRuleDataset } from "../../helpers/tinyModel";

const folder = mkdtempSync(join(tmpdir(), "families-"));
const dataset = writeRuleDataset(join(folder, "data"), 64);

const own = ["gpt2", "qwen2", "qwen3"];
test.each(own)("%s: DPO and a reward model learn a rule, and what they save is of the same family", async (family) => {
  expect(Object.keys(families)).toContain(family);
  const model = tinyFamily(family);
  // As large as initialised ones, so that the rates of small models fit.
  for (const { shape, data } of Object.values(model.parameters)) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) / 12;
  }
  const baseModel = join(folder, family);
  saveModelFolder(baseModel, model, "", "F32");
  const run = (kind: "dpo" | "reward") =>
    collectEvents({
      kind,
      baseModel,
      dataset,
      output: join(folder, `${family}-${kind}`),
      batchSize: 8,
      epochs: 12,
      maxLength: 64,
      seed: 1,
      provider: "onnx-cpu",
      optimizer: { learningRate: 3e-3 },
    } as never);
  const tuned = doneOf(await run("dpo"));
  expect(tuned.metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
  expect(loadModelFolder(tuned.modelPath).config).toEqual(model.config);
  const judge = doneOf(await run("reward"));
  expect(judge.metrics.eval_accuracy).toBeGreaterThan(0.9);
  expect(loadModelFolder(judge.modelPath)).toMatchObject({ head: "reward", config: model.config });
});
