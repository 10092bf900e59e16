import { describe, expect, test } from "vitest";
import { detect } from "@/server/domain/imports/detect";
import type { ImportMapping, ImportRow } from "@/server/domain/imports/mapping";
import { RowReader } from "@/server/domain/imports/readRow";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

/** Rows as an import reads them, by what is recognised or by a changed mapping; `line` counts from 1. */
function read(rows: readonly ImportRow[], change: Partial<ImportMapping> = {}) {
  const { shape, mapping } = detect(rows);
  const reader = new RowReader({ ...mapping, ...change });
  const outcomes = rows.flatMap((row, i) => reader.push({ line: i + 1, row }));
  return { shape, mapping, outcomes: [...outcomes, ...reader.flush()] };
}

describe("KTO's rows are single responses with a label, never pairs", () => {
  test("TRL's, plain and conversational", () => {
    const { shape, outcomes } = read([
      { prompt: "The sky is", completion: " blue.", label: true },
      { prompt: "The sky is", completion: " green.", label: false },
    ]);
    expect(shape).toBe("kto");
    expect(outcomes).toMatchObject([
      { line: 1, labelled: { prompt: [user("The sky is")], response: [assistant(" blue.")], desirable: true } },
      { line: 2, labelled: { response: [assistant(" green.")], desirable: false } },
    ]);
    const conversation = { prompt: [user("Q")], completion: [assistant("A")], label: false };
    expect(read([conversation]).outcomes).toMatchObject([{ labelled: { prompt: [user("Q")], desirable: false } }]);
  });

  test("LLaMA-Factory's kto_tag: a conversation whose last turn is the response, and Alpaca's columns", () => {
    const messages = [
      { from: "human", value: "Q1" },
      { from: "gpt", value: "A1" },
      { from: "human", value: "Q2" },
      { from: "gpt", value: "A2" },
    ];
    const { shape, outcomes } = read([{ conversations: messages, kto_tag: "true" }]);
    expect(shape).toBe("kto");
    expect(outcomes).toMatchObject([
      { labelled: { prompt: [user("Q1"), assistant("A1"), user("Q2")], response: [assistant("A2")], desirable: true } },
    ]);
    expect(read([{ instruction: "Q", input: "more", output: "A", kto_tag: false }]).outcomes).toMatchObject([
      { labelled: { prompt: [user("Q\n\nmore")], response: [assistant("A")] } },
    ]);
  });

  test("what is wrong is told by line and field", () => {
    const rows = [
      { prompt: "Q", completion: "A", label: true },
      { prompt: "Q", completion: "", label: true },
      { prompt: "", completion: "A", label: true },
      { prompt: "Q", completion: "A", label: "perhaps" },
      { prompt: "Q", completion: "A" },
      { prompt: "Q", completion: "\ud800", label: 1 },
    ];
    const mapping = { layout: "unpaired", prompt: "prompt", responseA: "completion", desirable: "label" } as const;
    expect(read(rows, mapping).outcomes).toMatchObject([
      { line: 1, labelled: {} },
      { line: 2, field: "completion", reason: expect.stringContaining("empty") },
      { line: 3, field: "prompt", reason: expect.stringContaining("empty") },
      { line: 4, field: "label", reason: expect.stringContaining('"perhaps"') },
      { line: 5, field: "label", reason: expect.stringContaining("true or false") },
      { line: 6, field: "completion", reason: expect.stringContaining("surrogate") },
    ]);
  });
});

/** HelpSteer2's first prompts, shortened: two rows each, scores 0 … 4. */
const steer = (prompt: string, response: string, helpfulness: number, verbosity: number) => ({
  prompt,
  response,
  helpfulness,
  correctness: helpfulness,
  coherence: 4,
  complexity: 2,
  verbosity,
});

