import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import { blank, type State, Stepper } from "@/trainer/loop/stepper";
import type { Objective } from "@/trainer/loop/trainStep";
import { generalisedAdvantages, leaveOneOutAdvantages, tokenRewards } from "@/trainer/objectives/advantages";
import { clippedPolicyLoss } from "@/trainer/objectives/policyGradient";
import { learningRate } from "@/trainer/optim/schedule";
import { defaultExecution } from "@/trainer/recipes/execution";
import { overSequences, tokenScores, weightedMean } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import type * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray } from "@/trainer/runtime/tree";
import {
  answers,
  batch,
  config,
  logProbsOf,
  optimizer,
  reference,
  sequences,
  tilted,
  variation,
} from "../../helpers/enumerable";

/**
 * Policy-gradient methods on the enumerable language. In the exact form a rollout is every answer with its probability, and
 * the value of a beginning is the mean over all that may follow; sampled, a rollout is 256 draws. Either way the goal is
 * E[r] − β·KL(π ‖ π_ref), whose optimum π_ref·exp(r/β) is known.
 */
const random = new Random(3);
const reward = answers.map(() => random.normal());
const beta = 1;
const steps = 2000;
const stepsPerRollout = 4;
const N = answers.length;
const T = 3;
const at = <V>(list: readonly V[], i: number) => list[i] as V;

let provider: Provider;
let cache: SessionCache;
let optimum: number[];
let start: number[];
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
  cache = new SessionCache(provider);
  const before = await logProbsOf(provider, reference);
  start = before.map(Math.exp);
  optimum = tilted(before, reward, beta);
});
afterAll(async () => {
  await cache.dispose();
  await provider.close();
});

const scores = (p: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>) =>
  tokenScores(p, config, b, { temperature: 1, execution: defaultExecution });

/** Log-probabilities of the tokens of every answer: [125][3]. */
async function tokensOf(p: State["p"]): Promise<number[][]> {
  const args = [p, batch] as never;
  const program = (parameters: never, b: never) => scores(parameters, b).logp;
  const compiled = await cache.get("tokens", program as never, args);
  const all = Array.from(((await compiled.run(args)) as unknown as HostArray).data);
  return sequences.map((_, i) => all.slice(i * T, (i + 1) * T));
}

/** Share of each answer in a rollout: its probability, or how often it was drawn. */
type Shares = (probabilities: readonly number[], rollout: number) => number[];
const exact: Shares = (probabilities) => [...probabilities];
const drawn: Shares = (probabilities, rollout) => {
  const draw = new Random(1000 + rollout);
  const counts = new Array<number>(N).fill(0);
  const total = probabilities.reduce((a, b) => a + b, 0);
  for (let i = 0; i < 256; i++) {
    const target = draw.uniform() * total;
    let [index, sum] = [0, at(probabilities, 0)];
    while (sum <= target && index < N - 1) {
      index += 1;
      sum += at(probabilities, index);
    }
    counts[index] = at(counts, index) + 1;
  }
  return counts.map((c) => c / 256);
};

/** What comes of an answer's rewards from each place on, averaged over all answers that begin alike. */
function valuesOf(rewards: readonly number[][], probabilities: readonly number[]): number[][] {
  const sums = new Map<string, { value: number; weight: number }>();
  const key = (i: number, t: number) => at(answers, i).slice(0, t).join();
  rewards.forEach((own, i) => {
    for (let t = 0; t < T; t++) {
      const later = own.slice(t).reduce((a, b) => a + b, 0);
      const entry = sums.get(`${t}:${key(i, t)}`) ?? { value: 0, weight: 0 };
      const weight = at(probabilities, i);
      sums.set(`${t}:${key(i, t)}`, { value: entry.value + weight * later, weight: entry.weight + weight });
    }
  });
  return rewards.map((own, i) =>
    own.map((_, t) => {
      const { value, weight } = sums.get(`${t}:${key(i, t)}`) as { value: number; weight: number };
      return value / weight;
    }),
  );
}

interface Lesson {
  readonly advantage: HostArray;
  readonly old: HostArray;
  readonly weight: HostArray;
}
const places = (rows: readonly (readonly number[])[]): HostArray => {
  const size = batch.rows?.shape[0] as number;
  const all = new Float32Array(size);
  all.set(rows.flat());
  return float32(all, [size]);
};

