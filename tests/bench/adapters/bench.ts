/**
 * `npm run bench:adapters -- [--model trainer/starter] [--kinds reward,dpo] [--only lora-16,full] [--times 10] [--pairs 64] [--steps 4]`:
 * what each way of training takes and gives on the demo's pairs. Each finished run is kept in node_modules/.cache, so that the
 * benchmark can be stopped and goes on where it was. `--times` sets the learning rate to so many times that of full training
 * instead of the preset's; `--pairs` takes so many
 * of either split and `--steps` ends runs early, to look at the memory of a large model.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { modelShape } from "@/trainer/contracts/modelShape";
import { examplesOf, plannedSteps, presetConfig, presets } from "@/trainer/contracts/preset";
import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";
import type { Settings } from "@/trainer/contracts/settings";
import { trainingCost } from "@/trainer/contracts/trainingCost";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { configJson } from "@/trainer/models/configJson";
import { parameterShapes } from "@/trainer/models/initialise";
import { demoSnapshot, readPairs } from "../demo/snapshot";
import type { RunFigures } from "./one";
import { type Way, ways } from "./ways";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: join("trainer", "starter") },
    kinds: { type: "string", default: "reward,dpo" },
    only: { type: "string" },
    times: { type: "string" },
    steps: { type: "string" },
    pairs: { type: "string" },
    report: { type: "boolean", default: false },
  },
});
const kinds = values.kinds.split(",") as SnapshotRunKind[];
const wanted = values.only?.split(",");
const cache = join("node_modules", ".cache", "tiebreak-adapters");
const results = join(cache, basename(values.model));
mkdirSync(results, { recursive: true });

async function demoData(): Promise<string> {
  const known = join(cache, "dataset.txt");
  if (existsSync(known)) return readFileSync(known, "utf8");
  const dataset = await demoSnapshot(cache);
  writeFileSync(known, dataset);
  return dataset;
}

/** The first so many pairs of either split. */
function firstPairs(of: string, count: number): string {
  const folder = join(cache, `${count} pairs`);
  mkdirSync(folder, { recursive: true });
  for (const file of ["train.jsonl", "test.jsonl"]) {
    const lines = readFileSync(join(of, file), "utf8").split("\n").slice(0, count);
    writeFileSync(join(folder, file), `${lines.join("\n")}\n`);
  }
  return folder;
}

const demo = await demoData();
const dataset = values.pairs ? firstPairs(demo, Number(values.pairs)) : demo;
const pairs = readPairs(dataset, "train").length;
const base = loadModelFolder(values.model);
const shape = modelShape(parameterShapes(base.config), configJson(base.config, "causal", "float32"));

/** Fewer looks at the held-out pairs than a run takes: they are as long as its training. */
const looks = 3;

function configOf({ adapter }: Way, kind: SnapshotRunKind) {
  const settings: Settings = {
    ...Object.fromEntries(
      Object.entries(adapter).flatMap(([name, value]) => (value === undefined ? [] : [[`adapter.${name}`, value]])),
    ),
    ...(values.times && { "optimizer.learningRate": presets[kind].balanced.learningRate * Number(values.times) }),
    ...(values.steps && { maxSteps: Number(values.steps) }),
  };
  const config = presetConfig(kind, "balanced", pairs, settings);
  const steps = plannedSteps(config, examplesOf(kind, pairs));
  return { ...config, evalEvery: Math.ceil(steps / looks), samplePrompts: 1 };
}

/** The figures of a run, made once. */
function figuresOf(way: Way, kind: SnapshotRunKind): RunFigures | null {
  const marks = [
    way.id,
    kind,
    values.times && `x${values.times}`,
    values.steps && `${values.steps} steps`,
    values.pairs && `${values.pairs} pairs`,
  ];
  const name = marks.filter(Boolean).join(".");
  const file = join(results, `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  if (values.report || (wanted && !wanted.includes(way.id))) return null;
  process.stderr.write(`${name}\n`);
  const output = join(results, name);
  rmSync(output, { recursive: true, force: true });
  const run = spawnSync(process.execPath, ["--import", "tsx", join(import.meta.dirname, "one.ts")], {
    input: JSON.stringify({ ...configOf(way, kind), baseModel: values.model, dataset, output }),
    stdio: ["pipe", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  rmSync(output, { recursive: true, force: true });
  if (run.status !== 0) throw new Error(`${name} ended with ${run.status ?? run.signal}`);
  writeFileSync(file, run.stdout);
  return JSON.parse(run.stdout);
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);
const share = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 2 : 0)} %`;
const within = (f: RunFigures, name: string, digits: number, times = 1) => {
  const [low, high] = f.intervals[name] ?? [0, 0];
  const say = (x: number) => (times * x).toFixed(digits);
  return `${say(f.metrics[name] as number)} (${say(low)} – ${say(high)})`;
};

/** What the form would say of the run, for the pairs as they are. */
function computed(way: Way, kind: SnapshotRunKind, { tokensPerStep }: RunFigures) {
  if (!shape) return null;
  const { batchSize } = configOf(way, kind);
  // Of the demo's pairs a prompt is a fifth.
  const each = tokensPerStep / batchSize / 2;
  const batch = { examples: batchSize, promptTokens: 0.2 * each, answerTokens: 0.8 * each };
  return trainingCost(shape, { kind, adapter: way.adapter }, batch);
}

const found = ways.map((way) => ({ way, of: new Map(kinds.map((kind) => [kind, figuresOf(way, kind)])) }));
const full = found[0]?.of;
const columns: Readonly<Record<string, (way: Way, kind: SnapshotRunKind, f: RunFigures) => string>> = {
  trained: (_, __, f) => String(f.trainable),
  share: (_, __, f) => share(f.trainable / f.parameters),
  "file MB": (_, __, f) => megabytes(f.fileBytes),
  "peak MB": (_, __, f) => megabytes(f.peakBytes),
  "over idle": (_, __, f) => megabytes(f.peakBytes - f.idleBytes),
  computed: (way, kind, f) => megabytes(computed(way, kind, f)?.memoryBytes ?? 0),
  "step s": (_, __, f) => f.stepSeconds.toFixed(3),
  "of full": (_, kind, f) => (f.stepSeconds / (full?.get(kind)?.stepSeconds ?? f.stepSeconds)).toFixed(2),
  "computed of full": (way, kind, f) =>
    ((computed(way, kind, f)?.work ?? 0) / (computed(ways[0] as Way, kind, f)?.work ?? 1)).toFixed(2),
  accuracy: (_, kind, f) => within(f, kind === "reward" ? "eval_accuracy" : "eval_rewards/accuracies", 1, 100),
  margin: (_, kind, f) => within(f, kind === "reward" ? "eval_margin" : "eval_rewards/margins", 2),
};
for (const kind of kinds) {
  const heads = ["", ...Object.keys(columns)];
  const rows = found.flatMap(({ way, of }) => {
    const f = of.get(kind);
    if (!f) return [];
    if (f.failed) return [[way.label, f.failed]];
    return [[way.label, ...Object.values(columns).map((cell) => cell(way, kind, f))]];
  });
  const table = [heads, heads.map(() => "---"), ...rows];
  process.stdout.write(`\n${kind}\n\n${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`);
}
