import { beforeAll, describe, expect, test } from "vitest";
import { klEstimators } from "@/trainer/contracts/online";
import { Random } from "@/trainer/data/random";
import {
  deviationOf,
  explainedVariance,
  generalisedAdvantages,
  groupAdvantages,
  leaveOneOutAdvantages,
  penalisedScore,
  shareWithoutSpread,
  tokenRewards,
  tokenWeight,
  whitened,
} from "@/trainer/objectives/advantages";
import { adaptedCoefficient, klEstimate } from "@/trainer/objectives/kl";
import { clippedPolicyLoss, clippedValueLoss, isClipped, isValueClipped } from "@/trainer/objectives/policyGradient";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { plainAdvantages, plainPolicyLoss, plainValueLoss } from "../../helpers/plainPolicyGradient";

beforeAll(async () => {
  await openProvider("wasm");
});

const one = (x: number) => tf.tensor1d([x]);
const first = (x: tf.Tensor) => x.dataSync()[0] as number;
const random = new Random(4);
const between = (low: number, high: number) => low + (high - low) * random.uniform();
const close = (found: readonly number[], expected: readonly number[], digits = 6) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, e] of expected.entries()) expect(found[i]).toBeCloseTo(e, digits);
};

describe("advantages", () => {
  test("GAE at γ 1 and λ 0.95 on rewards −0.01, 0.025, 0.995 and values 0.2, 0.3, 0.5; returns from A before it is whitened", () => {
    const { advantages, returns } = generalisedAdvantages([-0.01, 0.025, 0.995], [0.2, 0.3, 0.5], {
      gamma: 1,
      lambda: 0.95,
    });
    close(advantages, [0.7504875, 0.69525, 0.495]);
    close(returns, [0.9504875, 0.99525, 0.995]);
    close(whitened(advantages), [0.770487, 0.359579, -1.130067], 5);
  });

  test("GAE is the discounted sum of the temporal differences; λ 1 is the return less the value, λ 0 one difference", () => {
    const rewards = Array.from({ length: 9 }, () => between(-1, 1));
    const values = Array.from({ length: 9 }, () => between(-1, 1));
    for (const [gamma, lambda] of [
      [0.9, 0.8],
      [1, 1],
      [0.97, 0],
    ] as const) {
      close(
        generalisedAdvantages(rewards, values, { gamma, lambda }).advantages,
        plainAdvantages(rewards, values, gamma, lambda),
      );
    }
    const rest = rewards.map((_, t) => rewards.slice(t).reduce((a, b) => a + b, 0));
    close(generalisedAdvantages(rewards, values, { gamma: 1, lambda: 1 }).returns, rest);
  });

  test("whitened numbers have mean 0 and unbiased variance 1; with keepMean the mean stays; equal numbers do not explode", () => {
    const values = Array.from({ length: 50 }, () => between(2, 9));
    const mean = values.reduce((a, b) => a + b, 0) / 50;
    for (const [found, expected] of [
      [whitened(values), 0],
      [whitened(values, true), mean],
    ] as const) {
      const m = found.reduce((a, b) => a + b, 0) / 50;
      expect(m).toBeCloseTo(expected, 6);
      expect(found.reduce((sum, v) => sum + (v - m) ** 2, 0) / 49).toBeCloseTo(1, 6);
    }
    close(whitened([3, 3, 3]), [0, 0, 0]);
  });

  test("the score is at the end-of-text token, the last of the answer, and nowhere else; KL costs at every token", () => {
    close(tokenRewards([0.1, -0.2, 0.4], 2, 0.05), [-0.005, 0.01, 1.98]);
    close(tokenRewards([0.3], 2, 0.5), [1.85]);
    expect(penalisedScore(2, true, 1)).toBe(2);
    expect(penalisedScore(2, false, 1)).toBe(1);
  });

  test("explained variance: 1 for the returns themselves, 0 for a constant, below 0 for worse than one", () => {
    expect(explainedVariance([1, 2, 4], [1, 2, 4])).toBeCloseTo(1, 9);
    expect(explainedVariance([5, 5, 5], [1, 2, 4])).toBeCloseTo(0, 9);
    expect(explainedVariance([4, 2, 1], [1, 2, 4])).toBeLessThan(0);
    expect(explainedVariance([4, 2, 1], [3, 3, 3])).toBe(0);
  });

  test("GRPO: scores 1, 2, 3, 6 and 5, 5, 5, 5; the deviation is unbiased, 1e-4 is added to it, an even group gives 0", () => {
    const scores = [1, 2, 3, 6, 5, 5, 5, 5];
    const deviation = Math.sqrt((4 + 1 + 0 + 9) / 3);
    close(groupAdvantages(scores, 4, "group"), [...[-2, -1, 0, 3].map((d) => d / (deviation + 1e-4)), ...[0, 0, 0, 0]]);
    close(groupAdvantages(scores, 4, "none"), [-2, -1, 0, 3, 0, 0, 0, 0]);
    // Mean 4; squared differences 9, 4, 1, 4, 1, 1, 1, 1.
    close(
      groupAdvantages(scores, 4, "batch"),
      [-2, -1, 0, 3, 0, 0, 0, 0].map((d) => d / (Math.sqrt(22 / 7) + 1e-4)),
    );
    expect(shareWithoutSpread(scores, 4)).toBe(0.5);
    expect(deviationOf(scores.slice(0, 4))).toBeCloseTo(deviation, 9);
  });

  test("RLOO: each reward less the mean of the others; two to a prompt are the difference and its negative", () => {
    close(leaveOneOutAdvantages([1, 2, 6, 3, 3, 0], 3), [-3, -1.5, 4.5, 1.5, 1.5, -3]);
    close(leaveOneOutAdvantages([2, 5], 2), [-3, 3]);
  });

  test("a step's tokens together weigh 1 by answers and by tokens; Dr. GRPO's weight does not depend on the length", () => {
    const step = [4, 1, 7];
    for (const aggregation of ["grpo", "dapo"] as const) {
      expect(step.reduce((sum, n) => sum + n * tokenWeight(aggregation, n, step, 8), 0)).toBeCloseTo(1, 9);
    }
    expect(tokenWeight("grpo", 4, step, 8)).toBeCloseTo(1 / 12, 9);
    expect(tokenWeight("dapo", 4, step, 8)).toBeCloseTo(1 / 12, 9);
    expect(tokenWeight("grpo", 1, step, 8)).toBeCloseTo(1 / 3, 9);
    expect(tokenWeight("dapo", 1, step, 8)).toBeCloseTo(1 / 12, 9);
    for (const n of step) expect(tokenWeight("dr_grpo", n, step, 8)).toBeCloseTo(1 / 24, 9);
  });
});

