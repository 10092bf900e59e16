import type { DetectedShape, ImportMapping, ImportRow } from "./mapping";
import { layoutOf, unfold } from "./unfold";

export interface Detection {
  readonly shape: DetectedShape;
  readonly columns: string[];
  readonly mapping: ImportMapping;
}

const promptNames = ["prompt", "instruction", "question", "query", "input", "context", "conversations", "messages"];
const idNames = ["external_id", "id", "externalid", "pair_id", "question_id", "uuid"];
/** Two columns of answers, as their names end; the stem is anything. */
const pairEndings: readonly (readonly [string, string])[] = [
  ["_a", "_b"],
  ["a", "b"],
  ["_1", "_2"],
  ["1", "2"],
  ["_0", "_1"],
  ["0", "1"],
];
const answerStems = ["", "response", "answer", "completion", "output", "reply", "generation", "text", "conversation"];

const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_");

/** The columns of the first rows, looked up by what their names have in common across files. */
class Columns {
  readonly names: string[];
  readonly #byPlain: Map<string, string>;
  constructor(readonly rows: readonly ImportRow[]) {
    this.names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.#byPlain = new Map(this.names.toReversed().map((name) => [plain(name), name]));
  }
  find(...wanted: readonly string[]): string | null {
    for (const name of wanted) {
      const found = this.#byPlain.get(name);
      if (found !== undefined) return found;
    }
    return null;
  }
  values(column: string): unknown[] {
    return this.rows.map((row) => row[column]).filter((value) => value !== null && value !== undefined && value !== "");
  }
  some(column: string, test: (value: unknown) => boolean): boolean {
    return this.values(column).some(test);
  }
}

const isNested = (value: unknown): boolean => typeof value === "object";

/** Says what a file's first rows look like and which column is what. A person may correct it. */
export function detect(raw: readonly ImportRow[]): Detection {
  const layout = layoutOf(raw);
  const rows = raw.flatMap((row) => {
    const flat = unfold(row, layout);
    return "rows" in flat ? flat.rows : [];
  });
  const columns = new Columns(rows);
  const { shape, mapping } = detectChosen(columns) ?? detectPair(columns) ?? unknown(columns);
  if (layout === "flat") return { shape, columns: columns.names, mapping };
  const named = shape === "unknown" ? shape : layout === "alpaca_output" ? "alpaca_ranking" : layout;
  return { shape: named, columns: columns.names, mapping: { ...mapping, layout } };
}

type Found = Pick<Detection, "shape" | "mapping">;

function detectChosen(columns: Columns): Found | null {
  const [responseA, responseB] = [columns.find("chosen"), columns.find("rejected")];
  if (responseA === null || responseB === null) return null;
  const mapping: ImportMapping = {
    prompt: null,
    responseA,
    responseB,
    meaning: "a_chosen",
    system: columns.find("system"),
    modelA: columns.find("chosen_model", "model_chosen"),
    modelB: columns.find("rejected_model", "model_rejected"),
    externalId: columns.find(...idNames),
  };
  const conversations = columns.find("conversations");
  if (conversations !== null && columns.some(conversations, isNested))
    return { shape: "sharegpt_ranking", mapping: { ...mapping, prompt: conversations } };
  // UltraFeedback's `messages` repeats the chosen conversation: it is no prompt.
  const prompt = columns.find(...promptNames.filter((name) => name !== "messages"));
  // Its prompt is the question alone; both conversations begin with all that came before.
  if (columns.find("score_chosen") !== null && columns.some(responseA, isNested))
    return { shape: "ultrafeedback", mapping };
  const nested = columns.some(responseA, isNested);
  if (prompt !== null) {
    const input = plain(prompt) === "instruction" ? columns.find("input") : null;
    const history = columns.find("history");
    const shape = nested || columns.some(prompt, isNested) ? "trl_conversational" : "trl_standard";
    const own =
      plain(prompt) === "instruction" ? "alpaca_ranking" : columns.find("margin") !== null ? "openrlhf" : shape;
    return { shape: own, mapping: { ...mapping, prompt, input, ...(history === null ? {} : { history }) } };
  }
  const turns = columns.some(responseA, (value) => typeof value === "string" && value.startsWith("\n\nHuman:"));
  return { shape: !nested && turns ? "hh_rlhf" : "trl_implicit", mapping };
}

