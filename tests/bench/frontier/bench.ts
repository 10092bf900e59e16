/**
 * `npm run bench:frontier -- [--seeds 3] [--only ppo-0.05,grpo]`: true reward against KL on the demo, after the DPO paper's
 * controlled experiment (Rafailov et al. 2023, section 6.1): the rule that labelled the pairs is the true reward, a reward
 * model learned it from the pairs, and every method is judged by the rule on held-out prompts. Each finished policy is kept in
 * node_modules/.cache, so that the benchmark can be stopped and goes on where it was; docs/frontier.svg is drawn of what is
 * there.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { presetConfig } from "@/trainer/contracts/preset";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { readPrompts } from "@/trainer/data/examples";
import { encodePrompt } from "@/trainer/data/text";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { openScorer } from "@/trainer/recipes/online/scorer";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { demoSnapshot, readPairs } from "../demo/snapshot";
import { Judge, type Point } from "./measure";
import { frontierSvg } from "./plot";
import { type Policy, policies } from "./policies";

const { values } = parseArgs({ options: { seeds: { type: "string" }, only: { type: "string" } } });
const seeds = Array.from({ length: Number(values.seeds ?? 3) }, (_, i) => i);
const wanted = values.only?.split(",");
const cache = join("node_modules", ".cache", "tiebreak-frontier");
const baseModel = "trainer/starter";
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Trains where no model is yet; from its checkpoint where a run was stopped. */
async function trainedModel(config: RunConfigInput): Promise<string> {
  const folder = join(config.output, "model");
  if (existsSync(folder)) return folder;
  for await (const event of train(config)) {
    if (event.type === "eval") say(`  ${event.step}: ${JSON.stringify(event.metrics)}`);
  }
  return folder;
}

async function demoData(): Promise<string> {
  const known = join(cache, "dataset.txt");
  if (existsSync(known)) return readFileSync(known, "utf8");
  mkdirSync(cache, { recursive: true });
  const dataset = await demoSnapshot(cache);
  writeFileSync(known, dataset);
  return dataset;
}

const dataset = await demoData();
const pairs = readPairs(dataset, "train").length;
const rewardModel = await trainedModel({
  ...presetConfig("reward", "balanced", pairs),
  baseModel,
  dataset,
  output: join(cache, "reward"),
} as RunConfigInput);
const provider = await openProvider("auto");
const base = loadModelFolder(baseModel);
const heldOut = new Map(readPrompts(dataset, "test").map((p) => [p.promptId, p]));
const prompts = [...heldOut.values()].map(({ promptId, prompt: promptText }) => ({
  promptId,
  promptText,
  prompt: encodePrompt(base, promptText),
}));
const scorer = openScorer(rewardModel, provider);

/** A policy's point for one seed, measured once. */
async function pointOf(policy: Policy, seed: number): Promise<Point | null> {
  const file = join(cache, `${policy.id}.${seed}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  if (wanted && !wanted.includes(policy.id) && policy.id !== "base") return null;
  say(`${policy.id}, seed ${seed}`);
  const judge = new Judge(provider, base, prompts, seed);
  const output = join(cache, `${policy.id}.${seed}`);
  const point = policy.config
    ? await judge.tuned(await trainedModel(policy.config({ baseModel, dataset, output, pairs, rewardModel, seed })))
    : await judge.bestOf(policy.candidates ?? 1, scorer);
  await judge.dispose();
  writeFileSync(file, JSON.stringify(point));
  rmSync(output, { recursive: true, force: true });
  return point;
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const figure = (value: number, [low, high]: readonly [number, number]) =>
  `${value.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;

const found = new Map<string, (Point | null)[]>();
for (const seed of seeds) {
  for (const policy of policies) {
    found.set(policy.id, [...(found.get(policy.id) ?? []), await pointOf(policy, seed)]);
  }
}
const baseline = found.get("base") as Point[];
const judge = new Judge(provider, base, prompts, 0);
const rows = policies.flatMap((policy) => {
  const points = (found.get(policy.id) ?? []).flatMap((point, seed) => (point ? [{ point, seed }] : []));
  if (points.length === 0) return [];
  const of = (value: (p: Point) => number) => mean(points.map(({ point }) => value(point)));
  // Of each prompt the mean over seeds, then resampled by prompt.
  const perPrompt = (value: (p: Point, i: number, seed: number) => number) =>
    prompts.map((_, i) => mean(points.map(({ point, seed }) => value(point, i, seed))));
  const scores = perPrompt((p, i) => p.scores[i] as number);
  const rises = perPrompt((p, i, seed) => (p.scores[i] as number) - (baseline[seed]?.scores[i] as number));
  const [low, high] = judge.interval(scores);
  const cells = [
    policy.family,
    policy.label,
    points.length,
    figure(mean(scores), [low, high]),
    figure(mean(rises), judge.interval(rises)),
    `${policy.candidates ? "≤ " : ""}${of((p) => p.kl).toFixed(2)}`,
    of((p) => p.distinct2).toFixed(3),
    of((p) => p.words).toFixed(1),
  ];
  return [{ policy, cells, plotted: { ...policy, kl: of((p) => p.kl), reward: mean(scores), low, high } }];
});
const heads = [
  "method",
  "setting",
  "seeds",
  "warmth (95 %)",
  "rise over the base (95 %)",
  "KL, nats",
  "distinct-2",
  "words",
];
const table = [heads, heads.map(() => "---"), ...rows.map(({ cells }) => cells)];
process.stdout.write(`${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`);
const svg = frontierSvg(
  rows.map(({ plotted }) => plotted),
  `Warmth by the rule against KL to the starter on ${prompts.length} held-out prompts`,
);
writeFileSync(join("docs", "frontier.svg"), svg);
process.stdout.write(`\ndocs/frontier.svg: ${rows.length} policies, up to ${seeds.length} seeds.\n`);
await judge.dispose();
await scorer.dispose();
await provider.close();
