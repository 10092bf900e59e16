/**
 * `npm run bench:demo`: what the demo promises, recomputed: a reward model on the pairs that the rule labelled, beside two
 * baselines; DPO on the same pairs, judged by the rule on prompts held out. With TIEBREAK_REAL_DATA also how likely
 * stories260K finds the stories.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { warmthOf } from "@/server/domain/demo/warmth";
import { continuations } from "@/tools/demo/stories";
import { Teacher } from "@/tools/starter/teacher";
import type { PreferenceExample } from "@/trainer/contracts/example";
import { presetConfig } from "@/trainer/contracts/preset";

import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { distinctN } from "@/trainer/data/ngrams";
import { loadModel } from "@/trainer/generation/loadedModel";
import { bootstrapByGroup } from "@/trainer/loop/bootstrap";
import { sequenceNats } from "@/trainer/recipes/likelihood";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import { type Guess, lengthGuess, type TextPair, wordGuess } from "./baselines";
import { demoSnapshot, readPairs } from "./snapshot";

const baseModel = "trainer/starter";
const folder = mkdtempSync(join(tmpdir(), "bench-demo-"));

const textOf = (messages: PreferenceExample["chosen"]) => messages.map((m) => m.content).join("");
const textPair = ({ promptId, chosen, rejected }: PreferenceExample): TextPair => ({
  promptId,
  chosen: textOf(chosen),
  rejected: textOf(rejected),
});

/** Trains with the preset that the page chooses by itself. */
async function run(kind: "reward" | "dpo", dataset: string, pairs: number) {
  const config = {
    ...presetConfig(kind, "balanced", pairs),
    baseModel,
    dataset,
    output: join(folder, kind),
  } as RunConfigInput;
  let last: RunEvent | null = null;
  for await (const event of train(config)) {
    if (event.type === "eval") process.stderr.write(`${kind} ${event.step}: ${JSON.stringify(event.metrics)}\n`);
    last = event;
  }
  if (last?.type !== "done") throw new Error(`${kind} did not end`);
  return last;
}

type Interval = readonly [number, number];
const figure = (value: number, interval?: Interval, digits = 3): string =>
  `${value.toFixed(digits)}${interval ? ` (${interval[0].toFixed(digits)} – ${interval[1].toFixed(digits)})` : ""}`;
const row = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function accuracyOf(guess: Guess, pairs: readonly TextPair[]): string {
  const hits = pairs.map(guess);
  return figure(
    mean(hits),
    bootstrapByGroup(
      hits,
      pairs.map((p) => p.promptId),
      0,
    ),
  );
}

/** Nats a character of the continuations under stories260K, given their beginnings; null without the file. */
async function strangeness(prompts: readonly string[], answers: readonly string[]): Promise<number | null> {
  const data = process.env.TIEBREAK_REAL_DATA;
  if (!data) return null;
  const provider = await openProvider("auto");
  const teacher = new Teacher(join(data, "..", "models", "stories260K"), provider);
  const cache = new SessionCache(provider);
  const model = { config: teacher.config, parameters: teacher.parameters, cache };
  const open = (text: string) => teacher.encode(text).slice(0, -1);
  const whole = await sequenceNats(
    model,
    prompts.map((prompt, i) => open(prompt + answers[i])),
  );
  const given = await sequenceNats(model, prompts.map(open));
  await cache.dispose();
  const nats = whole.reduce((sum, n, i) => sum + n - (given[i] as number), 0);
  return nats / answers.join("").length;
}

/** What the demo promises. A promise that is not kept ends the benchmark with exit code 1. */
function promise(text: string, kept: boolean): void {
  process.stdout.write(`\n${kept ? "Kept" : "NOT KEPT"}: ${text}`);
  if (!kept) process.exitCode = 1;
}
const lowestAccuracy = 0.75;
const fewestPrompts = 200;
/** Of the base model's. */
const leastDistinct = 0.75;
/** Of the base model's. */
const mostNats = 1.1;

