import { expect, test } from "vitest";
import { excludedTotal, exclusionBars } from "@/app/_features/datasets/exclusions";
import { rowPage } from "@/app/_features/datasets/rowPages";
import { defaultForm, formOf, readForm, storedRule } from "@/app/_features/datasets/ruleForm";
import { ruleWords } from "@/app/_features/datasets/ruleWords";
import type { CombinationRule } from "@/server/domain/preference";

const rule: CombinationRule = {
  minJudgements: 3,
  labels: "soft",
  prior: 1,
  minAgreement: 0.667,
  testShare: 0.15,
  splitSeed: 7,
  useImported: false,
};

test("a rule goes through the form and comes back the same", () => {
  expect(formOf(rule)).toMatchObject({ minAgreement: "66.7", testShare: "15", prior: "1" });
  expect(readForm(formOf(rule)).rule).toEqual(rule);
});

test("a rule that makes sense by default is one the server takes", () => {
  expect(readForm(defaultForm).rule).toEqual({
    minJudgements: 1,
    labels: "soft",
    prior: 0,
    minAgreement: 0.5,
    testShare: 0.1,
    splitSeed: 0,
    useImported: true,
  });
});

test("every number that cannot be used is named, none is guessed", () => {
  const bad = { ...defaultForm, minJudgements: "0", prior: "", minAgreement: "40", testShare: "95", splitSeed: "1.5" };
  expect(readForm(bad)).toEqual({
    rule: null,
    wrong: ["minJudgements", "prior", "minAgreement", "testShare", "splitSeed"],
  });
  expect(readForm({ ...defaultForm, minJudgements: "2x" }).wrong).toEqual(["minJudgements"]);
  expect(readForm({ ...defaultForm, testShare: "12,5" }).rule?.testShare).toBe(0.125);
});

test("with hard labels a prior typed before is out of play", () => {
  expect(readForm({ ...defaultForm, labels: "hard", prior: "nonsense" }).rule?.prior).toBe(0);
});

test("a stored rule gets the defaults of what came later; rubbish is nothing", () => {
  expect(storedRule({ minJudgements: 2 })).toMatchObject({ minJudgements: 2, labels: "soft", useImported: true });
  expect(storedRule({ minJudgements: "two" })).toBeNull();
});

test("a rule in words says just what applies", () => {
  expect(ruleWords(rule).map((s) => s.key)).toEqual(["notImported", "minJudgements", "agreement", "softPrior", "test"]);
  const plain = { ...rule, prior: 0, minAgreement: 0.5, testShare: 0, useImported: true };
  expect(ruleWords(plain).map((s) => s.key)).toEqual(["imported", "minJudgements", "noAgreement", "soft", "noTest"]);
  expect(ruleWords({ ...plain, labels: "hard", prior: 2 }).map((s) => s.key)).toContain("hard");
});

test("exclusions come by size, with shares of everything looked at", () => {
  expect(exclusionBars({ tie: 10, both_bad: 0, too_few_judgements: 40, disagreement: 10 }, 140)).toEqual([
    { reason: "too_few_judgements", count: 40, width: 100, share: 0.2 },
    { reason: "disagreement", count: 10, width: 25, share: 0.05 },
    { reason: "tie", count: 10, width: 25, share: 0.05 },
  ]);
  expect(exclusionBars({ tie: 0 }, 5)).toEqual([]);
  expect(exclusionBars({ novel: 3, newer: 1, both_bad: 1 }, 0)).toEqual([
    { reason: "other", count: 4, width: 100, share: 0.8 },
    { reason: "both_bad", count: 1, width: 25, share: 0.2 },
  ]);
  expect(excludedTotal({ tie: 10, both_bad: 2 })).toBe(12);
});

test("pages stay within what there is", () => {
  expect(rowPage(1, 0)).toEqual({ page: 1, pages: 1, offset: 0, first: 0, last: 0 });
  expect(rowPage(2, 45)).toEqual({ page: 2, pages: 3, offset: 20, first: 21, last: 40 });
  expect(rowPage(99, 45)).toEqual({ page: 3, pages: 3, offset: 40, first: 41, last: 45 });
  expect(rowPage(Number.NaN, 45).page).toBe(1);
});
