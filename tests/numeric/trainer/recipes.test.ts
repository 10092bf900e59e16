import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { buildTrainer } from "@/trainer/tools/build.mjs";
import { collectEvents, doneOf, ruleRuns } from "../../helpers/ruleRun";
import { writeRuleDataset } from "../../helpers/tinyModel";

const { folder, config } = ruleRuns();

test("DPO starts at ln 2 with margin 0 and learns the rule on prompts held out", async () => {
  const events = await collectEvents(config("dpo", "dpo"));
  const [atStart] = events.filter((e) => e.type === "eval");
  expect(atStart?.metrics.eval_loss).toBeCloseTo(Math.LN2, 5);
  expect(atStart?.metrics["eval_rewards/margins"]).toBeCloseTo(0, 5);
  const [firstStep] = events.filter((e) => e.type === "step");
  expect(Math.abs((firstStep?.metrics.loss as number) - Math.LN2)).toBeLessThan(1e-5);
  expect(doneOf(events).metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
  expect(doneOf(events).metrics.eval_loss).toBeLessThan(0.5);
  // The reward is β = 0.1 times the log-ratio, and |c| + |r| is at least |c + r| and |c − r|.
  const { "eval_rewards/chosen": up = 0, "eval_rewards/rejected": down = 0, ...end } = doneOf(events).metrics;
  expect(end["eval_logratios/mean"]).toBeCloseTo((up + down) / 2 / 0.1, 4);
  const least = Math.max(Math.abs(up + down), up - down) / 2 / 0.1;
  expect(end["eval_logratios/drift"]).toBeGreaterThan(least - 1e-4);
  expect(atStart?.metrics["eval_logratios/drift"]).toBeCloseTo(0, 4);
  expect(firstStep?.metrics["logratios/drift"]).toBeCloseTo(0, 4);
});

test("a reward model learns the rule; its folder says it is a sequence classifier with one score", async () => {
  const events = await collectEvents(config("reward", "reward"));
  const { metrics, intervals, modelPath } = doneOf(events);
  expect(metrics.eval_accuracy).toBeGreaterThan(0.9);
  expect(intervals.eval_accuracy?.[0]).toBeLessThanOrEqual(metrics.eval_accuracy as number);
  expect(loadModelFolder(modelPath).head).toBe("reward");
  expect(JSON.parse(readFileSync(join(modelPath, "config.json"), "utf8")).architectures).toEqual([
    "LlamaForSequenceClassification",
  ]);
});

test("a run killed with SIGKILL and started again ends on the same bits as one that was left alone", async () => {
  await collectEvents(config("dpo", "uninterrupted"));
  const c = config("dpo", "killed");
  const configFile = join(folder, "killed.json");
  writeFileSync(configFile, JSON.stringify(c));
  await buildTrainer();
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, ["trainer/dist/cli.mjs", "train", "--config", configFile, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes('"type":"step","step":13,')) child.kill("SIGKILL");
    });
    child.on("exit", () => resolve());
  });
  expect(readdirSync(join(c.output, "checkpoints")).at(-1)).toBe("step-0000010");
  const events = await collectEvents(c);
  expect(events.find((e) => e.type === "start")).toMatchObject({ firstStep: 10 });
  const weights = (name: string) => readFileSync(join(folder, name, "model", "model.safetensors"));
  expect(weights("killed").equals(weights("uninterrupted"))).toBe(true);
});

test("a bad line is named by file, line and field", async () => {
  const broken = writeRuleDataset(join(folder, "broken"), 8);
  writeFileSync(
    join(broken, "train.jsonl"),
    `${readFileSync(join(broken, "train.jsonl"), "utf8").split("\n")[0]}\n{"id":"x"}\n`,
  );
  await expect(collectEvents(config("dpo", "bad", { dataset: broken }))).rejects.toThrow(
    /train\.jsonl, line 2, promptId/,
  );
});
