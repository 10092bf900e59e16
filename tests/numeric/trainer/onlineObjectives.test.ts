import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GrpoConfig, type PpoConfig, type RlooConfig, runConfigSchema } from "@/trainer/contracts/runConfig";
import { Random } from "@/trainer/data/random";
import { completeOnce } from "@/trainer/generation/generate";
import type { Parameters } from "@/trainer/io/safetensors";
import type { Objective } from "@/trainer/loop/trainStep";
import type { ModelConfig } from "@/trainer/models/config";
import { defaultExecution } from "@/trainer/recipes/execution";
import { examine } from "@/trainer/recipes/online/examine";
import {
  grpoLesson,
  grpoMethod,
  grpoObjective,
  rlooLesson,
  rlooMethod,
  rlooObjective,
} from "@/trainer/recipes/online/group";
import type { Experience, Method, ScoredAnswer } from "@/trainer/recipes/online/method";
import { ppoLesson, ppoMethod, ppoObjective } from "@/trainer/recipes/online/ppo";
import { answerShapes } from "@/trainer/recipes/online/rollout";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray } from "@/trainer/runtime/tree";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { plainAdvantages, plainPolicyLoss, plainValueLoss } from "../../helpers/plainPolicyGradient";
import { tinyModel } from "../../helpers/tinyModel";

/** Objectives on answers of different lengths, padded and filled, against the same written as loops over one answer at a time. */
function louder(seed: number) {
  const model = tinyModel(seed);
  for (const { shape, data } of Object.values(model.parameters)) {
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 8 * (data[i] as number);
  }
  return model;
}
const [base, present] = [louder(1), louder(2)];
const { config: llama } = base;
const random = new Random(12);
const end = llama.eosId as number;
const tokens = (n: number) => Array.from({ length: n }, () => random.below(llama.vocabSize - 1));
const temperature = 0.7;

const lengths = [
  [3, 5],
  [1, 1],
  [9, 12],
  [4, 3],
] as const;
const answers = lengths.map(([p, c], i): ScoredAnswer => {
  const prompt = tokens(p);
  const completion = i === 2 ? [end, ...tokens(c - 2), 5] : [...tokens(c - 1), end];
  const numbers = (low: number, high: number) => completion.map(() => low + (high - low) * random.uniform());
  return {
    prompt,
    completion,
    text: "",
    ended: i !== 2,
    score: [0.5, -1, 2, 0.25][i] as number,
    // Near the present ones, so that some ratios are clipped and others not.
    logps: plainScores(present.parameters, prompt, completion).map((x) => x + 0.8 * (random.uniform() - 0.5)),
    reference: numbers(-4, -1),
    entropy: numbers(0, 1),
    kl: numbers(-0.2, 0.5),
    values: numbers(-1, 1),
  };
});

/** log softmax(logits/temperature) of each token of a completion. */
function plainScores(p: Parameters, prompt: readonly number[], completion: readonly number[]): number[] {
  const logits = plainLogits(p, llama, [...prompt, ...completion]);
  return completion.map((id, t) =>
    plainLogProb(
      (logits[prompt.length + t - 1] as number[]).map((z) => z / temperature),
      id,
    ),
  );
}

/** The score head read before each token: a language model of one word. */
function plainValues(p: Parameters, { prompt, completion }: Experience): number[] {
  const one: ModelConfig = { ...llama, tied: false, vocabSize: 1 };
  const all = plainLogits({ ...p, "lm_head.weight": p["score.weight"] as HostArray }, one, [...prompt, ...completion]);
  return completion.map((_, i) => all[prompt.length + i - 1]?.[0] as number);
}

const config = <K extends "ppo" | "grpo" | "rloo">(kind: K, more: object = {}) =>
  runConfigSchema.parse({
    kind,
    baseModel: "base",
    dataset: "data",
    output: "out",
    batchSize: 8,
    maxLength: 64,
    maxNewTokens: 16,
    temperature,
    reward: { kind: "lexicon", weights: {} },
    optimizer: { learningRate: 1 },
    ...(kind !== "ppo" && { groupSize: 2 }),
    ...more,
  });

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

