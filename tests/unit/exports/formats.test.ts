import { describe, expect, test } from "vitest";
import { exportFormats, type JudgedPair, type LabelKind } from "@/server/domain/exports/formats";
import { formatTable } from "@/server/domain/exports/formatTable";
import { datasetInfo } from "@/server/domain/exports/toolFormats";
import type { PreferenceExample } from "@/trainer/contracts/example";

const user = (content: string) => ({ role: "user" as const, content });
const assistant = (content: string) => ({ role: "assistant" as const, content });
const system = (content: string) => ({ role: "system" as const, content });

/** Two of three judges prefer the answer "A", which is stored as b; one finds both the same. */
const single: PreferenceExample = {
  id: "e1",
  promptId: "p1",
  prompt: [user("Q")],
  chosen: [assistant("A")],
  rejected: [assistant("B")],
  probability: 5 / 6,
  strength: 4 / 3,
};
const several: PreferenceExample = {
  ...single,
  prompt: [system("S"), user("Q1"), assistant("A1"), user("Q2")],
};

const said = {
  reason: null,
  criteria: {},
  shownLeft: "a" as const,
  durationMs: 1200,
  guidelineVersion: 2,
  purpose: "vote",
  occurrence: 1,
  action: "judge" as const,
  late: false,
  standing: true,
  bothBad: false,
  source: "project" as const,
  createdAt: "2026-01-02T03:04:05.678Z",
};
const judged = (example: PreferenceExample): JudgedPair => ({
  split: "train",
  example,
  chosenSlot: "b",
  modelA: "m1",
  modelB: null,
  externalId: "x",
  votes: [
    { ...said, annotator: "judge-1", verdict: 3, reason: "clearer" },
    { ...said, annotator: "judge-2", verdict: 1 },
    { ...said, annotator: "judge-3", verdict: 0, source: "import" },
    { ...said, annotator: "judge-4", verdict: -3, standing: false },
  ],
});

function rowsOf(format: (typeof exportFormats)[number], example: PreferenceExample, labels: LabelKind = "soft") {
  const spec = formatTable[format];
  return spec.needs === "pairs" ? spec.rows(example, labels) : spec.rows(judged(example), labels);
}

