import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type PairLossName, pairHyperparameters } from "@/trainer/contracts/losses";
import type { KtoConfig, RewardConfig, RunConfig } from "@/trainer/contracts/runConfig";
import { collatePairs, type TokenPair } from "@/trainer/data/preferences";
import { Random } from "@/trainer/data/random";
import { collateSequences, meanOf, shares } from "@/trainer/data/sequences";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { type Parameters, readSafetensors } from "@/trainer/io/safetensors";
import { blank, type HostBatch, Stepper } from "@/trainer/loop/stepper";
import { type Objective, partOfStep } from "@/trainer/loop/trainStep";
import { defaultExecution } from "@/trainer/recipes/execution";
import { completionLogProbs } from "@/trainer/recipes/forward";
import { ktoObjective } from "@/trainer/recipes/kto";
import { examine } from "@/trainer/recipes/online/examine";
import { grpoMethod, rlooMethod } from "@/trainer/recipes/online/group";
import type { Experience } from "@/trainer/recipes/online/method";
import { answerShapes } from "@/trainer/recipes/online/rollout";
import { preferenceObjective } from "@/trainer/recipes/preferenceObjective";
import { rewardObjective } from "@/trainer/recipes/reward";
import { sftObjective } from "@/trainer/recipes/sft";
import { parseConfig } from "@/trainer/recipes/train";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import { float32, type HostArray, scalar } from "@/trainer/runtime/tree";
import { tinyModel } from "../helpers/tinyModel";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.log("TIEBREAK_PEER_PYTHON is not set (a Python with torch, transformers and trl): skipped.");

const steps = 10;
const rate = 1e-3;

/** Weights large enough that the models differ and attention matters. */
function louder(seed: number) {
  const model = tinyModel(seed);
  for (const { shape, data } of Object.values(model.parameters)) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 8 * (data[i] as number);
  }
  return model;
}
const policy = louder(1);
const reference = louder(2);
const { config: llama } = policy;
const rewardParameters: Parameters = {
  ...policy.parameters,
  "score.weight": float32(
    Array.from({ length: llama.hiddenSize }, (_, i) => Math.sin(i)),
    [1, llama.hiddenSize],
  ),
};

// Variable lengths; the ids of padding (end of text) occur inside too. The highest id but one is in no sequence.
const unused = llama.vocabSize - 2;
const random = new Random(5);
const tokens = (n: number) => Array.from({ length: n }, () => random.below(llama.vocabSize - 3));
const end = llama.eosId as number;
const pairs: TokenPair[] = [
  [3, 4, 7],
  [9, 1, 2],
  [1, 12, 5],
  [5, 6, 6],
].map(([p, c, r], i) => ({
  promptId: `p${i}`,
  promptText: [],
  prompt: i === 1 ? [end, ...tokens(p as number)] : tokens(p as number),
  chosen: [...tokens((c as number) - 1), end],
  rejected: [...tokens((r as number) - 1), end],
  probability: 1,
  strength: 0.5 + i,
}));
const mismatched = pairs.map((_, i) => (pairs[(i + 3) % 4] as TokenPair).chosen);
const labels = [true, false, false, true];

interface Job {
  readonly name: string;
  readonly trainer: string;
  readonly settings: object;
  readonly objective: Objective;
  batch(logps: Reference): HostBatch;
  readonly parameters?: Parameters;
}

/** Of each chosen answer, token by token: what the policies that sampled and that are held on to gave it. */
interface TokenScores {
  readonly old: readonly (readonly number[])[];
  readonly reference: readonly (readonly number[])[];
}

interface Reference {
  readonly tokens: TokenScores;
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  readonly mismatched: readonly number[];
}

const config = (kind: RunConfig["kind"], more: object = {}) =>
  parseConfig({
    kind,
    baseModel: "-",
    dataset: "-",
    output: "-",
    batchSize: 4,
    maxLength: 64,
    optimizer: { learningRate: rate },
    ...more,
  } as never);

function pairJob(name: string, trainer: string, settings: object, more: object): Job {
  const dpo = config("dpo", { softLabels: false, ...more });
  if (dpo.kind !== "dpo") throw new Error("a DPO configuration");
  const promptToo = dpo.loss === "orpo";
  return {
    name,
    trainer,
    settings,
    objective: preferenceObjective(dpo, llama),
    batch: ({ chosen, rejected }) => ({
      ...collatePairs(pairs, 4, { promptToo }).batch,
      reference: float32([...chosen, ...rejected], [8]),
    }),
  };
}

const family = (
  ["sigmoid", "robust", "ipo", "hinge", "sigmoid_norm", "bco_pair", "nca_pair", "apo_zero", "apo_down"] as const
)
  .map((name) => name as PairLossName)
  .concat("sppo_hard", "exo_pair", "discopop")
  .map((loss) => {
    const { beta, labelSmoothing, tau } = pairHyperparameters(loss, {});
    return pairJob(
      loss,
      "dpo",
      { loss_type: [loss], beta, label_smoothing: labelSmoothing, discopop_tau: tau },
      { loss },
    );
  });