// Eight rows for four answers: half of them only fill the batch.
const batching = { size: 8, shapes: answerShapes(8, 9, 16), execution: defaultExecution };

async function outcome(method: Method, objective: Objective, p: Parameters, experience: readonly Experience[]) {
  const batch = method.collate(experience, experience, batching);
  const program = (parameters: Record<string, tf.Tensor>, inputs: Record<string, tf.Tensor>) => {
    const names = Object.keys(parameters);
    const rebuilt = (values: tf.Tensor[]) => Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor]));
    const grads = tf.grads((...values: tf.Tensor[]) => objective(rebuilt(values), inputs).loss)(
      names.map((n) => parameters[n] as tf.Tensor),
    );
    return { ...objective(parameters, inputs), gradients: rebuilt(grads) };
  };
  const args = [p, batch] as never;
  const compiled = await provider.compile(program as never, args);
  const out = (await compiled.run(args)) as unknown as {
    loss: HostArray;
    metrics: Record<string, HostArray>;
    gradients: Record<string, HostArray>;
  };
  await compiled.dispose();
  return {
    loss: out.loss.data[0] as number,
    metrics: Object.fromEntries(Object.entries(out.metrics).map(([n, { data }]) => [n, data[0] as number])),
    gradients: out.gradients,
  };
}

/** Central differences of a plain loss over some single weights. */
function expectGradients(plain: (p: Parameters) => number, p: Parameters, gradients: Record<string, HostArray>): void {
  for (const [name, at] of [
    ["model.embed_tokens.weight", 16 * 5 + 3],
    ["model.layers.0.self_attn.q_proj.weight", 7],
    ["model.layers.1.mlp.down_proj.weight", 20],
    ["model.norm.weight", 2],
  ] as const) {
    const moved = (by: number): Parameters => {
      const own = p[name] as HostArray;
      // A copy in double precision: the loops read whatever numbers there are.
      const data = Array.from(own.data, (x, i) => (i === at ? x + by : x)) as unknown as Float32Array;
      return { ...p, [name]: { ...own, data: Object.assign(data, { subarray: data.slice }) } };
    };
    const numeric = (plain(moved(1e-5)) - plain(moved(-1e-5))) / 2e-5;
    const found = gradients[name]?.data[at] as number;
    expect(Math.abs(found - numeric), name).toBeLessThan(1e-4 + 2e-3 * Math.abs(numeric));
  }
}

const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);
const total = sum(answers.map((a) => a.completion.length));

