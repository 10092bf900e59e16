import { beforeAll, expect, test } from "vitest";
import { bradleyTerryLoss } from "@/trainer/objectives/bradleyTerry";
import { dpoLoss } from "@/trainer/objectives/dpo";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";

beforeAll(async () => {
  await openProvider("wasm");
});

const one = (x: number) => tf.tensor1d([x]);
const first = (x: tf.Tensor) => x.dataSync()[0] as number;

// Log-probabilities −10 and −12, reference −11 and −11.5, β 0.1: log-ratios 1 and −0.5.
test("DPO gives the published figures: sigmoid 0.620957 with gradient −0.046257, cDPO at ε 0.1 0.635957", () => {
  expect(first(dpoLoss(one(1), one(-0.5), one(1), 0.1))).toBeCloseTo(0.620957, 5);
  expect(first(dpoLoss(one(1), one(-0.5), one(0.9), 0.1))).toBeCloseTo(0.635957, 5);
  const gradient = tf.grad((c: tf.Tensor) => tf.sum(dpoLoss(c, one(-0.5), one(1), 0.1)))(one(1));
  expect(first(gradient)).toBeCloseTo(-0.046257, 5);
});

test("with policy = reference the DPO loss is ln 2", () => {
  expect(first(dpoLoss(one(0), one(0), one(1), 0.1))).toBeCloseTo(Math.LN2, 6);
});

test("Bradley–Terry on rewards 1.2 and 0.5: 0.403186, with margin 0.3 0.513015, with centring 0.01 0.432086", () => {
  const loss = (margin: number, centering: number) =>
    first(bradleyTerryLoss(one(1.2), one(0.5), { probability: one(1), margin: one(margin), centering }));
  expect(loss(0, 0)).toBeCloseTo(0.403186, 5);
  expect(loss(0.3, 0)).toBeCloseTo(0.513015, 5);
  expect(loss(0, 0.01)).toBeCloseTo(0.432086, 5);
});

test("the losses stay finite far out", () => {
  expect(first(dpoLoss(one(-5000), one(5000), one(1), 1))).toBeCloseTo(10_000, 0);
});
