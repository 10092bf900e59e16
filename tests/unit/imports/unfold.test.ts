import { describe, expect, test } from "vitest";
import { detect } from "@/server/domain/imports/detect";
import type { ImportRow } from "@/server/domain/imports/mapping";
import { readPair } from "@/server/domain/imports/readPair";
import { unfold } from "@/server/domain/imports/unfold";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

/** What detection and reading make of rows: the shape, and each pair with what was said of it. */
function read(rows: readonly ImportRow[]) {
  const { shape, mapping } = detect(rows);
  const pairs = rows.flatMap((row) => {
    const flat = unfold(row, mapping);
    if ("problem" in flat) throw new Error(JSON.stringify(flat.problem));
    return flat.rows.map((one) => {
      const result = readPair(one, mapping);
      if ("problem" in result) throw new Error(JSON.stringify(result.problem));
      return result.pair;
    });
  });
  return { shape, pairs };
}

describe("rows that hold more than a flat pair, written by hand after each tool's documentation", () => {
  test("UltraFeedback: every two of the answers, the better score wins, equal scores tie", () => {
    const { shape, pairs } = read([
      {
        instruction: "Q",
        completions: [
          { model: "m1", response: "A", "fine-grained_score": 4.5, overall_score: 1 },
          { model: "m2", response: "B", "fine-grained_score": 2 },
          { model: "m3", response: "C", "fine-grained_score": 4.5 },
        ],
      },
    ]);
    expect(shape).toBe("responses");
    expect(
      pairs.map(({ prompt, a, b, modelA, modelB, labels }) => [prompt, a, b, modelA, modelB, labels[0]?.verdict]),
    ).toEqual([
      [[user("Q")], [assistant("A")], [assistant("B")], "m1", "m2", -2],
      [[user("Q")], [assistant("A")], [assistant("C")], "m1", "m3", 0],
      [[user("Q")], [assistant("B")], [assistant("C")], "m2", "m3", 2],
    ]);
  });

  test("a plain list of answers with ranks, or with nothing", () => {
    const rows = read([{ id: 7, prompt: "Q", responses: ["A", "B"], ranks: [2, 1] }]).pairs;
    expect(rows).toMatchObject([{ externalId: "7#1-2", labels: [{ verdict: 2 }] }]);
    expect(read([{ prompt: "Q", responses: ["A", "B", "C"] }]).pairs.map(({ labels }) => labels)).toEqual([[], [], []]);
  });

  test("LLaMA-Factory's Alpaca rows: chosen and rejected with a history, and the older list", () => {
    const row = { instruction: "Q2", input: "", chosen: "A", rejected: "B", system: "S", history: [["Q1", "A1"]] };
    expect(read([row])).toMatchObject({
      shape: "alpaca_ranking",
      pairs: [
        {
          prompt: [{ role: "system", content: "S" }, user("Q1"), assistant("A1"), user("Q2")],
          a: [assistant("A")],
          labels: [{ verdict: -2 }],
        },
      ],
    });
    expect(read([{ instruction: "Q", input: "", output: ["A", "B"] }])).toMatchObject({
      shape: "alpaca_ranking",
      pairs: [{ a: [assistant("A")], b: [assistant("B")], labels: [{ verdict: -2 }] }],
    });
  });

  test("AlpacaEval: 1 is the first output, 2 the second, 1.5 and 0 ties, nothing is no label", () => {
    const row = (preference: unknown) => ({
      instruction: "Q",
      output_1: "A",
      output_2: "B",
      generator_1: "g1",
      generator_2: "g2",
      annotator: "gpt",
      preference,
    });
    const { shape, pairs } = read([1, 2, 1.5, 0, 1.2, null].map(row));
    expect(shape).toBe("alpaca_eval");
    expect(pairs.map(({ labels }) => labels.map(({ who, verdict }) => [who, verdict]))).toEqual([
      [["gpt", -2]],
      [["gpt", 2]],
      [["gpt", 0]],
      [["gpt", 0]],
      [["gpt", -2]],
      [],
    ]);
    expect(pairs[0]).toMatchObject({ modelA: "g1", modelB: "g2" });
    expect(unfold(row(7), { layout: "alpaca_eval" })).toMatchObject({ problem: { field: "preference" } });
  });

  test("Label Studio: each person's side with time; cancelled ones are none", () => {
    const pick = (selected: string) => [{ type: "pairwise", from_name: "comparison", value: { selected } }];
    const { shape, pairs } = read([
      {
        id: 3,
        data: { prompt: "Q", answer1: "A", answer2: "B" },
        annotations: [
          { completed_by: 11, created_at: "2026-01-02T03:04:05Z", result: pick("right") },
          {
            completed_by: { id: 12, email: "x@example.org" },
            result: [{ type: "choices", value: { choices: ["tie"] } }],
          },
          { completed_by: 13, was_cancelled: true, result: pick("left") },
        ],
      },
    ]);
    expect(shape).toBe("label_studio");
    expect(pairs).toMatchObject([
      {
        externalId: "3",
        prompt: [user("Q")],
        labels: [
          { who: "11", verdict: 2, at: new Date("2026-01-02T03:04:05Z") },
          { who: "12", verdict: 0 },
        ],
      },
    ]);
    expect(pairs[0]?.labels).toHaveLength(2);
  });

  test("Argilla: labels and rankings by user; a suggestion only where nobody answered", () => {
    const fields = { prompt: "Q", a: "A", b: "B" };
    const { shape, pairs } = read([
      {
        id: "1",
        fields,
        responses: {
          pref: [
            { value: "a", user_id: "u" },
            { value: "both_bad", user_id: "v" },
          ],
        },
      },
      {
        id: "2",
        fields,
        responses: {
          rank: [
            {
              value: [
                { value: "b", rank: 1 },
                { value: "a", rank: 2 },
              ],
              user_id: "u",
            },
          ],
        },
      },
      { id: "3", fields, responses: {}, suggestions: { pref: { value: "b", agent: "snapshot" } } },
    ]);
    expect(shape).toBe("argilla");
    expect(pairs.map(({ labels }) => labels)).toEqual([
      [
        { who: "u", verdict: -2, bothBad: false },
        { who: "v", verdict: null, bothBad: true },
      ],
      [{ who: "u", verdict: 2, bothBad: false }],
      [{ who: "snapshot", verdict: 2, bothBad: false }],
    ]);
  });

  test("Chatbot Arena: the judge's name and time come along", () => {
    const talk = (text: string) => [user("Q"), assistant(text), user("And?"), assistant(`${text}2`)];
    const row = {
      question_id: "x",
      model_a: "m",
      model_b: "n",
      winner: "model_a",
      judge: "arena_user_1",
      tstamp: 1.7e9,
    };
    expect(read([{ ...row, conversation_a: talk("A"), conversation_b: talk("B") }])).toMatchObject({
      shape: "chatbot_arena",
      pairs: [
        {
          prompt: [user("Q")],
          a: [assistant("A"), user("And?"), assistant("A2")],
          labels: [{ who: "arena_user_1", verdict: -2, at: new Date(1.7e12) }],
        },
      ],
    });
  });
});