describe("PPO", () => {
  const ppo = config("ppo", { klCoefficient: 0.2, missingEosPenalty: 1, entropyCoefficient: 0 }) as PpoConfig;
  const lesson = ppoLesson(ppo, answers, 0.2);
  const { experience } = lesson;

  test("a rollout's lesson: penalised score at the last token, KL at each, GAE, advantages whitened over all tokens", () => {
    const rewards = answers.map((a) =>
      a.kl.map((k, t) => -0.2 * k + (t === a.kl.length - 1 ? a.score - (a.ended ? 0 : 1) : 0)),
    );
    const raw = answers.map((a, i) => plainAdvantages(rewards[i] as number[], a.values, 1, 0.95));
    const all = raw.flat();
    const mean = sum(all) / all.length;
    const deviation = Math.sqrt(sum(all.map((x) => (x - mean) ** 2)) / (all.length - 1));
    experience.forEach(({ advantages, returns, values }, i) => {
      advantages.forEach((a, t) => {
        expect(a).toBeCloseTo(((raw[i]?.[t] as number) - mean) / deviation, 5);
        expect(returns[t]).toBeCloseTo((raw[i]?.[t] as number) + (values[t] as number), 9);
      });
    });
    const { metrics } = lesson;
    expect(metrics["objective/scores"]).toBeCloseTo((0.5 - 1 + 1 + 0.25) / 4, 9);
    expect(metrics["objective/kl"]).toBeCloseTo(sum(answers.flatMap((a) => a.kl)) / 4, 9);
    expect(metrics["val/num_eos_tokens"]).toBe(3);
    expect(metrics["objective/non_score_reward"]).toBeCloseTo(-0.2 * (metrics["objective/kl"] as number), 9);
  });

  test("whitened rewards keep their mean and lose their scale", () => {
    const bare = { ...ppo, lambda: 0, klCoefficient: 0 };
    const [plain, white] = [ppoLesson(bare, answers, 0.2), ppoLesson({ ...bare, whitenRewards: true }, answers, 0.2)];
    // At λ 0 and γ 1: A + V_t − V_{t+1} is the reward of the token.
    const rewardsOf = (l: typeof plain) =>
      l.experience.flatMap(({ returns, values }) => returns.map((r, t) => r - (values[t + 1] ?? 0)));
    const [a, b] = [rewardsOf(plain), rewardsOf(white)];
    const spread = (x: number[]) => Math.sqrt(sum(x.map((v) => (v - sum(x) / x.length) ** 2)) / (x.length - 1));
    expect(sum(b) / b.length).toBeCloseTo(sum(a) / a.length, 6);
    expect(spread(b)).toBeCloseTo(1, 5);
  });

  test("loss, metrics and gradients equal loops over one answer at a time: padding and filling count nowhere", async () => {
    const value = {
      ...louder(3).parameters,
      "score.weight": float32(
        tokens(16).map((_, i) => Math.sin(i)),
        [1, 16],
      ),
    };
    const p: Parameters = {
      ...present.parameters,
      ...Object.fromEntries(Object.entries(value).map(([n, a]) => [`value.${n}`, a])),
    };
    const plain = (parameters: Parameters) => {
      let [policyLoss, valueLoss] = [0, 0];
      for (const e of experience) {
        plainScores(parameters, e.prompt, e.completion).forEach((logp, t) => {
          policyLoss += plainPolicyLoss(logp, e.logps[t] as number, e.advantages[t] as number, 0.2);
        });
        plainValues(value, e).forEach((v, t) => {
          valueLoss += plainValueLoss(v, e.values[t] as number, e.returns[t] as number, 0.2);
        });
      }
      return { policy: policyLoss / total, value: valueLoss / total };
    };
    const method = ppoMethod(ppo, { base, model: base }, defaultExecution);
    const { loss, metrics, gradients } = await outcome(
      method,
      ppoObjective(ppo, llama, defaultExecution),
      p,
      experience,
    );
    const expected = plain(p);
    expect(metrics["loss/policy_avg"]).toBeCloseTo(expected.policy, 4);
    expect(metrics["loss/value_avg"]).toBeCloseTo(expected.value, 4);
    expect(loss).toBeCloseTo(expected.policy + 0.1 * expected.value, 4);
    const changes = experience.flatMap((e) =>
      plainScores(p, e.prompt, e.completion).map((logp, t) => logp - (e.logps[t] as number)),
    );
    expect(metrics["policy/approxkl_avg"]).toBeCloseTo((0.5 * sum(changes.map((c) => c ** 2))) / total, 4);
    expect(metrics["val/ratio"]).toBeCloseTo(sum(changes.map(Math.exp)) / total, 4);
    expect(metrics["policy/clipfrac_avg"]).toBeGreaterThan(0);
    expectGradients((q) => plain(q).policy, p, gradients);
    const entropies = experience.flatMap(({ prompt, completion }) => {
      const logits = plainLogits(p, llama, [...prompt, ...completion]);
      return completion.map((_, t) => {
        const z = (logits[prompt.length + t - 1] as number[]).map((x) => x / temperature);
        return -sum(z.map((__, id) => Math.exp(plainLogProb(z, id)) * plainLogProb(z, id)));
      });
    });
    expect(metrics["policy/entropy_avg"]).toBeCloseTo(sum(entropies) / total, 4);
    const bonus = { ...ppo, entropyCoefficient: 0.3 };
    const with03 = await outcome(method, ppoObjective(bonus, llama, defaultExecution), p, experience);
    expect(loss - with03.loss).toBeCloseTo((0.3 * sum(entropies)) / total, 4);
  });
});

