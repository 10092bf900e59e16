import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openModel } from "@/trainer/adapters/openModel";
import { pauseReason } from "@/trainer/contracts/error";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { loadModel } from "@/trainer/generation/loadedModel";
import { loadModelFolder, parameterCount } from "@/trainer/io/modelFolder";
import { openScorer } from "@/trainer/recipes/online/scorer";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { buildTrainer } from "@/trainer/tools/build.mjs";
import { collectEvents, doneOf, ruleRuns, stepFigures } from "../../helpers/ruleRun";

const { folder, base, config } = ruleRuns();

/** Says "good" as often as "evil", whatever it is asked. */
let evenHanded: string;
beforeAll(async () => {
  const dataset = join(folder, "both");
  mkdirSync(dataset);
  const line = (i: number) =>
    JSON.stringify({
      id: `${i}`,
      promptId: `${i % 4}`,
      prompt: [{ role: "user", content: `the ${["cat", "dog", "sun", "mat"][i % 4]} is` }],
      completion: [{ role: "assistant", content: i % 8 < 4 ? " good." : " evil." }],
    });
  for (const split of ["train", "test"]) {
    writeFileSync(join(dataset, `${split}.jsonl`), Array.from({ length: 32 }, (_, i) => line(i)).join("\n"));
  }
  evenHanded = doneOf(await collectEvents(config("sft", "even", { dataset, epochs: 20, keep: "last" }))).modelPath;
});
const reward = { kind: "lexicon", weights: { good: 1, evil: -1 }, perWords: 1, fewestWords: 1 } as const;

const kinds = ["ppo", "grpo", "rloo"] as const;
type Kind = (typeof kinds)[number];
const online = (kind: Kind, name: string, more: object = {}): RunConfigInput =>
  config(kind, name, {
    reward,
    baseModel: evenHanded,
    evalPrompts: 4,
    rolloutPrompts: 16,
    rolloutEpochs: 2,
    maxNewTokens: 10,
    temperature: 1,
    keep: "last",
    evalEvery: 16,
    ...(kind !== "ppo" && { groupSize: 4, batchSize: 32 }),
    ...more,
  });

const metricsOf = (events: readonly RunEvent[]) =>
  events.flatMap((e) => (e.type === "step" ? [{ step: e.step, ...e.metrics }] : []));
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const scoreName = (kind: Kind) => (kind === "ppo" ? "objective/scores" : "reward");

test.each(kinds)(
  "%s raises the reward of its own answers, and leaves the reference by a KL that it tells",
  async (kind) => {
    const events = await collectEvents(
      online(kind, `${kind}-learns`, {
        maxSteps: 48,
        epochs: 50,
        checkpointEvery: 100,
        rolloutPrompts: kind === "ppo" ? 64 : 16,
        batchSize: 32,
      }),
    );
    const scores = stepFigures(events, scoreName(kind)).filter((x) => x !== undefined);
    expect(Math.abs(scores[0] as number)).toBeLessThan(0.5);
    // The middle of the last six: now and then a rollout falls back for a moment.
    const last = scores.slice(-6).sort((a, b) => (a as number) - (b as number)) as number[];
    expect(meanOf(last.slice(2, 4))).toBeGreaterThan(0.7);
    const kl = stepFigures(events, "objective/kl").filter((x) => x !== undefined);
    // The first answers come from the reference itself.
    expect(kl[0]).toBeCloseTo(0, 5);
    expect(meanOf(kl.slice(-3))).toBeGreaterThan(0.2);
    const { metrics, intervals } = doneOf(events);
    expect(metrics.eval_score).toBeDefined();
    expect(intervals.eval_score_rise?.[0]).toBeLessThanOrEqual(metrics.eval_score_rise as number);
    expect(metrics.eval_distinct_1).toBeGreaterThan(0);
  },
);

