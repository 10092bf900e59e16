import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type RunConfig, runConfigSchema } from "@/trainer/contracts/runConfig";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { buildTrainer } from "@/trainer/tools/build.mjs";
import { tinyQwen, tinyQwenGguf } from "../helpers/tinyGguf";
import { writeRuleDataset, writeTinyModel } from "../helpers/tinyModel";

/** An empty folder into which the packed tarball is unpacked, beside the packages that it declares and no others. */
const home = mkdtempSync(join(tmpdir(), "packed-"));

function installPacked(): void {
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", home], { cwd: "trainer", encoding: "utf8" }),
  );
  const installed = join(home, "node_modules", "@tiebreak", "trainer");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(home, filename), "--strip-components=1", "-C", installed]);
  const { dependencies, bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const link = join(home, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve("node_modules", name), link);
  }
  mkdirSync(join(home, "node_modules", ".bin"));
  for (const [name, file] of Object.entries<string>(bin)) {
    execFileSync("chmod", ["+x", join(installed, file)]);
    symlinkSync(join("..", "@tiebreak", "trainer", file), join(home, "node_modules", ".bin", name));
  }
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const command = ["--no-install", "tiebreak-trainer"];
const cli = (...args: string[]) =>
  new Promise<Outcome>((resolve) => {
    execFile("npx", command.concat(args), { cwd: home, maxBuffer: 2 ** 24 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

beforeAll(async () => {
  await buildTrainer();
  installPacked();
  writeTinyModel(join(home, "base"));
  writeRuleDataset(join(home, "data"), 64);
});

const common = ["--base-model", "base", "--dataset", "data", "--batch-size", "8", "--max-length", "64"];

test("help lists the commands, and of each all its flags with description, default and source", async () => {
  const { code, out } = await cli("--help");
  expect(code).toBe(0);
  for (const name of [
    "pretrain",
    "sft",
    "reward",
    "dpo",
    "kto",
    "ppo",
    "grpo",
    "rloo",
    "generate",
    "evaluate",
    "compress",
    "schema",
  ]) {
    expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    expect((await cli(name === "schema" ? "--help" : name, "--help")).code).toBe(0);
  }
  const dpo = (await cli("dpo", "--help")).out;
  expect(dpo).toMatch(
    /--warmup-ratio VALUE\n {6}Share of the steps spent warming up\. \(default 0\.1, after zephyr's DPO\)/,
  );
  expect(dpo).toMatch(/--loss NAME\n.*\n {6}one of sigmoid, cdpo/);
  expect(dpo).toMatch(/--\[no-\]soft-labels/);
});

test("the schema it prints knows every kind and describes every field", async () => {
  const schema = JSON.parse((await cli("schema")).out);
  const kinds = schema.oneOf.map((kind: { properties: { kind: { const: string } } }) => kind.properties.kind.const);
  expect(kinds).toEqual(runConfigSchema.options.map((option) => option.shape.kind.value satisfies RunConfig["kind"]));
  const fields = (properties: Record<string, { description?: string; properties?: object; const?: string }>): void => {
    for (const [name, field] of Object.entries(properties)) {
      if (field.properties) fields(field.properties as typeof properties);
      else if (!field.const) expect(field.description, name).toBeTruthy();
    }
  };
  for (const { properties } of schema.oneOf) fields(properties);
});

test("a dry run says what would happen and leaves nothing behind", async () => {
  const { out, code } = await cli("dpo", ...common, "--output", "dry", "--dry-run", "--json");
  expect(code).toBe(0);
  // 48 pairs in batches of 8, two epochs of the balanced preset.
  expect(JSON.parse(out)).toMatchObject({
    kind: "dpo",
    provider: "onnx-cpu",
    totalSteps: 12,
    train: { used: 48, dropped: {} },
    test: { used: 16 },
  });
  expect(existsSync(join(home, "dry"))).toBe(false);
  const words = (await cli("dpo", ...common, "--output", "dry", "--dry-run", "--max-length", "5")).err;
  expect(words).toMatch(/nothing is left to train on \(\{"prompt_too_long":48\}\)/);
});

test("trains DPO by flags, evaluates the result against its base, and generates from it", async () => {
  const flags = ["--output", "out", "--learning-rate", "0.01", "--epochs", "2", "--json", "--sample-prompts", "0"];
  const trained = await cli("dpo", ...common, ...flags);
  expect(trained.err).toBe("");
  const events = trained.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const steps = events.filter((e) => e.type === "step");
  expect(steps).toHaveLength(12);
  expect(Math.abs(steps[0].metrics.loss - Math.LN2)).toBeLessThan(1e-5);
  expect(events.at(-1)).toMatchObject({ type: "done", step: 12 });

  const judge = ["evaluate", "--model", "out/model", "--dataset", "data"];
  const { metrics, pairs } = JSON.parse((await cli(...judge, "--reference", "base", "--json")).out);
  expect(pairs).toBe(16);
  for (const name of ["eval_loss", "eval_rewards/accuracies", "eval_rewards/margins"]) {
    expect(metrics[name], name).toBeCloseTo(events.at(-1).metrics[name], 4);
  }
  expect((await cli(...judge)).out).toMatch(/^16 pairs on 7 prompts\neval_loss +[\d.]+ {2}\([\d.]+ – [\d.]+\)/);

  const answer = await cli("generate", "--model", "out/model", "--prompt", "the cat is", "--max-tokens", "4");
  expect(answer.code).toBe(0);
  expect(answer.out.trim()).not.toBe("");
});

test("LoRA by flags leaves an adapter that answers; merged into its base it answers the same", async () => {
  const lora = ["--method", "lora", "--rank", "2", "--learning-rate", "0.05", "--sample-prompts", "0"];
  const trained = await cli("dpo", ...common, ...lora, "--epochs", "1", "--output", "lora");
  expect(trained.code, trained.err).toBe(0);
  expect(existsSync(join(home, "lora/model/adapter_config.json"))).toBe(true);
  expect((await cli("merge", "--model", "lora/model", "--output", "whole")).code).toBe(0);
  const answer = async (model: string) =>
    (await cli("generate", "--model", model, "--prompt", "the cat is", "--max-tokens", "12", "--temperature", "0")).out;
  const [tuned, whole, base] = [await answer("lora/model"), await answer("whole"), await answer("base")];
  expect(whole).toBe(tuned);
  expect(whole).not.toBe(base);
  expect((await cli("merge", "--model", "base", "--output", "other")).err).toMatch(/base is no adapter/);
  expect((await cli("merge", "--model", "lora/model", "--output", "whole")).err).toMatch(/whole is there already/);
});

test("convert makes folders of other formats, which answer as the model they came from", async () => {
  const answer = async (model: string) =>
    (await cli("generate", "--model", model, "--prompt", "the cat is", "--max-tokens", "12", "--temperature", "0")).out;
  saveModelFolder(join(home, "qwen"), tinyQwen(), "", "F32");
  writeFileSync(join(home, "base.gguf"), tinyQwenGguf());
  const made = await cli("convert", "--from", "base.gguf", "--output", "from-gguf");
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(made.out).toMatch(/^from-gguf: qwen2, 0\.0 million parameters/);
  const expected = await answer("qwen");
  expect(expected.trim()).not.toBe("");
  expect(await answer("from-gguf")).toBe(expected);
  const small = await cli("convert", "--from", "base", "--output", "halves", "--dtype", "f16");
  expect(small.code, small.err).toBe(0);
  expect(statSync(join(home, "halves/model.safetensors")).size).toBeLessThan(
    0.6 * statSync(join(home, "base/model.safetensors")).size,
  );
  for (const [args, message] of [
    [["--from", "base.gguf", "--output", "halves"], /halves is there already/],
    [["--from", "base.gguf"], /--from and --output are needed/],
    [["--from", "missing.gguf", "--output", "x"], /missing\.gguf cannot be read/],
    [["--from", "missing.bin", "--output", "x"], /needs its tokenizer file: --tokenizer FILE/],
    [["--from", "base", "--output", "x", "--dtype", "f8"], /--dtype/],
  ] as [string[], RegExp][]) {
    const { code, err } = await cli("convert", ...args);
    expect(code).toBe(1);
    expect(err).toMatch(message);
  }
  expect(existsSync(join(home, "x"))).toBe(false);
});

test("compress makes a delta of the tuned model and reports; it answers, and merged it answers the same", async () => {
  const flags = ["--model", "out/model", "--base", "base", "--dataset", "data", "--steps", "4", "--max-length", "32"];
  const { out, err, code } = await cli("compress", ...flags, "--output", "delta", "--json");
  expect(code, err).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    matrices: 14,
    settings: { steps: 4, rest: "f16" },
    heldOut: { texts: 32, pairs: 16 },
  });
  expect(report.bytes.delta).toBeLessThan(report.bytes.full / 2);
  expect(report.bytes.full).toBe(statSync(join(home, "out/model/model.safetensors")).size);
  expect(err).toMatch(/^distilling 4\/4, \d+ s left$/m);
  expect((await cli("merge", "--model", "delta", "--output", "undone")).code).toBe(0);
  const answer = async (model: string) =>
    (await cli("generate", "--model", model, "--prompt", "the cat is", "--max-tokens", "12", "--temperature", "0")).out;
  expect(await answer("delta")).toBe(await answer("undone"));
  expect((await cli("compress", ...flags, "--output", "x", "--steps", "few")).err).toMatch(/^--steps: .*"few"/);
});

test("PPO by flags: a dry run takes a rollout and tells steps; the run scores its samples by the rule given as JSON", async () => {
  const rule = JSON.stringify({ kind: "lexicon", weights: { good: 1 }, perWords: 1 });
  const sizes = ["--rollout-prompts", "16", "--max-new-tokens", "6", "--max-steps", "9", "--learning-rate", "0.001"];
  const ppo = ["ppo", ...common, ...sizes, "--output", "ppo", "--json"];
  const dry = JSON.parse((await cli(...ppo, "--reward", rule, "--dry-run")).out);
  // Two trunks: policy and value model.
  expect(dry).toMatchObject({ kind: "ppo", totalSteps: 9, train: { used: 48 } });
  expect(existsSync(join(home, "ppo"))).toBe(false);
  const { out, err } = await cli(...ppo, "--reward", rule);
  expect(err).toBe("");
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.find((e) => e.type === "sample")).toMatchObject({ scores: { base: expect.any(Number) } });
  expect(events.at(-1)).toMatchObject({ type: "done", step: 9 });
  expect((await cli(...ppo, "--output", "none")).err).toMatch(/^reward: /);
});

test("a file's settings give way to flags; train takes the kind from the file; a reward model is evaluated too", async () => {
  const settings = {
    kind: "reward",
    baseModel: "base",
    dataset: "data",
    output: "rm",
    batchSize: 8,
    maxLength: 64,
    maxSteps: 9,
  };
  writeFileSync(join(home, "run.json"), JSON.stringify({ ...settings, optimizer: { learningRate: 0.01 } }));
  const { out } = await cli("train", "--config", "run.json", "--max-steps", "3");
  expect(out.match(/^step /gm)).toHaveLength(3);
  expect(out).toMatch(/^step 3\/3 {2}loss [\d.]+ .* tokens\/s/m);
  const { metrics } = JSON.parse((await cli("evaluate", "--model", "rm/model", "--dataset", "data", "--json")).out);
  expect(Object.keys(metrics)).toEqual(["eval_loss", "eval_accuracy", "eval_margin"]);
});

test("mistakes get one line that says what to do, and a failing exit code", async () => {
  for (const [args, message] of [
    [["dpa"], /"dpa" is not a command\. See tiebreak-trainer --help\./],
    [["dpo", "--bogus", "1"], /Unknown option '--bogus'.* See --help/],
    [["dpo", ...common], /^output: /],
    [["dpo", ...common, "--output", "x", "--epochs", "many"], /--epochs needs a number, not "many"/],
    [["dpo", ...common, "--output", "x", "--loss", "best"], /^loss: /],
    [["kto", "--base-model", "base", "--dataset", "data", "--output", "x", "--batch-size", "1"], /^batchSize: /],
    [["generate", "--prompt", "x"], /--model is missing/],
    [["train"], /train needs --config FILE whose "kind" is one of/],
  ] as [string[], RegExp][]) {
    const { code, err } = await cli(...args);
    expect(code, args.join(" ")).toBe(1);
    expect(err.trim()).toMatch(message);
    expect(err.trim().split("\n").length).toBeLessThanOrEqual(2);
  }
});
