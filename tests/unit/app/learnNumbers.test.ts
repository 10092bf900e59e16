import katex from "katex";
import { expect, test } from "vitest";
import { keysOf, renderFormulas, type Section } from "@/app/_features/learn/formulas";
import { dpoNumbers, ppoNumbers, rewardNumbers } from "@/app/_features/learn/numbers";
import en from "@/messages/en/learn.json";

test("the reward model's loss on a pair, worked out by hand", () => {
  // σ(2) = 0.880797, −ln of it 0.126928; r_w + r_l = 0 costs nothing.
  const sure = rewardNumbers({ chosen: 1, rejected: -1 }, { label: 1, centering: 0.01 });
  expect(sure.margin).toBe(2);
  expect(sure.probability).toBeCloseTo(0.880797, 6);
  expect(sure.loss).toBeCloseTo(0.126928, 6);
  // ¾ · 0.313262 + ¼ · 1.313262 = 0.563262, and 0.01 · 3² beside it.
  const split = rewardNumbers({ chosen: 2, rejected: 1 }, { label: 0.75, centering: 0.01 });
  expect(split.centre).toBeCloseTo(0.09, 12);
  expect(split.loss).toBeCloseTo(0.563262 + 0.09, 6);
});

test("margins far from 0 overflow nowhere", () => {
  const wrong = rewardNumbers({ chosen: -800, rejected: 800 }, { label: 1, centering: 0 });
  expect([wrong.loss, wrong.probability]).toEqual([1600, 0]);
  const right = rewardNumbers({ chosen: 800, rejected: -800 }, { label: 1, centering: 0 });
  expect([right.loss, right.probability]).toEqual([0, 1]);
});

test("DPO's loss on a pair, worked out by hand; where policy and reference are one it is ln 2", () => {
  const numbers = dpoNumbers({ chosen: -10, rejected: -12 }, { chosen: -11, rejected: -11 }, { label: 1, beta: 0.1 });
  expect(numbers.implicit.chosen).toBeCloseTo(0.1, 12);
  expect(numbers.implicit.rejected).toBeCloseTo(-0.1, 12);
  expect(numbers.margin).toBeCloseTo(0.2, 12);
  // σ(0.2) = 0.549834, −ln of it 0.598139.
  expect(numbers.probability).toBeCloseTo(0.549834, 6);
  expect(numbers.loss).toBeCloseTo(0.598139, 6);
  const same = { chosen: -10, rejected: -12 };
  expect(dpoNumbers(same, same, { label: 1, beta: 0.1 }).loss).toBeCloseTo(Math.LN2, 12);
});

const tokens = {
  chosen: [
    { text: " a", policy: -1, reference: -1.5 },
    { text: " b", policy: -2, reference: -1.9 },
  ],
  rejected: [{ policy: -3, reference: -2 }],
};

test("PPO on an answer better than its twin: a ratio above 1 + ε brings nothing more", () => {
  const n = ppoNumbers({ chosen: 1, rejected: 0 }, tokens, { beta: 0.05, clip: 0.2 });
  expect(n.logRatio.chosen).toBeCloseTo(0.4, 12);
  expect(n.logRatio.rejected).toBeCloseTo(-1, 12);
  // 1 − 0.05 · 0.4 and 0 + 0.05 · 1; half of their difference is the advantage.
  expect(n.shaped.chosen).toBeCloseTo(0.98, 12);
  expect(n.shaped.rejected).toBeCloseTo(0.05, 12);
  expect(n.advantage).toBeCloseTo(0.465, 12);
  // e^0.5 = 1.648721 is clipped to 1.2; e^−0.1 = 0.904837 is not.
  expect(n.tokens.map((t) => t.ratio)).toEqual([expect.closeTo(1.648721, 6), expect.closeTo(0.904837, 6)]);
  expect(n.tokens.map((t) => t.objective)).toEqual([expect.closeTo(1.2 * 0.465, 9), expect.closeTo(0.420749, 6)]);
  expect(n.objective).toBeCloseTo((0.558 + 0.420749) / 2, 6);
});

test("PPO on a worse answer: the larger loss counts, so a ratio above 1 + ε is not clipped", () => {
  const n = ppoNumbers({ chosen: 0, rejected: 1 }, tokens, { beta: 0, clip: 0.2 });
  expect(n.advantage).toBe(-0.5);
  expect(n.tokens.map((t) => t.objective)).toEqual([expect.closeTo(-0.824361, 6), expect.closeTo(-0.452419, 6)]);
});

test("every formula is TeX that KaTeX takes, and every term and step has its sentence", () => {
  const formulas = renderFormulas((tex, displayMode) => katex.renderToString(tex, { displayMode, strict: "error" }));
  for (const markup of Object.values(formulas)) expect(markup).toContain("<math");
  for (const section of ["reward", "ppo", "dpo"] satisfies Section[]) {
    expect(Object.keys(en[section].terms)).toEqual(keysOf(section, "term"));
    expect(Object.keys(en[section].steps)).toEqual(keysOf(section, "step"));
  }
});