test("PPO's first step on a rollout starts where the answers came from: ratio 1, nothing clipped, no distance", async () => {
  const events = await collectEvents(online("ppo", "ppo-starts", { maxSteps: 12 }));
  for (const metrics of metricsOf(events).filter(({ step }) => step % 4 === 1)) {
    const named = metrics as Record<string, number>;
    expect(named["val/ratio"]).toBeCloseTo(1, 5);
    expect(named["policy/approxkl_avg"]).toBeCloseTo(0, 8);
    expect(named["policy/clipfrac_avg"]).toBe(0);
    expect(named["val/clipfrac_avg"]).toBe(0);
    expect(named["objective/rlhf_reward"]).toBeCloseTo(
      (named["objective/scores"] as number) - 0.05 * (named["objective/kl"] as number),
      6,
    );
  }
  const second = metricsOf(events).find(({ step }) => step === 3) as Record<string, number> | undefined;
  expect(second?.["policy/approxkl_avg"]).toBeGreaterThan(0);
});

test("an answer that was cut pays for it in every method, and only then", async () => {
  for (const kind of kinds) {
    const [free, fined] = [
      await collectEvents(online(kind, `${kind}-free`, { maxSteps: 1, baseModel: base })),
      await collectEvents(online(kind, `${kind}-fined`, { maxSteps: 1, baseModel: base, missingEosPenalty: 2 })),
    ];
    const [before, after] = [free, fined].map((events) => stepFigures(events, scoreName(kind))[0] as number);
    const cut = stepFigures(free, "completions/clipped_ratio")[0] as number;
    expect(cut).toBeGreaterThan(0);
    expect(cut).toBeLessThan(1);
    expect((before as number) - (after as number)).toBeCloseTo(2 * cut, 6);
  }
});

test("the adaptive coefficient rises while KL is above its target and is the same after a pause", async () => {
  const more = { maxSteps: 16, klTarget: 0.001, klEstimator: "k3", klHorizon: 100, epochs: 9 };
  const whole = await collectEvents(online("ppo", "adaptive", more));
  const coefficients = stepFigures(whole, "objective/kl_coef").filter((x) => x !== undefined);
  expect(coefficients).toHaveLength(4);
  expect(coefficients[0]).toBe(0.05);
  // From the second rollout on the policy has moved: the most a rollout of 16 answers changes it is 0.2 · 16/100.
  expect((coefficients[2] as number) / (coefficients[1] as number)).toBeCloseTo(1.032, 6);
  const paused = await pausedAt(online("ppo", "adaptive-paused", more), 6);
  expect(paused.slice(-10)).toEqual(metricsOf(whole).slice(6));
});

/** Metrics of a run that is paused after a step, in the middle of a rollout, and goes on. */
async function pausedAt(c: RunConfigInput, step: number) {
  const controller = new AbortController();
  const events: RunEvent[] = [];
  try {
    for await (const event of train(c, { signal: controller.signal })) {
      events.push(event);
      if (event.type === "step" && event.step === step) controller.abort(pauseReason);
    }
  } catch {
    // It says that it is paused.
  }
  return [...metricsOf(events), ...metricsOf(await collectEvents(c))];
}

test.each(["grpo", "rloo"] as const)(
  "%s: paused in the middle of a rollout it takes the same steps as left alone",
  async (kind) => {
    const more = { maxSteps: 12, epochs: 9 };
    const whole = await collectEvents(online(kind, `${kind}-whole`, more));
    expect(await pausedAt(online(kind, `${kind}-paused`, more), 6)).toEqual(metricsOf(whole));
  },
);

test("PPO killed with SIGKILL in the middle of a rollout ends on the same bits as one that was left alone", async () => {
  const more = { maxSteps: 16, epochs: 9, batchSize: 4 };
  await collectEvents(online("ppo", "uninterrupted", more));
  const c = online("ppo", "killed", more);
  const file = join(folder, "killed.json");
  writeFileSync(file, JSON.stringify(c));
  await buildTrainer();
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, ["trainer/dist/cli.mjs", "ppo", "--config", file, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes('"type":"step","step":7,')) child.kill("SIGKILL");
    });
    child.on("exit", () => resolve());
  });
  // A rollout is 8 steps here: the checkpoint is in the middle of one.
  expect(readdirSync(join(c.output, "checkpoints"))).toEqual(["step-0000005"]);
  const events = await collectEvents(c);
  expect(events.find((e) => e.type === "start")).toMatchObject({ firstStep: 5 });
  const weightsOf = (name: string) => readFileSync(join(folder, name, "model", "model.safetensors"));
  expect(weightsOf("killed").equals(weightsOf("uninterrupted"))).toBe(true);
});

