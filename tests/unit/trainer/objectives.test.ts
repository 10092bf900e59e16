import { beforeAll, describe, expect, test } from "vitest";
import { type PairLossName, pairHyperparameters, pairLosses, pairLossNames } from "@/trainer/contracts/losses";
import { Random } from "@/trainer/data/random";
import { bradleyTerryLoss } from "@/trainer/objectives/bradleyTerry";
import { ktoLoss, ktoReferencePoint } from "@/trainer/objectives/kto";
import { oddsRatioLoss } from "@/trainer/objectives/referenceFree";
import { mixtureLoss, pairLossFunctions, softLabelLoss } from "@/trainer/objectives/registry";
import { driftOf, log1mexp, type Side } from "@/trainer/objectives/side";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { type PlainPair, plainLosses } from "../../helpers/plainLosses";

beforeAll(async () => {
  await openProvider("wasm");
});

const one = (x: number) => tf.tensor1d([x]);
const first = (x: tf.Tensor) => x.dataSync()[0] as number;

const side = (p: PlainPair, which: "chosen" | "rejected", logp: tf.Tensor = one(p[which])): Side => ({
  logp,
  reference: one(which === "chosen" ? p.refChosen : p.refRejected),
  length: one(which === "chosen" ? p.lengthChosen : p.lengthRejected),
  meanLength: tf.scalar(p.meanLength),
  sequence: { logp: tf.add(logp, p.prompt), meanLength: tf.scalar(p.meanSequence) },
});
const lossOf = (name: PairLossName, p: PlainPair, asked = {}) =>
  first(pairLossFunctions[name](side(p, "chosen"), side(p, "rejected"), pairHyperparameters(name, asked)));

// Log-probabilities −10 and −12, reference −11 and −11.5, 4 and 6 tokens: log-ratios 1 and −0.5.
const golden: PlainPair = {
  chosen: -10,
  rejected: -12,
  refChosen: -11,
  refRejected: -11.5,
  lengthChosen: 4,
  lengthRejected: 6,
  meanLength: 4,
  prompt: -3,
  meanSequence: 6,
};

describe("golden figures at β 0.1, worked out from the papers' formulas", () => {
  const figures: [PairLossName, number, number?][] = [
    ["sigmoid", 0.620957],
    ["cdpo", 0.635957],
    ["robust", 0.602207],
    ["hinge", 0.85],
    ["ipo", 21.77778, 4],
    ["ipo_original", 12.25],
    ["sigmoid_norm", 0.676619],
    ["bco_pair", 1.312856],
    ["nca_pair", 1.350825],
    ["apo_zero", 0.962523],
    ["apo_down", 0.987549],
    ["sppo_hard", 36.25],
  ];
  test.each(figures)("%s %d", (name, expected, digits = 5) => {
    expect(lossOf(name, golden, { beta: 0.1, labelSmoothing: 0.1 })).toBeCloseTo(expected, digits);
  });

  test("SimPO at β 2.5 and γ 1.375 2.694936, ORPO's odds-ratio term times 0.1 0.101169", () => {
    expect(lossOf("simpo", golden)).toBeCloseTo(2.694936, 5);
    expect(0.1 * first(oddsRatioLoss(side(golden, "chosen"), side(golden, "rejected")))).toBeCloseTo(0.101169, 5);
  });

  test("DPO's gradient on the chosen log-probability is −βσ(−βΔ) = −0.046257", () => {
    const h = pairHyperparameters("sigmoid", {});
    const loss = (x: tf.Tensor) =>
      tf.sum(pairLossFunctions.sigmoid(side(golden, "chosen", x), side(golden, "rejected"), h));
    expect(first(tf.grad(loss)(one(golden.chosen)))).toBeCloseTo(-0.046257, 5);
  });

  test("KTO with reference point 0.2: 0.480011 desirable, 0.482507 undesirable; weights scale them", () => {
    const h = { beta: 0.1, desirableWeight: 1, undesirableWeight: 1 };
    const kto = (which: "chosen" | "rejected", label: number, weights = h) =>
      first(ktoLoss(side(golden, which), one(label), tf.scalar(0.2), weights));
    expect(kto("chosen", 1)).toBeCloseTo(0.480011, 5);
    expect(kto("rejected", 0)).toBeCloseTo(0.482507, 5);
    expect(kto("rejected", 0, { ...h, undesirableWeight: 1.5 })).toBeCloseTo(1.5 * 0.482507, 5);
    expect(first(ktoReferencePoint(tf.scalar(-0.3)))).toBe(0);
    expect(first(ktoReferencePoint(tf.scalar(0.3)))).toBeCloseTo(0.3, 6);
  });

  test("Bradley–Terry on rewards 1.2 and 0.5: 0.403186, with margin 0.3 0.513015, with centring 0.01 0.432086", () => {
    const loss = (margin: number, centering: number) =>
      first(bradleyTerryLoss(one(1.2), one(0.5), { probability: one(1), margin: one(margin), centering }));
    expect(loss(0, 0)).toBeCloseTo(0.403186, 5);
    expect(loss(0.3, 0)).toBeCloseTo(0.513015, 5);
    expect(loss(0, 0.01)).toBeCloseTo(0.432086, 5);
  });
});

