import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type PairLossName, pairHyperparameters, pairLosses, pairLossNames } from "@/trainer/contracts/losses";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { readSafetensors } from "@/trainer/io/safetensors";
import { plainLosses } from "../../helpers/plainLosses";
import { collectEvents, doneOf, ruleRuns, stepFigures } from "../../helpers/ruleRun";

const { folder, config } = ruleRuns();

// DiscoPOP is not convex: at Δ = 0 and τ 0.05 its slope points the other way, and from an untrained base it stays there.
const withReference = pairLossNames.filter((name) => pairLosses[name].reference && name !== "discopop");

test.each(withReference)(
  "%s starts where policy = reference puts it, and learns the rule on held-out prompts",
  async (loss) => {
    const events = await collectEvents(config("dpo", `loss-${loss}`, { loss, softLabels: false, keep: "last" }));
    const same = { chosen: -10, rejected: -12, refChosen: -10, refRejected: -12, lengthChosen: 4, lengthRejected: 6 };
    const atStart = plainLosses[loss](
      { ...same, meanLength: 4, prompt: 0, meanSequence: 4 },
      pairHyperparameters(loss, {}),
    );
    expect(Math.abs((stepFigures(events, "loss")[0] as number) - atStart)).toBeLessThan(1e-4 * (1 + atStart));
    expect(stepFigures(events, "rewards/margins")[0]).toBeCloseTo(0, 4);
    expect(doneOf(events).metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
  },
);

test.each(["cpo", "simpo", "orpo"] satisfies PairLossName[])(
  "%s needs no reference and learns the rule",
  async (loss) => {
    const events = await collectEvents(config("dpo", `loss-${loss}`, { loss }));
    expect(doneOf(events).metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
    // Without a reference there is nothing to have moved from.
    expect(Object.keys(doneOf(events).metrics).filter((name) => name.includes("logratios"))).toEqual([]);
  },
);

test("an old configuration of kind dpo, without a loss, is DPO at β 0.1", async () => {
  const old = await collectEvents(config("dpo", "old", { maxSteps: 3 }));
  const named = await collectEvents(config("dpo", "named", { maxSteps: 3, loss: "sigmoid", beta: 0.1 }));
  expect(stepFigures(old, "loss")).toEqual(stepFigures(named, "loss"));
});

test("SFT learns the chosen answers: the token loss falls and the likeliest token is right more often", async () => {
  const events = await collectEvents(config("sft", "sft"));
  const first = events.find((e) => e.type === "eval");
  const { metrics } = doneOf(events);
  expect(metrics.eval_loss).toBeLessThan(0.5 * (first?.metrics.eval_loss as number));
  expect(metrics.eval_mean_token_accuracy).toBeGreaterThan(0.5);
  // 270 tokens, nearly even at first.
  expect(stepFigures(events, "entropy")[0]).toBeCloseTo(Math.log(270), 0);
});

test("KTO starts at ½ with reference point 0, and pushes good answers up and bad ones down", async () => {
  const events = await collectEvents(config("kto", "kto", { epochs: 4 }));
  expect(stepFigures(events, "loss")[0]).toBeCloseTo(0.5, 5);
  expect(stepFigures(events, "kl")[0]).toBeCloseTo(0, 4);
  const { metrics } = doneOf(events);
  expect(metrics["eval_rewards/margins"]).toBeGreaterThan(0.3);
  expect(metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
  expect(metrics.eval_loss).toBeLessThan(0.45);
});

test("KTO says nothing of a side that a step or the held-out answers do not have", async () => {
  const dataset = join(folder, "one-sided");
  mkdirSync(dataset);
  const line = (i: number) =>
    JSON.stringify({
      id: `answer-${i}`,
      promptId: `prompt-${i}`,
      prompt: [{ role: "user", content: "the cat is" }],
      completion: [{ role: "assistant", content: ` ${"very ".repeat(i)}evil.` }],
      label: false,
    });
  for (const split of ["train", "test"]) {
    writeFileSync(join(dataset, `${split}.jsonl`), [0, 1, 2, 3].map((i) => `${line(i)}\n`).join(""));
  }
  const events = await collectEvents(config("kto", "kto-one-sided", { dataset, batchSize: 4, maxSteps: 1 }));
  const [step] = events.filter((e) => e.type === "step");
  for (const metrics of [step?.metrics ?? {}, doneOf(events).metrics]) {
    const sides = Object.keys(metrics).filter((name) => /(chosen|rejected|margins)$/.test(name));
    expect(sides.map((name) => name.replace("eval_", "")).sort()).toEqual(
      metrics === step?.metrics ? ["logps/rejected", "rewards/rejected"] : ["rewards/rejected"],
    );
  }
});

test.each([
  [
    "dpo",
    {
      loss: [
        { loss: "sigmoid", weight: 0.8 },
        { loss: "sft", weight: 1 },
        { loss: "orpo", weight: 0.5 },
      ],
    },
  ],
  ["reward", {}],
  ["sft", {}],
] as [RunConfigInput["kind"], object][])(
  "%s: a step in batches of three is the step in one batch of eight",
  async (kind, more) => {
    const all = { maxSteps: 6, keep: "last", ...more };
    const whole = await collectEvents(config(kind, `${kind}-whole`, all));
    const parts = await collectEvents(config(kind, `${kind}-parts`, { ...all, microBatchSize: 3 }));
    for (const name of Object.keys((whole.find((e) => e.type === "step") as { metrics: object }).metrics)) {
      const [a, b] = [stepFigures(whole, name), stepFigures(parts, name)];
      for (const [i, x] of a.entries()) {
        // Policy and reference are one model at first: which reward is larger is a matter of rounding.
        if (i === 0 && name === "rewards/accuracies") continue;
        expect(Math.abs(x - (b[i] as number)), `${name} at ${i}`).toBeLessThan(2e-4 * (1 + Math.abs(x)));
      }
    }
    const weights = (name: string) => readSafetensors(join(folder, name, "model", "model.safetensors"));
    const [a, b] = [weights(`${kind}-whole`), weights(`${kind}-parts`)];
    for (const name of Object.keys(a)) {
      const gap = Math.max(...Array.from(a[name]?.data ?? [], (x, i) => Math.abs(x - (b[name]?.data[i] as number))));
      // AdamW turns a gradient near 0 into a step of its sign: single weights may part by a little.
      expect(gap, name).toBeLessThan(2e-3);
    }
  },
);