describe("each format, against rows written by hand after its documentation", () => {
  test("TRL: plain text, conversations, and the prompt left implicit with a margin", () => {
    expect(rowsOf("trl-standard", single)).toEqual([{ prompt: "Q", chosen: "A", rejected: "B" }]);
    expect(rowsOf("trl-conversational", several)).toEqual([
      {
        prompt: [system("S"), user("Q1"), assistant("A1"), user("Q2")],
        chosen: [assistant("A")],
        rejected: [assistant("B")],
      },
    ]);
    const chosen = [user("Q"), assistant("A")];
    const rejected = [user("Q"), assistant("B")];
    expect(rowsOf("trl-implicit", single)).toEqual([{ chosen, rejected, margin: 4 / 3 }]);
    expect(rowsOf("trl-implicit", single, "hard")).toEqual([{ chosen, rejected }]);
  });

  test("KTO: two rows a pair", () => {
    expect(rowsOf("kto", single)).toEqual([
      { prompt: [user("Q")], completion: [assistant("A")], label: true },
      { prompt: [user("Q")], completion: [assistant("B")], label: false },
    ]);
  });

  test("HH-RLHF: the two dialogues", () => {
    const example = { ...several, prompt: several.prompt.slice(1) };
    expect(rowsOf("hh-rlhf", example)).toEqual([
      {
        chosen: "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant: A",
        rejected: "\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant: B",
      },
    ]);
  });

  test("UltraFeedback: whole conversations, scores from 0 to 10", () => {
    const chosen = [user("Q"), assistant("A")];
    const row = { prompt: "Q", prompt_id: "p1", chosen, rejected: [user("Q"), assistant("B")], messages: chosen };
    expect(rowsOf("ultrafeedback", single)).toEqual([{ ...row, score_chosen: 8.333333, score_rejected: 1.666667 }]);
    expect(rowsOf("ultrafeedback", single, "hard")).toEqual([{ ...row, score_chosen: 10, score_rejected: 0 }]);
  });

  test("LLaMA-Factory: ShareGPT turns, and Alpaca with the history apart", () => {
    expect(rowsOf("llamafactory-sharegpt", several)).toEqual([
      {
        conversations: [
          { from: "system", value: "S" },
          { from: "human", value: "Q1" },
          { from: "gpt", value: "A1" },
          { from: "human", value: "Q2" },
        ],
        chosen: { from: "gpt", value: "A" },
        rejected: { from: "gpt", value: "B" },
      },
    ]);
    expect(rowsOf("llamafactory-alpaca", several)).toEqual([
      { instruction: "Q2", input: "", chosen: "A", rejected: "B", system: "S", history: [["Q1", "A1"]] },
    ]);
    expect(datasetInfo("llamafactory-sharegpt", { mine: "data/train.jsonl" })).toEqual({
      mine: {
        file_name: "data/train.jsonl",
        formatting: "sharegpt",
        ranking: true,
        columns: { messages: "conversations", chosen: "chosen", rejected: "rejected" },
      },
    });
  });

  test("OpenRLHF: with a margin unless labels are hard", () => {
    const row = { prompt: [user("Q")], chosen: [assistant("A")], rejected: [assistant("B")] };
    expect(rowsOf("openrlhf", single)).toEqual([{ ...row, margin: 4 / 3 }]);
    expect(rowsOf("openrlhf", single, "hard")).toEqual([row]);
  });

  test("HelpSteer3: responses in stored order, each standing word, the mean rounded", () => {
    expect(rowsOf("helpsteer", single)).toEqual([
      {
        context: [user("Q")],
        response1: "B",
        response2: "A",
        overall_preference: 1,
        individual_preference: [
          { score: 3, reasoning: "clearer", annotator: "judge-1" },
          { score: 1, reasoning: "", annotator: "judge-2" },
          { score: 0, reasoning: "", annotator: "judge-3" },
        ],
      },
    ]);
    expect(rowsOf("helpsteer", single, "hard")).toMatchObject([{ overall_preference: 2 }]);
  });

  test("Argilla: fields, responses by pseudonym, our word as a suggestion", () => {
    expect(rowsOf("argilla", single)).toEqual([
      {
        id: "e1",
        fields: { prompt: [user("Q")], a: "B", b: "A" },
        metadata: { prompt_id: "p1", split: "train", strength: 4 / 3 },
        suggestions: { pref: { value: "b", score: 5 / 6, agent: "snapshot" } },
        responses: {
          pref: [
            { value: "b", user_id: "judge-1" },
            { value: "b", user_id: "judge-2" },
            { value: "tie", user_id: "judge-3" },
          ],
        },
      },
    ]);
  });

  test("judgements: one row for everything that was said, also what no longer stands", () => {
    const rows = rowsOf("judgements", single);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual({
      item_id: "e1",
      external_id: "x",
      prompt_id: "p1",
      split: "train",
      prompt: [user("Q")],
      response_a: [assistant("B")],
      response_b: [assistant("A")],
      model_a: "m1",
      model_b: null,
      annotator: "judge-1",
      source: "project",
      verdict: 3,
      both_bad: false,
      reason: "clearer",
      criteria: "{}",
      shown_left: "a",
      duration_ms: 1200,
      guideline_version: 2,
      purpose: "vote",
      occurrence: 1,
      action: "judge",
      late: false,
      standing: true,
      created_at: "2026-01-02T03:04:05.678Z",
      pair_probability: 5 / 6,
      pair_strength: 4 / 3,
    });
    expect(rows.map(({ standing }) => standing)).toEqual([true, true, true, false]);
  });
});

test.each(exportFormats)("%s: a row has exactly the columns that are declared, for both kinds of labels", (format) => {
  const spec = formatTable[format];
  for (const labels of ["soft", "hard"] as const)
    for (const row of rowsOf(format, single, labels))
      expect(Object.keys(row).sort()).toEqual(Object.keys(spec.columns(labels)).sort());
});

test("what a format cannot hold is told, and nothing else", () => {
  const twoAnswers = { ...single, chosen: [assistant("A"), user("more"), assistant("A2")] };
  const marked = { ...single, chosen: [assistant("x\n\nHuman: y")] };
  const spokenFirst = { ...single, prompt: [assistant("Hello"), user("Q")] };
  const misfits = (example: PreferenceExample) =>
    Object.fromEntries(
      exportFormats.flatMap((format) => {
        const found = formatTable[format].misfit(example);
        return found ? [[format, found]] : [];
      }),
    );
  expect(misfits(single)).toEqual({});
  expect(misfits(several)).toEqual({ "trl-standard": "turns", "hh-rlhf": "system" });
  expect(misfits(marked)).toEqual({ "hh-rlhf": "turn_marks" });
  expect(misfits(spokenFirst)).toEqual({ "trl-standard": "turns", "llamafactory-alpaca": "first_turn" });
  expect(misfits(twoAnswers)).toEqual({
    "trl-standard": "turns",
    "llamafactory-sharegpt": "several_answers",
    "llamafactory-alpaca": "several_answers",
    helpsteer: "several_answers",
    argilla: "several_answers",
  });
});