/** Trains for some rollouts; the probabilities of all answers at the end. */
async function optimise(
  objective: Objective,
  learn: (logps: number[][], before: number[][], share: number[], probabilities: number[]) => Lesson,
  share: Shares,
): Promise<number[]> {
  const steppers = new SessionCache(provider);
  const stepper = new Stepper(steppers, objective, optimizer);
  const before = await tokensOf(reference);
  let state: State = { p: reference, m: blank(reference), v: blank(reference) };
  let lesson: Lesson | null = null;
  for (let step = 1; step <= steps; step++) {
    if ((step - 1) % stepsPerRollout === 0 || !lesson) {
      const logps = await tokensOf(state.p);
      const probabilities = logps.map((row) => Math.exp(row.reduce((a, b) => a + b, 0)));
      lesson = learn(logps, before, share(probabilities, step), probabilities);
    }
    const rate = learningRate(optimizer, step, steps);
    ({ state } = await stepper.step(state, [{ ...batch, ...lesson }], { step, rate }));
  }
  const probabilities = (await logProbsOf(provider, state.p)).map(Math.exp);
  await steppers.dispose();
  return probabilities;
}

const kls = (logps: readonly number[][], before: readonly number[][]) =>
  logps.map((row, i) => row.map((l, t) => l - at(at(before, i), t)));

/** PPO on tokens: rewards, GAE and clipping as the recipe has them. */
const ppo = () => {
  const objective: Objective = (p, b) => {
    const { old, advantage, weight } = b as Record<"old" | "advantage" | "weight", tf.Tensor>;
    const loss = clippedPolicyLoss(scores(p, b).logp, old, advantage, { clipRange: 0.2 });
    return { loss: weightedMean(loss, weight), metrics: {} };
  };
  const learn = (logps: number[][], before: number[][], share: number[], probabilities: number[]): Lesson => {
    const rewards = kls(logps, before).map((kl, i) => tokenRewards(kl, at(reward, i), beta));
    const values = valuesOf(rewards, probabilities);
    const raw = rewards.map((r, i) => generalisedAdvantages(r, at(values, i), { gamma: 1, lambda: 1 }).advantages);
    return {
      advantage: places(raw),
      old: places(logps),
      weight: places(share.map((s) => [s, s, s])),
    };
  };
  return { objective, learn };
};

/** RLOO on whole answers; over all answers its baseline is the mean of their rewards. */
const rloo = () => {
  const objective: Objective = (p, b) => {
    const { old, advantage, weight } = b as Record<"old" | "advantage" | "weight", tf.Tensor>;
    const loss = clippedPolicyLoss(overSequences(scores(p, b).logp, b), old, advantage, { clipRange: 0.2 });
    return { loss: weightedMean(loss, weight), metrics: {} };
  };
  const learn = (logps: number[][], before: number[][], share: number[]): Lesson => {
    const sum = (row: readonly number[]) => row.reduce((a, b) => a + b, 0);
    const rewards = kls(logps, before).map((kl, i) => at(reward, i) - beta * sum(kl));
    const mean = rewards.reduce((total, r, i) => total + at(share, i) * r, 0);
    return {
      advantage: float32(
        rewards.map((r) => r - mean),
        [N],
      ),
      old: float32(logps.map(sum), [N]),
      weight: float32(share, [N]),
    };
  };
  return { objective, learn };
};

test("the reference is far from the optimum", () => {
  expect(variation(start, optimum)).toBeGreaterThan(0.2);
});

describe("with every answer in every rollout", () => {
  test("PPO converges to π_ref·exp(r/β)", async () => {
    const { objective, learn } = ppo();
    expect(variation(await optimise(objective, learn, exact), optimum)).toBeLessThan(0.01);
  });

  test("RLOO converges to π_ref·exp(r/β)", async () => {
    const { objective, learn } = rloo();
    expect(variation(await optimise(objective, learn, exact), optimum)).toBeLessThan(0.01);
  });
});

test("with 256 sampled answers a rollout PPO comes near it", async () => {
  const { objective, learn } = ppo();
  const distance = variation(await optimise(objective, learn, drawn), optimum);
  console.log(
    `PPO, 256 sampled answers a rollout, ${steps / stepsPerRollout} rollouts: total variation ${distance.toFixed(4)}`,
  );
  expect(distance).toBeLessThan(0.05);
});

test("leave-one-out over many draws of the same answers is the difference to their mean", () => {
  const rewards = Array.from({ length: 1000 }, (_, i) => i % 7);
  const mean = rewards.reduce((a, b) => a + b, 0) / 1000;
  leaveOneOutAdvantages(rewards, 1000).forEach((a, i) => {
    expect(a).toBeCloseTo((at(rewards, i) - mean) * (1000 / 999), 9);
  });
});
