import { expect, test } from "vitest";
import { type CombinationRule, combinationRuleSchema, combine, positionalToStored } from "@/server/domain/preference";

const rule = (over: Partial<CombinationRule> = {}) => combinationRuleSchema.parse(over);
const votes = (...verdicts: (number | "bad")[]) =>
  verdicts.map((v) => (v === "bad" ? { verdict: null, bothBad: true } : { verdict: v, bothBad: false }));

test("two of three for b, one tie-breaking strength: chosen b with probability 2/3 and |mean verdict|", () => {
  // (2 + 3 − 1) / 3 = 4/3
  expect(combine(votes(2, 3, -1), rule())).toEqual({
    kind: "preference",
    chosen: "b",
    probability: 2 / 3,
    strength: 4 / 3,
    judgements: 3,
  });
});

test("a tie counts half for each side; hard labels are 1; a prior pulls towards one half", () => {
  expect(combine(votes(-1, 0), rule())).toMatchObject({ chosen: "a", probability: 0.75 });
  expect(combine(votes(-1, 0), rule({ labels: "hard" }))).toMatchObject({ probability: 1 });
  // (2 + 1) / (2 + 2·1)
  expect(combine(votes(-1, -2), rule({ prior: 1 }))).toMatchObject({ probability: 0.75 });
});

test("what is left out, and why", () => {
  expect(combine(votes(1), rule({ minJudgements: 2 }))).toEqual({ kind: "excluded", reason: "too_few_judgements" });
  expect(combine(votes(1, -1, 0), rule())).toEqual({ kind: "excluded", reason: "tie" });
  expect(combine(votes("bad", "bad", 2), rule())).toEqual({ kind: "excluded", reason: "both_bad" });
  expect(combine(votes(1, 1, -1), rule({ minAgreement: 0.7 }))).toEqual({ kind: "excluded", reason: "disagreement" });
});

test("a verdict by position is turned into stored order by the side that was shown", () => {
  expect(positionalToStored(-2, "a")).toBe(-2);
  expect(positionalToStored(-2, "b")).toBe(2);
  expect(Object.is(positionalToStored(0, "b"), 0)).toBe(true);
});
