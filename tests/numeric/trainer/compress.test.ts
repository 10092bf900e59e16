import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { merged, openModel } from "@/trainer/adapters/openModel";
import { type CompressionReport, compressionSettingsSchema } from "@/trainer/contracts/compression";
import { readTexts } from "@/trainer/data/examples";
import { encodeCompletion, encodePrompt } from "@/trainer/data/text";
import { loadModel } from "@/trainer/generation/loadedModel";
import { type ModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { readSafetensors } from "@/trainer/io/safetensors";
import { type CompressRequest, compress } from "@/trainer/recipes/compress";
import { evaluateModel } from "@/trainer/recipes/evaluate";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { float32 } from "@/trainer/runtime/tree";
import { moved } from "../../helpers/adapterCase";
import { logits } from "../../helpers/logits";
import { tinyFamily } from "../../helpers/tinyFamilies";
import { writeRuleDataset } from "../../helpers/tinyModel";

let provider: Provider;
const root = mkdtempSync(join(tmpdir(), "compress-"));
const dataset = writeRuleDataset(join(root, "data"), 24);
const base = tinyFamily("llama, as SmolLM2");
const place = (name: string, model: ModelFolder) => {
  saveModelFolder(join(root, name), model, "", "F32");
  return join(root, name);
};

beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
  place("base", base);
  // Few weights moved far and many hardly: the mean size of the change is far from what the outputs ask for.
  const steep = ([name, a]: [string, (typeof base.parameters)[string]], i: number) => {
    const noise = moved({ [name]: { ...a, data: new Float32Array(a.data.length) } }, 1, i)[name]?.data as Float32Array;
    return [name, { ...a, data: Float32Array.from(a.data, (x, j) => x + 0.01 * (noise[j] as number) ** 3) }];
  };
  const parameters = Object.fromEntries(Object.entries(base.parameters).map(steep as never)) as typeof base.parameters;
  place("tuned", { ...base, parameters });
  place("other", { ...base, parameters: moved(base.parameters, 0.03, 5) });
  const score = { "score.weight": float32(new Float32Array(16).fill(0.3), [1, 16]) };
  place("judge", { ...base, head: "reward", parameters: { ...parameters, ...score } });
});
afterAll(() => provider.close());

async function compressed(name: string, output: string, settings: object, more: Partial<CompressRequest> = {}) {
  const work = compress(
    {
      model: join(root, name),
      base: join(root, "base"),
      dataset,
      output: join(root, output),
      settings: compressionSettingsSchema.parse({ maxLength: 32, ...settings }),
      ...more,
    },
    provider,
  );
  const stages: string[] = [];
  let next = await work.next();
  for (; !next.done; next = await work.next()) stages.push(next.value.stage);
  return { report: next.value as CompressionReport, stages, folder: join(root, output) };
}

test("distilling brings the logits nearer, changes the scales alone, and the figures are those of the folders", async () => {
  const first = await compressed("tuned", "first", { steps: 0 });
  const { report, stages, folder } = await compressed("tuned", "distilled", { steps: 80, learningRate: 0.05 });
  expect(first.report.nearness.final).toEqual(report.nearness.initial);
  expect([first.report.distilled, report.distilled]).toEqual([false, true]);
  expect(report.nearness.final.square).toBeLessThan(0.9 * report.nearness.initial.square);
  expect(stages.filter((stage) => stage === "distilling")).toHaveLength(80);
  const [before, after] = [first.folder, folder].map((at) => readSafetensorsOf(at));
  const changed = Object.keys(after ?? {}).filter((name) => String(after?.[name]) !== String(before?.[name]));
  expect(changed).toHaveLength(14);
  expect(changed.every((name) => name.endsWith(".delta_scale"))).toBe(true);

  const [tuned, delta] = [openModel(join(root, "tuned")), openModel(folder)];
  const found = { max: 0, sum: 0, square: 0, kl: 0, count: 0, tokens: 0 };
  const V = tuned.config.vocabSize;
  for (const { prompt, completion } of readTexts(dataset, "test")) {
    const ids = [...encodePrompt(tuned, prompt), ...encodeCompletion(tuned, prompt, completion)].slice(0, 32);
    const [p, q] = [await logits(provider, tuned, ids), await logits(provider, delta, ids)];
    for (let t = 0; t < ids.length; t++) {
      const rows = [p, q].map((x) => Array.from(x.subarray(t * V, (t + 1) * V))) as [number[], number[]];
      const logs = rows.map((row) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))) as [number, number];
      rows[0].forEach((x, i) => {
        const y = rows[1][i] as number;
        found.max = Math.max(found.max, Math.abs(x - y));
        found.sum += Math.abs(x - y);
        found.square += (x - y) ** 2;
        found.kl += Math.exp(x - logs[0]) * (x - logs[0] - (y - logs[1]));
        found.count += 1;
      });
      found.tokens += 1;
    }
  }
  const { max, mean, square, kl } = report.nearness.final;
  expect(report.heldOut).toMatchObject({ tokens: found.tokens, pairs: 6 });
  expect(max / found.max).toBeCloseTo(1, 3);
  expect(mean / (found.sum / found.count)).toBeCloseTo(1, 3);
  expect(square / (found.square / found.count)).toBeCloseTo(1, 3);
  expect((kl as number) / (found.kl / found.tokens)).toBeCloseTo(1, 2);
  const judged = { dataset, split: "test" as const, beta: 0.1, batchSize: 8, maxLength: 128, seed: 0 };
  const reference = join(root, "base");
  for (const [which, model] of [
    ["tuned", join(root, "tuned")],
    ["final", folder],
  ] as const) {
    const { metrics } = await evaluateModel({ ...judged, model, reference }, provider);
    expect(Object.keys(report.metrics[which])).toEqual(Object.keys(metrics));
    for (const [name, value] of Object.entries(metrics)) expect(report.metrics[which][name]).toBeCloseTo(value, 4);
  }
});