function rewardJob(name: string, settings: object, more: Partial<RewardConfig>): Job {
  const reward = config("reward", { softLabels: false, ...more }) as RewardConfig;
  return {
    name,
    trainer: "reward",
    settings,
    objective: rewardObjective(reward, llama),
    batch: () => collatePairs(pairs, 4).batch,
    parameters: rewardParameters,
  };
}

const advantages = [1.2, -0.7, 0.4, -0.9];
const temperature = 0.7;
const batching = { size: 4, shapes: answerShapes(4, 9, 16), execution: defaultExecution };

/** What GRPO and RLOO train on: the chosen answers, as if a policy near this one had sampled and a reward had judged them. */
const experienceOf = ({ old, reference: held }: TokenScores): Experience[] =>
  pairs.map(({ prompt, chosen }, i) => ({
    prompt,
    completion: chosen,
    logps: old[i] as number[],
    reference: held[i] as number[],
    advantages: chosen.map(() => advantages[i] as number),
    values: [],
    returns: [],
  }));

function sampledJob(kind: "grpo" | "rloo", name: string, settings: object, more: object): Job {
  const own = config(kind, { maxNewTokens: 16, temperature, groupSize: 2, reward: "-", ...more });
  if (own.kind !== "grpo" && own.kind !== "rloo") throw new Error("a configuration of GRPO or RLOO");
  const method =
    own.kind === "grpo"
      ? grpoMethod(own, { model: policy }, defaultExecution)
      : rlooMethod(own, { model: policy }, defaultExecution);
  return {
    name,
    trainer: kind,
    settings: { temperature, ...settings },
    objective: method.objective,
    batch: ({ tokens: scores }) => {
      const experience = experienceOf(scores);
      return method.collate(experience, experience, batching);
    },
  };
}

const answers = pairs.map(({ prompt, chosen }) => ({ prompt, completion: chosen }));
const kto = config("kto", { beta: 0.1, desirableWeight: 1.5, undesirableWeight: 0.75 }) as KtoConfig;

const jobs: Job[] = [
  ...family,
  pairJob(
    "mpo",
    "dpo",
    { loss_type: ["sigmoid", "bco_pair", "sft"], loss_weights: [0.8, 0.2, 1], beta: 0.1 },
    {
      loss: [
        { loss: "sigmoid", weight: 0.8 },
        { loss: "bco_pair", weight: 0.2 },
        { loss: "sft", weight: 1 },
      ],
    },
  ),
  pairJob("cpo", "cpo", { beta: 0.1, loss_type: "sigmoid", cpo_alpha: 0 }, { loss: "cpo" }),
  pairJob("simpo", "cpo", { beta: 2.5, simpo_gamma: 1.375, loss_type: "simpo", cpo_alpha: 0 }, { loss: "simpo" }),
  pairJob("orpo", "orpo", { beta: 0.1 }, { loss: "orpo" }),
  rewardJob("reward", { center_rewards_coefficient: 0.01 }, {}),
  rewardJob("reward_margin", { margin: true }, { useMargin: true, centerRewardsCoefficient: 0 }),
  ...(["grpo", "dapo", "dr_grpo"] as const).map((aggregation) =>
    sampledJob(
      "grpo",
      `grpo_${aggregation}`,
      { beta: 0.1, loss_type: aggregation, epsilon_high: 0.28 },
      { beta: 0.1, aggregation, clipRangeHigh: 0.28 },
    ),
  ),
  sampledJob("rloo", "rloo", { beta: 0.1 }, { beta: 0.1 }),
  {
    name: "sft",
    trainer: "sft",
    settings: {},
    objective: sftObjective(llama),
    batch: () => ({
      ...collateSequences(answers),
      weight: shares(4, 4, 4),
      meanLength: scalar(meanOf(answers.map((a) => a.completion.length))),
    }),
  },
  {
    name: "kto",
    trainer: "kto",
    settings: { beta: 0.1, desirable_weight: 1.5, undesirable_weight: 0.75 },
    objective: ktoObjective(kto, llama),
    batch: (logps) => {
      const others = collateSequences(
        pairs.map(({ prompt }, i) => ({ prompt, completion: mismatched[i] as number[] })),
      );
      const column = (values: readonly number[]) => float32(values, [4]);
      return {
        ...collateSequences(answers),
        ...Object.fromEntries(Object.entries(others).map(([name, x]) => [`mismatched.${name}`, x])),
        "mismatched.reference": column(logps.mismatched),
        reference: column(logps.chosen),
        label: column(labels.map(Number)),
        real: column([1, 1, 1, 1]),
        weight: shares(4, 4, 4),
        desirable: column(labels.map((l) => (l ? 0.5 : 0))),
        undesirable: column(labels.map((l) => (l ? 0 : 0.5))),
      };
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), "interop-"));
let provider: Provider;
let logps: Reference;