describe("GRPO", () => {
  test.each(["grpo", "dapo", "dr_grpo"] as const)(
    "%s: loss and gradients equal loops over one answer at a time",
    async (aggregation) => {
      const grpo = config("grpo", {
        beta: 0.1,
        aggregation,
        clipRangeHigh: 0.28,
        unbiasedKl: aggregation !== "grpo",
      }) as GrpoConfig;
      const { experience } = grpoLesson(grpo, answers);
      const plain = (p: Parameters) => {
        const each = experience.map((e) =>
          plainScores(p, e.prompt, e.completion).map((logp, t) => {
            const lr = (e.reference[t] as number) - logp;
            const ratio = aggregation === "grpo" ? 1 : Math.exp(logp - (e.logps[t] as number));
            const kl = ratio * (Math.exp(lr) - 1 - lr);
            return plainPolicyLoss(logp, e.logps[t] as number, e.advantages[t] as number, 0.2, 0.28) + 0.1 * kl;
          }),
        );
        if (aggregation === "dapo") return sum(each.flat()) / total;
        return sum(each.map((x) => sum(x) / (aggregation === "grpo" ? x.length : 16))) / 4;
      };
      const method = grpoMethod(grpo, { model: base }, defaultExecution);
      const objective = grpoObjective(grpo, llama, defaultExecution);
      const { loss, gradients } = await outcome(method, objective, present.parameters, experience);
      const expected = plain(present.parameters);
      expect(Math.abs(loss - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
      expectGradients(plain, present.parameters, gradients);
    },
  );
});

describe("RLOO", () => {
  test("loss and gradients equal loops: whole answers are clipped, their KL is part of the reward", async () => {
    const rloo = config("rloo", { beta: 0.3 }) as RlooConfig;
    const near = answers.map((a) => {
      const own = plainScores(present.parameters, a.prompt, a.completion);
      return { ...a, logps: own.map((x) => x + 0.1 * (random.uniform() - 0.5)) };
    });
    const { experience } = rlooLesson(rloo, near);
    const rewards = near.map((a) => a.score - 0.3 * sum(a.kl));
    const gains = rewards.map((r, i) => r - (rewards[i % 2 === 0 ? i + 1 : i - 1] as number));
    const plain = (p: Parameters) =>
      sum(
        near.map((a, i) =>
          plainPolicyLoss(sum(plainScores(p, a.prompt, a.completion)), sum(a.logps), gains[i] as number, 0.2),
        ),
      ) / 4;
    const method = rlooMethod(rloo, { model: base }, defaultExecution);
    const objective = rlooObjective(rloo, llama, defaultExecution);
    const { loss, gradients } = await outcome(method, objective, present.parameters, experience);
    expect(loss).toBeCloseTo(plain(present.parameters), 4);
    expectGradients(plain, present.parameters, gradients);
  });
});

test("answers are sampled without filters: their log-probabilities while sampling are those that training sees", async () => {
  const request = { maxTokens: 12, temperature: 1, seed: 4 };
  const prompt = [{ role: "user" as const, content: "the cat" }];
  const [completion] = await completeOnce(present, present.parameters, provider, [
    { prompt, sampling: request, logProbs: true },
  ]);
  const answer = { ...(answers[0] as ScoredAnswer), prompt: [end, ...present.tokenizer.encode("the cat")] };
  const cache = new SessionCache(provider);
  const [figures] = await examine(
    {
      llama,
      reference: base.parameters,
      temperature: 1,
      klEstimator: "k1",
      batching,
      cache,
      valuesOf: () => null,
    },
    present.parameters,
    [{ ...answer, completion: completion?.ids ?? [] }],
  );
  await cache.dispose();
  expect(figures?.logps).toHaveLength(completion?.ids.length as number);
  figures?.logps.forEach((logp, t) => {
    expect(logp).toBeCloseTo(completion?.logProbs?.[t] as number, 3);
    expect(figures.kl[t]).toBeCloseTo(logp - (figures.reference[t] as number), 5);
  });
});