const random = new Random(11);
const between = (low: number, high: number) => low + (high - low) * random.uniform();
const samples = Array.from({ length: 12 }, (): PlainPair => {
  const [lengthChosen, lengthRejected] = [1 + random.below(12), 1 + random.below(12)];
  return {
    chosen: -between(0.2, 4) * lengthChosen,
    rejected: -between(0.2, 4) * lengthRejected,
    refChosen: -between(0.2, 4) * lengthChosen,
    refRejected: -between(0.2, 4) * lengthRejected,
    lengthChosen,
    lengthRejected,
    meanLength: between(1, 12),
    prompt: -between(1, 20),
    meanSequence: between(4, 30),
  };
});

describe.each(pairLossNames.map((name) => [name] as const))("%s", (name) => {
  const h = pairHyperparameters(name, {});

  test("equals the formula in double precision, with the defaults", () => {
    for (const p of samples) {
      const expected = plainLosses[name](p, h);
      expect(Math.abs(lossOf(name, p) - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
    }
  });

  test("its gradients equal central differences of that formula", () => {
    const loss = (p: PlainPair) => (w: tf.Tensor, l: tf.Tensor) =>
      tf.sum(pairLossFunctions[name](side(p, "chosen", w), side(p, "rejected", l), h));
    for (const p of samples) {
      const grads = tf.grads((...x: tf.Tensor[]) => loss(p)(x[0] as tf.Tensor, tf.add(x[1] as tf.Tensor, 0)));
      // A loss that ignores one side has no gradient there, and tfjs says so with an error.
      const wanted = name === "sft" ? [one(p.chosen)] : [one(p.chosen), one(p.rejected)];
      const got =
        name === "sft"
          ? [tf.grad((x: tf.Tensor) => loss(p)(x, one(p.rejected)))(one(p.chosen))]
          : grads(wanted as [tf.Tensor, tf.Tensor]);
      got.forEach((g, i) => {
        const key = i === 0 ? "chosen" : "rejected";
        const at = (by: number) => plainLosses[name]({ ...p, [key]: p[key] + by }, h);
        const numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs(first(g) - numeric), `${key} of ${JSON.stringify(p)}`).toBeLessThan(
          1e-4 * (1 + Math.abs(numeric)),
        );
      });
    }
  });
});

test("KTO's and Bradley–Terry's gradients equal central differences", () => {
  const sigma = (x: number) => 1 / (1 + Math.exp(-x));
  const h = { beta: 0.3, desirableWeight: 1.2, undesirableWeight: 0.7 };
  for (const label of [0, 1]) {
    for (const p of samples) {
      const plain = (x: number) =>
        label === 1
          ? 1.2 * (1 - sigma(0.3 * (x - p.refChosen - 0.4)))
          : 0.7 * (1 - sigma(0.3 * (0.4 - x + p.refChosen)));
      const g = tf.grad((x: tf.Tensor) => tf.sum(ktoLoss(side(p, "chosen", x), one(label), tf.scalar(0.4), h)));
      const numeric = (plain(p.chosen + 1e-5) - plain(p.chosen - 1e-5)) / 2e-5;
      expect(Math.abs(first(g(one(p.chosen))) - numeric)).toBeLessThan(1e-4);
    }
  }
  const terms = { probability: one(0.8), margin: one(0.6), centering: 0.05 };
  const plain = (w: number, l: number) =>
    -0.8 * Math.log(sigma(w - l - 0.6)) - 0.2 * Math.log(sigma(l - w - 0.6)) + 0.05 * (w + l) ** 2;
  for (const [w, l] of [
    [1.2, 0.5],
    [-2, 1.5],
    [0.1, 0.1],
  ] as const) {
    const grads = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(bradleyTerryLoss(a, b, terms)));
    const [gw, gl] = grads([one(w), one(l)]) as [tf.Tensor, tf.Tensor];
    expect(first(gw)).toBeCloseTo((plain(w + 1e-5, l) - plain(w - 1e-5, l)) / 2e-5, 4);
    expect(first(gl)).toBeCloseTo((plain(w, l + 1e-5) - plain(w, l - 1e-5)) / 2e-5, 4);
  }
});