function findAnswers(columns: Columns): { a: string; b: string; ending: readonly [string, string] } | null {
  for (const stem of answerStems) {
    // Columns that are just "a" and "b" are answers; "1" and "_a" might be anything.
    for (const ending of stem === "" ? [["a", "b"] as const] : pairEndings) {
      const [a, b] = [columns.find(stem + ending[0]), columns.find(stem + ending[1])];
      if (a !== null && b !== null) return { a, b, ending };
    }
  }
  return null;
}

function detectPair(columns: Columns): Found | null {
  const answers = findAnswers(columns);
  if (!answers) return null;
  const [endA, endB] = answers.ending;
  const modelPair = ["model", "source", "model_name", "generator"].flatMap((stem) => {
    const found = [
      columns.find(stem + endA, `${stem}_a`, `${stem}a`),
      columns.find(stem + endB, `${stem}_b`, `${stem}b`),
    ];
    return found[0] && found[1] ? [found as [string, string]] : [];
  })[0];
  const prompt = columns.find(...promptNames);
  const mapping: ImportMapping = {
    prompt,
    input: prompt !== null && plain(prompt) === "instruction" ? columns.find("input") : null,
    system: columns.find("system"),
    responseA: answers.a,
    responseB: answers.b,
    meaning: "unordered",
    modelA: modelPair?.[0] ?? null,
    modelB: modelPair?.[1] ?? null,
    externalId: columns.find(...idNames),
    ...findLabels(columns),
  };
  const people = columns.names.filter((name) => /^annotator_?\d+$/.test(plain(name)));
  if (plain(answers.a) === "response1" && columns.find("instruction") !== null && people.length > 0) {
    const both = columns.find("cmp_key");
    return {
      shape: "pandalm",
      mapping: {
        ...mapping,
        modelA: mapping.modelA ?? both,
        modelB: mapping.modelB ?? both,
        labels: people.map((name) => ({ column: name, who: name })),
        labelValues: { a: "1", b: "2", tie: "0" },
      },
    };
  }
  return { shape: shapeByLabels(columns), mapping };
}

function shapeByLabels(columns: Columns): DetectedShape {
  if (columns.find("individual_preference", "overall_preference", "preference_strength") !== null) return "helpsteer3";
  return columns.find("winner") !== null && columns.find("conversation_a") !== null ? "chatbot_arena" : "two_responses";
}

const gradedNames = [
  "judgements",
  "individual_preference",
  "overall_preference",
  "preference_strength",
  "verdict",
  "preference",
];

/** HelpSteer3's graded preferences and Chatbot Arena's winners. Any other label is a person's to map. */
function findLabels(columns: Columns): Pick<ImportMapping, "labels" | "labelValues" | "who" | "time" | "reason"> {
  const said = {
    who: columns.find("annotator", "judge"),
    time: columns.find("created_at", "tstamp", "timestamp"),
    reason: columns.find("reason"),
  };
  const graded = columns.find(...gradedNames);
  const isGrade = (value: unknown) =>
    Array.isArray(value) || /^both[ _-]?bad$/i.test(String(value)) || /^[-+]?[0-3]$/.test(String(value).trim());
  if (graded !== null && columns.values(graded).every(isGrade))
    return { labels: [{ column: graded, who: "annotator" }], ...said };
  const winner = columns.find("winner");
  if (winner === null || !columns.some(winner, (value) => value === "model_a" || value === "model_b")) return {};
  return {
    labels: [{ column: winner, who: "annotator" }],
    labelValues: { a: "model_a", b: "model_b", tie: "tie" },
    ...said,
  };
}

const unknown = (columns: Columns): Found => ({
  shape: "unknown",
  mapping: { prompt: columns.find(...promptNames), responseA: "", responseB: "", meaning: "unordered" },
});