beforeAll(async () => {
  if (!python) return;
  const at = (name: string) => join(folder, name);
  saveModelFolder(at("policy"), policy, "", "F32");
  saveModelFolder(at("reference"), reference, "", "F32");
  saveModelFolder(at("reward"), { ...policy, head: "reward", parameters: rewardParameters }, "", "F32");
  provider = await openProvider("onnx-cpu");
  const tokens = await tokenScoresOf();
  const spec = {
    experience: experienceOf(tokens).map(({ prompt, completion, logps: old, reference: held }, i) => ({
      prompt,
      completion,
      old,
      reference: held,
      advantage: advantages[i],
    })),
    policy: at("policy"),
    reference: at("reference"),
    reward: at("reward"),
    pairs,
    mismatched,
    labels,
    margins: pairs.map((p) => p.strength),
    unused,
    rate,
    jobs: jobs.map(({ name, trainer, settings }) => ({ name, trainer, settings, steps })),
  };
  writeFileSync(at("spec.json"), JSON.stringify(spec));
  execFileSync(python, [resolve("tests/interop/peer.py"), at("spec.json"), folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });

  const score = async (completions: readonly (readonly number[])[]) => {
    const batch = collateSequences(pairs.map(({ prompt }, i) => ({ prompt, completion: completions[i] as number[] })));
    const args = [reference.parameters, batch] as never;
    const forward = (p: never, b: never) => completionLogProbs(p, llama, b);
    const compiled = await provider.compile(forward as never, args);
    return Array.from(((await compiled.run(args)) as unknown as HostArray).data);
  };
  logps = {
    tokens,
    chosen: await score(pairs.map((p) => p.chosen)),
    rejected: await score(pairs.map((p) => p.rejected)),
    mismatched: await score(mismatched),
  };
});

/** The policy's own, moved a little so that some ratios are clipped, and the reference's. */
async function tokenScoresOf(): Promise<TokenScores> {
  const cache = new SessionCache(provider);
  const chosen = pairs.map((pair) => ({ prompt: pair.prompt, completion: pair.chosen, text: "", ended: true }));
  const found = await examine(
    {
      llama,
      reference: reference.parameters,
      temperature,
      klEstimator: "k1",
      batching,
      cache,
      valuesOf: () => null,
    },
    policy.parameters,
    chosen,
  );
  await cache.dispose();
  return {
    old: found.map(({ logps: own }, i) => own.map((logp, t) => logp + 0.4 * Math.sin(3 * i + t))),
    reference: found.map((figures) => figures.reference),
  };
}

describe.skipIf(!python).each(jobs.map((job) => [job.name, job] as const))("%s equals TRL's", (name, job) => {
  const parameters = job.parameters ?? policy.parameters;
  const theirs = () => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as { losses: number[] };

  test("loss and gradients within 1e-4", async () => {
    const args = [parameters, blank(parameters), job.batch(logps)] as never;
    const compiled = await provider.compile(partOfStep(job.objective) as never, args);
    const out = (await compiled.run(args)) as unknown as { sum: Parameters; metrics: Record<string, HostArray> };
    const [loss] = theirs().losses as [number];
    expect(Math.abs((out.metrics.loss?.data[0] as number) - loss)).toBeLessThan(1e-4 * (1 + Math.abs(loss)));
    const gradients = readSafetensors(join(folder, `${name}.safetensors`));
    for (const [parameter, { data }] of Object.entries(out.sum)) {
      const peer = gradients[parameter]?.data ?? new Float32Array(data.length);
      const scale = 1 + Math.max(...Array.from(peer, Math.abs));
      const gap = Math.max(...Array.from(data, (x, i) => Math.abs(x - (peer[i] as number))));
      expect(gap / scale, parameter).toBeLessThan(1e-4);
    }
    await compiled.dispose();
  });

  test("ten training steps within 1e-3", async () => {
    const cache = new SessionCache(provider);
    const stepper = new Stepper(cache, job.objective, { ...config("sft").optimizer, learningRate: rate });
    let state = { p: parameters, m: blank(parameters), v: blank(parameters) };
    const peer = theirs().losses;
    for (let step = 1; step <= steps; step++) {
      const { state: next, metrics } = await stepper.step(state, [job.batch(logps)], { step, rate });
      state = next as typeof state;
      const expected = peer[step - 1] as number;
      expect(Math.abs((metrics.loss as number) - expected), `step ${step}`).toBeLessThan(
        1e-3 * (1 + Math.abs(expected)),
      );
    }
    await cache.dispose();
  });
});
