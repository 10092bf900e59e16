import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { trainedMethods } from "@/trainer/adapters/capabilities";
import { openModel } from "@/trainer/adapters/openModel";
import type { AdapterConfig } from "@/trainer/contracts/adapter";
import { loadModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { readSafetensors } from "@/trainer/io/safetensors";
import { evaluateModel } from "@/trainer/recipes/evaluate";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { collectEvents, doneOf, ruleRuns, stepFigures } from "../../helpers/ruleRun";

/** Whole runs that train an adapter beside a frozen base. */
const { folder, base, dataset, config } = ruleRuns();

const settings = (adapter: Partial<AdapterConfig>, more: object = {}) => ({
  adapter: { rank: 4, tokens: 5, ...adapter },
  optimizer: { learningRate: 0.02, schedule: "constant" },
  samplePrompts: 0,
  execution: { shapes: 2 },
  ...more,
});
const adapterBytes = (output: string) => readFileSync(join(output, "model", "adapter_model.safetensors"));

const learned = {
  dpo: "eval_rewards/accuracies",
  kto: "eval_rewards/accuracies",
  reward: "eval_accuracy",
  sft: "eval_loss",
};
const kinds = Object.entries(learned) as [keyof typeof learned, string][];
const methods = ["lora", "prompt", "prefix"] as const;

describe.each(kinds)("%s", (kind, metric) => {
  test.each(methods)(
    "learns with %s alone trained, and its folder is an adapter that judges as the run did",
    async (method) => {
      const before = readFileSync(join(base, "model.safetensors"));
      const events = await collectEvents(config(kind, `${kind}-${method}`, settings({ method }, { epochs: 8 })));
      const { metrics, modelPath } = doneOf(events);
      const [first] = events.filter((e) => e.type === "eval");
      const [was, is] = [first?.metrics[metric] as number, metrics[metric] as number];
      if (kind === "sft") expect(is).toBeLessThan(was - 0.003);
      else expect(is).toBeGreaterThan(0.9);
      expect(readFileSync(join(base, "model.safetensors")).equals(before)).toBe(true);
      expect(readdirSync(modelPath).sort()).toEqual([
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "tiebreak.json",
      ]);
      const start = events.find((e) => e.type === "start");
      const trained = Object.values(readSafetensors(join(modelPath, "adapter_model.safetensors")));
      expect(start).toMatchObject({ trainableParameters: trained.reduce((n, { data }) => n + data.length, 0) });
      expect(start?.parameters).toBeGreaterThan(start?.trainableParameters ?? 0);

      const provider = await openProvider("onnx-cpu");
      const request = {
        model: modelPath,
        dataset,
        split: "test" as const,
        beta: 0.1,
        batchSize: 8,
        maxLength: 64,
        seed: 7,
      };
      const reference = kind === "dpo" || kind === "kto" ? { reference: base } : {};
      const judged = await evaluateModel({ ...request, ...reference }, provider);
      await provider.close();
      if (kind !== "kto") expect(judged.metrics[metric]).toBeCloseTo(is, 4);
      else expect(judged.metrics["eval_rewards/accuracies"]).toBeGreaterThan(0.9);
    },
  );
});

test("DPO with LoRA starts at ln 2 with margin 0: the reference is the same weights without the adapter", async () => {
  const events = await collectEvents(config("dpo", "ln2", settings({ method: "lora" }, { maxSteps: 2 })));
  expect(Math.abs((stepFigures(events, "loss")[0] as number) - Math.LN2)).toBeLessThan(1e-5);
  expect(stepFigures(events, "rewards/margins")[0]).toBeCloseTo(0, 5);
});

const resumed: [string, Partial<AdapterConfig>][] = [
  ["LoRA with dropout", { method: "lora", dropout: 0.3 }],
  ...Object.entries(trainedMethods).map(([name, row]): [string, Partial<AdapterConfig>] => [name, row.settings]),
];

test.each(resumed)("%s: a run cut off and started again ends on the same bits", async (name, adapter) => {
  const whole = config("dpo", `whole ${name}`, settings(adapter, { maxSteps: 8, microBatchSize: 4 }));
  await collectEvents(whole);
  const cut = { ...whole, output: `${whole.output} cut` };
  for await (const event of train(cut)) if (event.type === "checkpoint") break;
  const events = await collectEvents(cut);
  expect(events.find((e) => e.type === "start")).toMatchObject({ firstStep: 5 });
  expect(adapterBytes(cut.output).equals(adapterBytes(whole.output))).toBe(true);
  const checkpoint = readSafetensors(join(cut.output, "checkpoints", "step-0000008", "state.safetensors"));
  const weights = Object.keys(loadModelFolder(base).parameters);
  expect(Object.keys(checkpoint).filter((key) => weights.some((weight) => key.endsWith(`:${weight}`)))).toEqual([]);
});

test("dropout draws anew at each step and is off at evaluations", async () => {
  const rate = { optimizer: { learningRate: 1e-12, schedule: "constant" }, maxSteps: 6, batchSize: 48, epochs: 20 };
  const run = (name: string, dropout: number) =>
    collectEvents(config("sft", name, { ...settings({ method: "lora", initialisation: "pissa", dropout }), ...rate }));
  const [plain, dropped] = [await run("plain", 0), await run("dropped", 0.5)];
  // PiSSA's change is nought while A and B are what they were, whatever is dropped.
  for (const [i, loss] of stepFigures(dropped, "loss").entries()) {
    expect(loss).toBeCloseTo(stepFigures(plain, "loss")[i] as number, 4);
  }
  const noisy = { ...settings({ method: "lora", dropout: 0.5 }), batchSize: 48, maxSteps: 12, epochs: 20 };
  const events = await collectEvents(config("sft", "noisy", noisy));
  const provider = await openProvider("onnx-cpu");
  const judged = await evaluateModel(
    { model: doneOf(events).modelPath, dataset, split: "test", beta: 0.1, batchSize: 8, maxLength: 64, seed: 7 },
    provider,
  );
  await provider.close();
  expect(judged.metrics.eval_loss).toBeCloseTo(doneOf(events).metrics.eval_loss as number, 5);
});

test("LoRA+ moves B by its ratio times the rate of A", async () => {
  const first = async (rateRatio: number) => {
    const c = config(
      "sft",
      `ratio ${rateRatio}`,
      settings({ method: "lora", rateRatio }, { maxSteps: 1, keep: "last" }),
    );
    await collectEvents(c);
    return readSafetensors(join(c.output, "model", "adapter_model.safetensors"));
  };
  const [one, sixteen] = [await first(1), await first(16)];
  const name = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
  // B starts at nought, and AdamW's first step is the rate's size.
  for (const [i, b] of (one[name]?.data ?? []).entries()) {
    expect(sixteen[name]?.data[i]).toBeCloseTo(16 * b, 5);
  }
});

test("beside a base in 4 bits an adapter learns what a reward and PPO need; full training of one is refused", async () => {
  const qlora = settings({ method: "lora", baseWeights: "nf4" });
  const reward = doneOf(await collectEvents(config("reward", "qlora judge", { ...qlora, epochs: 8 })));
  expect(reward.metrics.eval_accuracy).toBeGreaterThan(0.9);
  const opened = openModel(reward.modelPath);
  expect(opened.parts?.base.parameters["model.layers.0.mlp.up_proj.weight"]?.dtype).toBe("uint8");
  const online = {
    ...qlora,
    reward: reward.modelPath,
    rolloutPrompts: 8,
    maxNewTokens: 4,
    maxSteps: 2,
    evalPrompts: 4,
  };
  const { sampleTokens: _, ...ppo } = config("ppo", "qlora ppo", online) as Record<string, unknown>;
  const events = await collectEvents(ppo as never);
  expect(doneOf(events).step).toBe(2);
  expect(Math.abs(stepFigures(events, "objective/kl")[0] as number)).toBeLessThan(1e-4);
  const packed = join(folder, "packed");
  saveModelFolder(packed, loadModelFolder(base, "nf4"), "", "F32");
  await expect(collectEvents(config("sft", "full on nf4", { baseModel: packed }))).rejects.toThrow(/4 bits.*adapter/);
});

test("training goes on from an adapter: it becomes part of the weights first; what cannot is refused with the way out", async () => {
  const lora = doneOf(await collectEvents(config("sft", "first lora", settings({ method: "lora" }))));
  const again = await collectEvents(config("dpo", "on lora", { baseModel: lora.modelPath, maxSteps: 2 }));
  expect(doneOf(again).step).toBe(2);
  const prompt = doneOf(
    await collectEvents(config("sft", "first prompt", settings({ method: "prompt" }, { maxSteps: 1 }))),
  );
  await expect(collectEvents(config("dpo", "on prompt", { baseModel: prompt.modelPath }))).rejects.toThrow(
    /no weights can hold it/,
  );
  expect(openModel(prompt.modelPath).config.maxPositions).toBe(123);
});

test("a projection that the model does not have is named, with those it has", async () => {
  const wrong = config("dpo", "wrong", settings({ method: "lora", targets: ["query"] }));
  await expect(collectEvents(wrong)).rejects.toThrow(/adapter\.targets.*"query".*q_proj, k_proj/);
});
