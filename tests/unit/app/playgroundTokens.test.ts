import { expect, test } from "vitest";
import { heatOf, tokenDifferences, totalDifference } from "@/app/_features/playground/tokenDifferences";

const scored = (...tokens: [id: number, text: string, logProb: number][]) =>
  tokens.map(([id, text, logProb]) => ({ id, text, logProb }));

test("a token's difference is what the tuned model gives it more than the base; they add up to the answer's", () => {
  const base = scored([5, " fox", -2], [7, " ran", -0.5], [0, "", -3]);
  const tuned = scored([5, " fox", -0.5], [7, " ran", -1.25], [0, "", -3]);
  const tokens = tokenDifferences(base, tuned);
  expect(tokens?.map((t) => t.difference)).toEqual([1.5, -0.75, 0]);
  expect(tokens?.[0]).toEqual({ text: " fox", base: -2, tuned: -0.5, difference: 1.5 });
  // −2.25 − … : log P(answer) is −4.75 under the tuned model and −5.5 under the base.
  expect(totalDifference(tokens ?? [])).toBeCloseTo(0.75, 12);
});

test("answers cut into other tokens are not subtracted", () => {
  expect(tokenDifferences(scored([5, " fox", -2]), scored([6, " fox", -2]))).toBeNull();
  expect(tokenDifferences(scored([5, " fox", -2]), scored([5, " fox", -2], [0, "", -1]))).toBeNull();
});

test("heat grows with the difference to full at two nats either way, and small differences have none", () => {
  expect([0, 0.04, -0.04].map(heatOf)).toEqual([0, 0, 0]);
  expect([1, -1, 2, 9, -9].map(heatOf)).toEqual([0.5, -0.5, 1, 1, -1]);
});
