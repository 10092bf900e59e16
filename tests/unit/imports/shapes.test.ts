import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detect } from "@/server/domain/imports/detect";
import type { ImportRow } from "@/server/domain/imports/mapping";
import { readPair } from "@/server/domain/imports/readPair";

const rowsOf = (name: string): ImportRow[] => {
  const text = readFileSync(join("tests/fixtures/imports", name), "utf8");
  return name.endsWith(".json")
    ? JSON.parse(text)
    : text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
};

/** Detects the fixture's shape and reads its first row by the detected mapping. */
function first(name: string) {
  const rows = rowsOf(name);
  const { shape, mapping } = detect(rows);
  const read = readPair(rows[0] as ImportRow, mapping);
  if ("problem" in read) throw new Error(JSON.stringify(read.problem));
  return { shape, mapping, ...read.pair };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const system = (content: string) => ({ role: "system", content });
const chosenFirst = [{ who: "file", verdict: -2, bothBad: false }];

describe("each known shape, from a file written by hand", () => {
  test("TRL's standard rows", () => {
    expect(first("trl_standard.jsonl")).toMatchObject({
      shape: "trl_standard",
      prompt: [user("The sky is")],
      a: [assistant(" blue.")],
      b: [assistant(" green.")],
      labels: chosenFirst,
    });
  });

  test("TRL's conversational rows", () => {
    expect(first("trl_conversational.jsonl")).toMatchObject({
      shape: "trl_conversational",
      prompt: [system("Be brief."), user("What colour is the sky?")],
      a: [assistant("Blue.")],
      b: [assistant("Green.")],
    });
  });

  test("TRL's implicit prompt: what both conversations begin with", () => {
    expect(first("trl_implicit.jsonl")).toMatchObject({
      shape: "trl_implicit",
      prompt: [user("What colour is the sky?")],
      a: [assistant("Blue.")],
      b: [assistant("Green.")],
    });
  });

  test("an implicit prompt in plain text is cut between words", () => {
    expect(first("trl_implicit_text.jsonl")).toMatchObject({
      shape: "trl_implicit",
      prompt: [user("The sky is")],
      a: [assistant(" blue.")],
      b: [assistant(" green.")],
    });
  });

  test("HH-RLHF: the turns up to the last answer are the prompt", () => {
    expect(first("hh_rlhf.jsonl")).toMatchObject({
      shape: "hh_rlhf",
      prompt: [user("Hello"), assistant("Hi! How can I help?"), user("What is 2+2?")],
      a: [assistant("4")],
      b: [assistant("5, I think")],
    });
  });

  test("LLaMA-Factory's ShareGPT ranking", () => {
    expect(first("sharegpt_ranking.json")).toMatchObject({
      shape: "sharegpt_ranking",
      prompt: [system("Be kind."), user("Q1"), assistant("A1"), user("Q2")],
      a: [assistant("good")],
      b: [assistant("bad")],
    });
  });

  test("PandaLM: instruction and input, both models from one column, three people's labels", () => {
    expect(first("pandalm.json")).toMatchObject({
      shape: "pandalm",
      prompt: [user("Is it true?\n\nWater is wet.")],
      a: [assistant("true")],
      b: [assistant("True.")],
      modelA: "bloom-7b",
      modelB: "llama-7b",
      labels: [
        { who: "annotator1", verdict: -2, bothBad: false },
        { who: "annotator2", verdict: 2, bothBad: false },
        { who: "annotator3", verdict: 0, bothBad: false },
      ],
      meta: { idx: 0, motivation_app: "App" },
    });
  });

  test("HelpSteer3: graded preferences of each person, in the file's own −3 … 3", () => {
    expect(first("helpsteer3.jsonl")).toMatchObject({
      shape: "helpsteer3",
      prompt: [user("Q")],
      labels: [
        { who: "annotator1", verdict: -2 },
        { who: "annotator2", verdict: -3 },
        { who: "annotator3", verdict: 1 },
      ],
    });
  });

  test("Chatbot Arena: shared beginning, models, winner, both bad", () => {
    expect(first("arena.jsonl")).toMatchObject({
      shape: "chatbot_arena",
      prompt: [user("Q")],
      a: [assistant("A")],
      b: [assistant("B")],
      modelA: "m1",
      modelB: "m2",
      externalId: "x1",
      labels: [{ verdict: 2, bothBad: false }],
    });
    const rows = rowsOf("arena.jsonl");
    const second = readPair(rows[1] as ImportRow, detect(rows).mapping);
    expect(second).toMatchObject({ pair: { labels: [{ verdict: null, bothBad: true }] } });
  });

  test("UltraFeedback: a prompt that both responses repeat is taken off them", () => {
    expect(first("ultrafeedback.jsonl")).toMatchObject({
      shape: "ultrafeedback",
      prompt: [user("Q")],
      a: [assistant("A")],
      b: [assistant("B")],
    });
  });
});

test.each([
  ["response_a", "response_b"],
  ["response1", "response2"],
  ["answer1", "answer2"],
  ["output_1", "output_2"],
  ["completion_a", "completion_b"],
  ["Response A", "Response B"],
])("two columns %s and %s are found whatever the prompt is called", (a, b) => {
  for (const prompt of ["prompt", "instruction", "question", "input", "context", "Prompt"]) {
    const { shape, mapping } = detect([{ [prompt]: "Q", [a]: "x", [b]: "y", model_a: "m", model_b: "n" }]);
    expect({ shape, mapping }).toMatchObject({
      shape: "two_responses",
      mapping: { prompt, responseA: a, responseB: b, modelA: "model_a", modelB: "model_b", meaning: "unordered" },
    });
  }
});

test("columns that say nothing are left to a person", () => {
  const { shape, columns, mapping } = detect([{ left: "x", right: "y", task: "Q" }]);
  expect({ shape, columns }).toEqual({ shape: "unknown", columns: ["left", "right", "task"] });
  const row = { left: "x", right: "y", task: "Q" };
  expect(readPair(row, mapping)).toMatchObject({ problem: { field: null } });
  const corrected = { ...mapping, prompt: "task", responseA: "left", responseB: "right" };
  expect(readPair(row, corrected)).toMatchObject({ pair: { prompt: [user("Q")], a: [assistant("x")] } });
});

describe("a row that is no pair names the field and what to do", () => {
  const mapping = { prompt: "p", responseA: "a", responseB: "b", meaning: "unordered" as const };
  test.each([
    [{ a: "x", b: "y" }, "p", /missing/],
    [{ p: " \n", a: "x", b: "y" }, "p", /empty/],
    [{ p: "q", a: "x", b: "" }, "b", /empty/],
    [{ p: "q", a: "x", b: " x" }, "b", /same/],
    [{ p: "q", a: "x".repeat(200_001), b: "y" }, "a", /200001 characters; at most 200000/],
    [{ p: "q", a: [{ role: "user", content: "x" }], b: "y" }, "a", /begin with what the assistant says/],
    [{ p: "q", a: [{ role: "tool", content: "x" }], b: "y" }, "a", /role "tool"/],
    [{ p: "q", a: [{ role: "assistant", content: [{ type: "image_url" }] }], b: "y" }, "a", /not text/],
    [{ p: [user("q"), user("r")], a: "x", b: "y" }, "p", /Two messages in a row/],
    [{ p: [user("q"), assistant("r")], a: "x", b: "y" }, "p", /must end with what the user says/],
    [{ p: [user("q"), system("r"), user("s")], a: "x", b: "y" }, "p", /only possible as the first/],
    [{ p: [], a: "x", b: "y" }, "p", /list is empty/],
  ])("%#", (row, field, reason) => {
    expect(readPair(row, mapping)).toMatchObject({ problem: { field, reason: expect.stringMatching(reason) } });
  });

  test("labels that no word explains", () => {
    const labelled = { ...mapping, labels: [{ column: "l", who: "l" }] };
    const read = (l: unknown, labelValues?: { a: string; b: string; tie: string }) =>
      readPair({ p: "q", a: "x", b: "y", l }, { ...labelled, labelValues });
    expect(read(4)).toMatchObject({ problem: { field: "l" } });
    expect(read("1.5")).toMatchObject({ problem: { field: "l" } });
    expect(read("left", { a: "A", b: "B", tie: "=" })).toMatchObject({ problem: { field: "l" } });
    expect(read("")).toMatchObject({ pair: { labels: [] } });
    expect(read("-3")).toMatchObject({ pair: { labels: [{ who: "l", verdict: -3 }] } });
  });

  test("an empty response that people have judged is kept, two empty ones are not", () => {
    const judged = { ...mapping, labels: [{ column: "l", who: "l" }] };
    expect(readPair({ p: "q", a: "", b: "y", l: 2 }, judged)).toMatchObject({ pair: { a: [assistant("")] } });
    expect(readPair({ p: "q", a: "", b: " ", l: 2 }, judged)).toMatchObject({ problem: { field: "a" } });
  });
});