describe("consecutive rows with the same prompt", () => {
  test("HelpSteer2: the difference in helpfulness is the verdict, the other scores' are criteria", () => {
    const rows = [steer("c#", "A", 3, 2), steer("c#", "B", 4, 1), steer("bees", "A", 4, 2), steer("bees", "B", 0, 2)];
    const { shape, outcomes } = read(rows);
    expect(shape).toBe("helpsteer2");
    expect(outcomes).toMatchObject([
      {
        line: 1,
        pair: {
          prompt: [user("c#")],
          a: [assistant("A")],
          b: [assistant("B")],
          labels: [
            { who: "file", verdict: 1, criteria: { correctness: 1, coherence: 0, complexity: 0, verbosity: -1 } },
          ],
        },
      },
      // 4 steps, and no verdict is stronger than 3.
      { line: 3, pair: { prompt: [user("bees")], labels: [{ verdict: -3, criteria: { correctness: -3 } }] } },
    ]);
  });

  test("equal scores are a tie, a prompt by itself is told", () => {
    const rows = [steer("p", "A", 2, 2), steer("p", "B", 2, 2), steer("q", "A", 1, 1)];
    expect(read(rows).outcomes).toMatchObject([
      { pair: { labels: [{ verdict: 0 }] } },
      { line: 3, field: "prompt", reason: expect.stringContaining("Only this row") },
    ]);
  });
});

describe("n responses become pairs by the rule that is chosen", () => {
  const row = {
    prompt: "Q",
    responses: ["A", "B", "C", "D"].map((text, i) => ({ text, model: `m${i}`, score: [1, 4, 3, 3.2][i] })),
  };
  const pairs = (pairing: ImportMapping["pairing"], rows: ImportRow[] = [row]) =>
    read(rows, { pairing }).outcomes.map((outcome) => {
      if (!("pair" in outcome)) throw new Error(JSON.stringify(outcome));
      const { a, b, labels } = outcome.pair;
      return [a[0]?.content, b[0]?.content, labels[0]?.verdict].join(" ");
    });
  const plain = { minGap: 0, strength: "sign" } as const;

  test("every two, best and worst, the best with the rest, neighbours", () => {
    expect(pairs({ rule: "all", ...plain })).toEqual(["A B 2", "A C 2", "A D 2", "B C -2", "B D -2", "C D 2"]);
    expect(pairs({ rule: "best_worst", ...plain })).toEqual(["A B 2"]);
    expect(pairs({ rule: "best_rest", ...plain })).toEqual(["B D -2", "B C -2", "A B 2"]);
    // By score: B 4, D 3.2, C 3, A 1.
    expect(pairs({ rule: "neighbours", ...plain })).toEqual(["B D -2", "C D 2", "A C 2"]);
  });

  test("the vote as strong as the difference, and close ones left out", () => {
    expect(pairs({ rule: "all", minGap: 0.5, strength: "gap" })).toEqual([
      "A B 3",
      "A C 2",
      "A D 2",
      "B C -1",
      "B D -1",
    ]);
    expect(pairs({ rule: "neighbours", minGap: 0, strength: "gap" })).toEqual(["B D -1", "C D 1", "A C 2"]);
  });

  test("without scores only every two can be had", () => {
    const unknown = [{ prompt: "Q", responses: ["A", "B", "C"] }];
    expect(pairs({ rule: "all", ...plain }, unknown)).toEqual(["A B ", "A C ", "B C "]);
    expect(pairs({ rule: "best_rest", ...plain }, unknown)).toEqual([]);
  });

  test("another list and another score may be named", () => {
    const odd = {
      prompt: "Q",
      drafts: [
        { text: "A", stars: 1 },
        { text: "B", stars: 5 },
      ],
    };
    const mapping: ImportMapping = {
      ...read([row]).mapping,
      layout: "responses",
      list: "drafts",
      score: "stars",
    };
    const reader = new RowReader(mapping);
    expect(reader.push({ line: 1, row: odd })).toMatchObject([{ pair: { labels: [{ verdict: 2 }] } }]);
  });
});

test("strength: of chosen and rejected, and of a winner's word", () => {
  const chosen = { prompt: "Q", chosen: "A", rejected: "B", strength: 3 };
  expect(read([chosen]).outcomes).toMatchObject([{ pair: { labels: [{ who: "file", verdict: -3 }] } }]);
  const margin = { prompt: "Q", chosen: "A", rejected: "B", margin: 0.4 };
  expect(read([margin], { strength: "margin" }).outcomes).toMatchObject([{ pair: { labels: [{ verdict: -1 }] } }]);
  expect(read([{ ...chosen, strength: "much" }]).outcomes).toMatchObject([{ field: "strength" }]);
  const word = { prompt: "Q", answer_a: "A", answer_b: "B", better: "right", by: 1 };
  const mapping = {
    labels: [{ column: "better", who: "ann" }],
    labelValues: { a: "left", b: "right", tie: "same" },
    strength: "by",
  };
  expect(read([word], mapping).outcomes).toMatchObject([{ pair: { labels: [{ who: "ann", verdict: 1 }] } }]);
});