describe("KL", () => {
  test("k1, k2 and k3 of log-probabilities −1.2 and −1.5", () => {
    const of = (estimator: (typeof klEstimators)[number]) => first(klEstimate(estimator, one(-1.2), one(-1.5)));
    expect(of("k1")).toBeCloseTo(0.3, 6);
    expect(of("k2")).toBeCloseTo(0.045, 6);
    expect(of("k3")).toBeCloseTo(Math.exp(-0.3) - 1 + 0.3, 6);
  });

  test("on average over the policy k1 and k3 are the divergence, k2 nearly; k3 alone is never negative and scatters less than k1", () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.4, 0.35, 0.25],
    ] as const;
    const exact = p.reduce((sum, x, i) => sum + x * Math.log(x / (q[i] as number)), 0);
    const each = Object.fromEntries(
      klEstimators.map((name) => [
        name,
        Array.from(klEstimate(name, tf.log(tf.tensor1d([...p])), tf.log(tf.tensor1d([...q]))).dataSync()),
      ]),
    ) as Record<(typeof klEstimators)[number], number[]>;
    const mean = (values: number[]) => values.reduce((sum, v, i) => sum + (p[i] as number) * v, 0);
    expect(mean(each.k1)).toBeCloseTo(exact, 6);
    expect(mean(each.k3)).toBeCloseTo(exact, 6);
    expect(Math.abs(mean(each.k2) - exact)).toBeLessThan(0.1 * exact);
    expect(Math.min(...each.k3)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...each.k1)).toBeLessThan(0);
    const spread = (values: number[]) => mean(values.map((v) => (v - exact) ** 2));
    expect(spread(each.k3)).toBeLessThan(spread(each.k1));
  });

  test("the adaptive coefficient: 0.2 with KL 9, target 6, 64 answers becomes 0.200256; it falls below the target, and by the same bound", () => {
    const steer = { target: 6, horizon: 10_000 };
    expect(adaptedCoefficient(0.2, 9, 64, steer)).toBeCloseTo(0.200256, 7);
    expect(adaptedCoefficient(0.2, 6, 64, steer)).toBe(0.2);
    expect(adaptedCoefficient(0.2, 0, 64, steer)).toBeCloseTo(0.199744, 7);
    expect(adaptedCoefficient(0.2, 6.6, 64, steer)).toBeCloseTo(0.2 * (1 + 0.1 * 0.0064), 7);
  });
});