async function compareModels(prompts: readonly string[], tunedFolder: string): Promise<void> {
  const provider = await openProvider("auto");
  const answersOf = async (path: string) => {
    const model = loadModel(path, provider);
    const answers = await continuations(model, prompts, (i) => 1000 + i);
    await model.dispose();
    return answers;
  };
  const [base, tuned] = [await answersOf(baseModel), await answersOf(tunedFolder)];
  // Prompts that both answered in whole sentences of a length to judge.
  const both = prompts.flatMap((prompt, i) => {
    const [before, after] = [base[i], tuned[i]];
    return before && after ? [{ prompt, before, after }] : [];
  });
  const before = both.map((b) => b.before);
  const after = both.map((b) => b.after);
  const scores = (texts: readonly string[]) => texts.map((text) => warmthOf(text).score);
  const gains = scores(after).map((score, i) => score - (scores(before)[i] as number));
  const ids = both.map((_, i) => String(i));
  row("after DPO, on held-out prompts", "base", "tuned");
  row("---", "---", "---");
  row("prompts that both answered", both.length, `of ${prompts.length}`);
  row("warmth", figure(mean(scores(before)), undefined, 2), figure(mean(scores(after)), undefined, 2));
  const rise = bootstrapByGroup(gains, ids, 0);
  row("rise (95 % interval, by prompt)", "", figure(mean(gains), rise, 2));
  for (const n of [1, 2, 3]) row(`distinct-${n}`, figure(distinctN(before, n)), figure(distinctN(after, n)));
  const words = (texts: readonly string[]) => mean(texts.map((text) => warmthOf(text).words)).toFixed(1);
  row("words an answer", words(before), words(after));
  const found = both.map((b) => b.prompt);
  const [natsBefore, natsAfter] = [await strangeness(found, before), await strangeness(found, after)];
  if (natsBefore === null || natsAfter === null) {
    process.stdout.write("\nSet TIEBREAK_REAL_DATA to see how likely stories260K finds the stories.\n");
  } else {
    row("nats a character under stories260K", figure(natsBefore), figure(natsAfter));
    promise("stories260K finds the tuned stories at most a tenth less likely", natsAfter <= mostNats * natsBefore);
  }
  promise(`the rise excludes 0 on ${fewestPrompts} prompts or more`, rise[0] > 0 && both.length >= fewestPrompts);
  const kept = distinctN(after, 2) / distinctN(before, 2);
  promise(`distinct-2 keeps ${leastDistinct * 100} % of the base model's`, kept >= leastDistinct);
}

const dataset = await demoSnapshot(folder);
const [trainPairs, testPairs] = [readPairs(dataset, "train"), readPairs(dataset, "test")];
const [seen, heldOut] = [trainPairs.map(textPair), testPairs.map(textPair)];
const reward = await run("reward", dataset, trainPairs.length);
const [length, word] = [lengthGuess(seen), wordGuess(seen)];
row("who picks the chosen answer", `share of ${heldOut.length} held-out pairs (95 % interval, by prompt)`);
row("---", "---");
row("reward model", figure(reward.metrics.eval_accuracy as number, reward.intervals.eval_accuracy as Interval));
row(length.name, accuracyOf(length.guess, heldOut));
row(word.name, accuracyOf(word.guess, heldOut));
row("seconds of training", reward.seconds.toFixed(0));
const lower = (reward.intervals.eval_accuracy as Interval)[0];
promise(`the reward model's lower bound is ${lowestAccuracy} or more, above both baselines`, lower >= lowestAccuracy);
process.stdout.write("\n\n");
const dpo = await run("dpo", dataset, trainPairs.length);
await compareModels([...new Set(testPairs.map((p) => textOf(p.prompt)))], dpo.modelPath);
process.stdout.write(`\n\nDPO trained for ${dpo.seconds.toFixed(0)} s.\n`);
