import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { preparePreference } from "@/trainer/recipes/preference";
import { parseConfig, prepare } from "@/trainer/recipes/train";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { writeRuleDataset, writeTinyModel } from "../../helpers/tinyModel";

const root = mkdtempSync(join(tmpdir(), "reference-"));
const cacheFolder = join(root, "cache");
let provider: Provider;
let compiled = 0;
beforeAll(async () => {
  const real = await openProvider("onnx-cpu");
  const compile: Provider["compile"] = (...given) => {
    compiled += 1;
    return real.compile(...given);
  };
  provider = { ...real, compile };
});
afterAll(async () => {
  await provider.close();
  rmSync(root, { recursive: true });
});

const dataset = writeRuleDataset(join(root, "data"), 24);
const models = [1, 2].map((seed) => writeTinyModel(join(root, `model${seed}`), seed)) as [string, string];

const configOf = (kind: "dpo" | "kto", baseModel: string, batchSize: number) =>
  parseConfig({
    kind,
    baseModel,
    dataset,
    output: join(root, "out"),
    batchSize,
    maxLength: 64,
    optimizer: { learningRate: 1e-3 },
  } as RunConfigInput);

/** How many of the run's pairs or answers were known, how many programs it compiled, and the reference's numbers of its first batch. */
async function prepared(kind: "dpo" | "kto", baseModel: string, batchSize = 8) {
  compiled = 0;
  const run = await prepare(configOf(kind, baseModel, batchSize), provider, { cacheFolder });
  const made = await run.job.batches(1, { parameters: run.job.parameters, carry: null });
  await run.dispose();
  const [, known, all] = /(\d+) of (\d+) were known/.exec(run.notes?.join() ?? "") ?? [];
  const reference = Array.from(made.batches[0]?.reference?.data ?? []);
  return { known: Number(known), all: Number(all), compiled, reference };
}

test("a second run takes the reference's log-probabilities from the first one's, bit for bit; in other batches it computes its own", async () => {
  for (const kind of ["dpo", "kto"] as const) {
    const first = await prepared(kind, models[0]);
    expect(first.known).toBe(0);
    expect(first.compiled).toBeGreaterThan(0);
    const second = await prepared(kind, models[0]);
    expect(second).toEqual({ ...first, compiled: 0, known: first.all });
    expect((await prepared(kind, models[0], 4)).known).toBe(0);
  }
});

test("another model finds nothing, and what it computes is what a run without a folder computes", async () => {
  const [a, b] = [await prepared("dpo", models[0]), await prepared("dpo", models[1])];
  expect([a.known, b.compiled > 0]).toEqual([a.all, true]);
  expect(b.reference).not.toEqual(a.reference);
  const config = configOf("dpo", models[1], 8);
  if (config.kind !== "dpo") throw new Error("not DPO");
  const plain = await preparePreference(config, provider);
  const made = await plain.job.batches(1, { parameters: plain.job.parameters, carry: null });
  expect(plain.notes).toEqual([]);
  expect(Array.from(made.batches[0]?.reference?.data ?? [])).toEqual(b.reference);
  await plain.dispose();
});