describe("clipping", () => {
  const cases = Array.from({ length: 40 }, () => ({
    logp: between(-3, -0.1),
    old: between(-3, -0.1),
    advantage: between(-2, 2),
  }));

  test("the policy's loss equals plain loops and its gradient their central differences", () => {
    for (const { logp, old, advantage } of cases) {
      for (const high of [0.2, 0.28]) {
        const range = { clipRange: 0.2, clipRangeHigh: high };
        const plain = (x: number) => plainPolicyLoss(x, old, advantage, 0.2, high);
        const loss = (x: tf.Tensor) => clippedPolicyLoss(x, one(old), one(advantage), range);
        expect(first(loss(one(logp)))).toBeCloseTo(plain(logp), 4);
        const numeric = (plain(logp + 1e-5) - plain(logp - 1e-5)) / 2e-5;
        const gradient = first(tf.grad((x: tf.Tensor) => tf.sum(loss(x)))(one(logp)));
        expect(Math.abs(gradient - numeric)).toBeLessThan(1e-3 * (1 + Math.abs(numeric)));
      }
    }
  });

  test("no gradient where the ratio has already gone the advantage's way; a full one on the way back", () => {
    const slope = (ratio: number, advantage: number) =>
      first(
        tf.grad((x: tf.Tensor) => tf.sum(clippedPolicyLoss(x, one(0), one(advantage), { clipRange: 0.2 })))(
          one(Math.log(ratio)),
        ),
      );
    const clipped = (ratio: number, advantage: number) => {
      const { low, high } = isClipped(one(Math.log(ratio)), one(0), one(advantage), { clipRange: 0.2 });
      return [first(low), first(high)];
    };
    expect(slope(1.5, 1)).toBeCloseTo(0, 6);
    expect(clipped(1.5, 1)).toEqual([0, 1]);
    expect(slope(0.5, -1)).toBeCloseTo(0, 6);
    expect(clipped(0.5, -1)).toEqual([1, 0]);
    expect(slope(0.5, 1)).toBeCloseTo(-0.5, 5);
    expect(slope(1.5, -1)).toBeCloseTo(1.5, 5);
    expect(clipped(1.5, -1)).toEqual([0, 0]);
    // At ratio 1 the gradient is REINFORCE's.
    expect(slope(1, 0.7)).toBeCloseTo(-0.7, 5);
  });

  test("the value's loss equals plain loops, its gradient their central differences, and it says where clipping holds it", () => {
    for (let i = 0; i < 40; i++) {
      const [value, old, target] = [between(-1, 1), between(-1, 1), between(-1, 1)];
      const plain = (x: number) => plainValueLoss(x, old, target, 0.2);
      const loss = (x: tf.Tensor) => clippedValueLoss(x, one(old), one(target), 0.2);
      expect(first(loss(one(value)))).toBeCloseTo(plain(value), 5);
      const numeric = (plain(value + 1e-5) - plain(value - 1e-5)) / 2e-5;
      expect(first(tf.grad((x: tf.Tensor) => tf.sum(loss(x)))(one(value)))).toBeCloseTo(numeric, 3);
      const held = plain(value) > 0.5 * (value - target) ** 2 + 1e-12;
      expect(first(isValueClipped(one(value), one(old), one(target), 0.2))).toBe(held ? 1 : 0);
    }
  });
});