test.each(kinds)("%s: a step in batches of three is the step in one batch", async (kind) => {
  const more = { maxSteps: 4, batchSize: 8 };
  const [whole, parts] = [
    metricsOf(await collectEvents(online(kind, `${kind}-one`, more))),
    metricsOf(await collectEvents(online(kind, `${kind}-three`, { ...more, microBatchSize: 3 }))),
  ];
  for (const [i, metrics] of whole.entries()) {
    for (const [name, value] of Object.entries(metrics)) {
      const other = (parts[i] as Record<string, number>)[name] as number;
      expect(Math.abs(value - other), `${name} at ${i}`).toBeLessThan(2e-4 * (1 + Math.abs(value)));
    }
  }
});

test("with a reward model: scores are those of its own look at the answer, its weights are the value model's first, the model saved is a policy", async () => {
  const trained = doneOf(await collectEvents(config("reward", "judge", { maxSteps: 20 })));
  const provider = await openProvider("onnx-cpu");
  const prompt = [{ role: "user" as const, content: "the cat is" }];
  const texts = [" good.", " very very evil.", "", " good good good good good good good good good good"];
  const judge = loadModel(trained.modelPath, provider);
  const scorer = openScorer(trained.modelPath, provider);
  const scores = await scorer.score(texts.map((text) => ({ prompt, text })));
  for (const [i, text] of texts.entries()) {
    const alone = await judge.scoreReward(prompt, [{ role: "assistant", content: text }]);
    expect(scores[i]).toBeCloseTo(alone, 5);
  }
  await scorer.dispose();
  await judge.dispose();
  const events = await collectEvents(
    online("ppo", "by-model", { maxSteps: 8, reward: trained.modelPath, judge: reward }),
  );
  const start = events.find((e) => e.type === "start");
  const policy = loadModel(doneOf(events).modelPath, provider);
  const [answer] = await policy.complete([{ prompt, sampling: { maxTokens: 4 } }]);
  expect(answer?.tokens).toBeGreaterThan(0);
  await policy.dispose();
  await provider.close();
  const saved = readFileSync(join(doneOf(events).modelPath, "model.safetensors")).toString("latin1");
  expect(saved).not.toContain("value.");
  // Two trunks and a head of 16 numbers.
  expect(start?.trainableParameters).toBe(2 * parameterCount(loadModelFolder(evenHanded).parameters) + 16);
  expect(doneOf(events).metrics).toHaveProperty("eval_judge_rise");
  await expect(collectEvents(online("ppo", "no-judge", { reward: evenHanded }))).rejects.toThrow(
    /is a language model; a reward comes from a reward model/,
  );
});

test.each([
  ["ppo", "lora"],
  ["grpo", "lora"],
  ["rloo", "prefix"],
] as const)("%s trains %s alone beside the base as it was, and its result is an adapter", async (kind, method) => {
  const adapter = { method, rank: 4, tokens: 5 };
  const more = { maxSteps: 3, epochs: 50, checkpointEvery: 100, samplePrompts: 0, rolloutPrompts: 16 };
  const events = await collectEvents(online(kind, `${kind}-${method}`, { ...more, adapter }));
  // LoRA starts as the reference; a prefix does not.
  const [kl] = stepFigures(events, "objective/kl");
  if (method === "lora") expect(Math.abs(kl as number)).toBeLessThan(1e-4);
  else expect(Math.abs(kl as number)).toBeGreaterThan(1e-4);
  const opened = openModel(doneOf(events).modelPath);
  expect(opened.parts?.adapter.method).toBe(method);
  expect(opened.parts?.base.parameters).toEqual(openModel(evenHanded).parameters);
});