test("with policy = reference the DPO loss is ln 2", () => {
  expect(lossOf("sigmoid", { ...golden, refChosen: -10, refRejected: -12 })).toBeCloseTo(Math.LN2, 6);
});

test("the losses stay finite far out, with a slope where they have one", () => {
  const far: PlainPair = { ...golden, chosen: -5000, rejected: -20, refChosen: -20, refRejected: -5000 };
  for (const name of pairLossNames) {
    if (name === "discopop") continue; // e^(−βΔ) is its formula.
    expect(Number.isFinite(lossOf(name, far)), name).toBe(true);
  }
  expect(lossOf("sigmoid", far, { beta: 1 })).toBeCloseTo(9960, 0);
});

test("log(1 − eᵃ) keeps its digits near 0 and far from it", () => {
  for (const a of [-1e-4, -0.01, -0.5, -Math.LN2, -1, -5, -30]) {
    const exact = a > -Math.LN2 ? Math.log(-Math.expm1(a)) : Math.log1p(-Math.exp(a));
    expect(Math.abs(first(log1mexp(one(a))) - exact)).toBeLessThan(3e-6);
  }
});

test("soft labels on DPO are −p·log σ(βΔ) − (1−p)·log σ(−βΔ); at p = 1 − ε that is conservative DPO; a tie is even", () => {
  const h = pairHyperparameters("sigmoid", {});
  const dpo = (w: Side, l: Side) => pairLossFunctions.sigmoid(w, l, h);
  const soft = (p: number) => first(softLabelLoss(dpo, one(p))(side(golden, "chosen"), side(golden, "rejected")));
  expect(soft(0.9)).toBeCloseTo(lossOf("cdpo", golden), 6);
  expect(soft(1)).toBeCloseTo(lossOf("sigmoid", golden), 6);
  const swapped = first(softLabelLoss(dpo, one(0.5))(side(golden, "rejected"), side(golden, "chosen")));
  expect(soft(0.5)).toBeCloseTo(swapped, 6);
});

test("a mixture is the weighted sum, as MPO's 0.8 sigmoid + 0.2 bco_pair + 1 sft", () => {
  const parts = [
    { loss: "sigmoid", weight: 0.8 },
    { loss: "bco_pair", weight: 0.2 },
    { loss: "sft", weight: 1 },
  ] as const;
  const loss = first(mixtureLoss(parts, {})(side(golden, "chosen"), side(golden, "rejected")));
  expect(loss).toBeCloseTo(0.8 * 0.620957 + 0.2 * 1.312856 + 2.5, 5);
});

test("only hyperparameters that a loss has are given defaults; what is asked for wins", () => {
  expect(pairHyperparameters("simpo", {})).toMatchObject({ beta: 2.5, gamma: 1.375 });
  expect(pairHyperparameters("simpo", { beta: 2, gamma: undefined })).toMatchObject({ beta: 2, gamma: 1.375 });
  expect(pairLosses.simpo.reference).toBe(false);
});

test("drift of a pair: log-ratios 1 and −½ are ¼ on average and ¾ in size", () => {
  const drift = driftOf(side(golden, "chosen"), side(golden, "rejected"));
  expect(first(drift["logratios/mean"])).toBeCloseTo(0.25, 6);
  expect(first(drift["logratios/drift"])).toBeCloseTo(0.75, 6);
});