/** The values of a delta's numbers, and of signs nothing: they are bytes. */
function readSafetensorsOf(folder: string): Record<string, number[]> {
  const { parameters, parts } = openModel(folder);
  const own = Object.entries(parameters).filter(([name, array]) => parts?.base.parameters[name] !== array);
  return Object.fromEntries(own.map(([name, { data }]) => [name, Array.from(data)]));
}

test("several deltas of one base answer from one copy of it: the same arrays, the same programs; each as if merged", async () => {
  const folders = [await compressed("tuned", "a", { steps: 0 }), await compressed("other", "b", { steps: 0 })].map(
    ({ folder }) => folder,
  ) as [string, string];
  const opened = [...folders, join(root, "base")].map((folder) => openModel(folder));
  const name = "model.layers.0.mlp.up_proj.weight";
  expect(new Set(opened.map(({ parameters }) => parameters[name])).size).toBe(1);
  const request = {
    prompt: [{ role: "user" as const, content: "the cat" }],
    sampling: { maxTokens: 8, temperature: 0 },
  };
  const sessions = provider.stats().sessions;
  const [a, b] = folders.map((folder) => loadModel(folder, provider)) as [LoadedModel, LoadedModel];
  const [fromA] = await a.complete([request]);
  const one = provider.stats().sessions;
  const [fromB] = await b.complete([request]);
  expect(one).toBeGreaterThan(sessions);
  expect(provider.stats().sessions).toBe(one);
  expect(fromA?.text).not.toBe(fromB?.text);
  for (const [i, answer] of [fromA, fromB].entries()) {
    const whole = loadModel(place(`whole ${i}`, merged(openModel(folders[i] as string))), provider);
    expect((await whole.complete([request]))[0]?.text).toBe(answer?.text);
    await whole.dispose();
  }
  await a.dispose();
  expect((await b.complete([request]))[0]?.text).toBe(fromB?.text);
  await b.dispose();
  expect(provider.stats().sessions).toBe(sessions);
});

type LoadedModel = ReturnType<typeof loadModel>;

test("a reward model keeps its head; its scores are what is distilled and judged", async () => {
  const { report, folder } = await compressed("judge", "small judge", { steps: 10 });
  expect(report.nearness.final.kl).toBeNull();
  expect(Object.keys(report.metrics.final)).toEqual(["eval_loss", "eval_accuracy", "eval_margin"]);
  const opened = openModel(folder);
  expect(opened.head).toBe("reward");
  const whole = place("whole judge", merged(opened));
  expect(readSafetensors(join(whole, "model.safetensors"))["score.weight"]).toEqual(opened.parameters["score.weight"]);
  const [own, full] = [loadModel(folder, provider), loadModel(whole, provider)];
  const text = [
    [{ role: "user" as const, content: "the cat is" }],
    [{ role: "assistant" as const, content: " good." }],
  ];
  const score = (model: LoadedModel) => model.scoreReward(...(text as [never, never]));
  expect(await score(own)).toBeCloseTo(await score(full), 4);
  await own.dispose();
  await full.dispose();
});

test("what is no fine-tuned model of the base is refused in words, and nothing is left behind", async () => {
  const at = (name: string) => ({ model: join(root, name) });
  await expect(compressed("", "none", {}, at("base"))).rejects.toThrow(/none of its projections differs/);
  await expect(compressed("", "none", {}, at("a"))).rejects.toThrow(/is a delta already/);
  const empty = writeRuleDataset(join(root, "empty"), 0);
  await expect(compressed("tuned", "none", {}, { dataset: empty })).rejects.toThrow(/train\.jsonl holds no text/);
  expect(() => openModel(join(root, "none"))).toThrow(/config\.json is missing/);
});
