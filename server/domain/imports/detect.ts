import { canonicalJson } from "./identity";
import type { DetectedShape, ImportMapping, ImportRow } from "./mapping";
import { attributeNames, defaultPairing } from "./pairing";
import { saysDesirable } from "./readLabelled";
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
  const columns = new Columns(unfolded(raw, { layout }));
  const found = detectChosen(columns) ?? detectPair(columns);
  const single = found === null && layout === "flat" ? (detectLabelled(columns) ?? detectScored(columns)) : null;
  const { shape, mapping } = found ?? single ?? unknown(columns);
  if (layout === "flat") return { shape, columns: columns.names, mapping };
  const named = shape === "unknown" ? shape : layout === "alpaca_output" ? "alpaca_ranking" : layout;
  return { shape: named, columns: columns.names, mapping: { ...mapping, layout } };
}

const unfolded = (raw: readonly ImportRow[], mapping: Pick<ImportMapping, "layout" | "list">): ImportRow[] =>
  raw.flatMap((row) => {
    const flat = unfold(row, mapping);
    return "rows" in flat ? flat.rows : [];
  });

/** The names a mapping of this layout may name: those in the file, and those that its rows become. */
export function columnsOf(raw: readonly ImportRow[], mapping: Pick<ImportMapping, "layout" | "list">): string[] {
  const { layout = "flat" } = mapping;
  const own = new Columns(raw).names;
  if (["flat", "unpaired", "scored_rows"].includes(layout)) return own;
  const made = new Columns(unfolded(raw, mapping)).names;
  return layout === "responses" ? [...new Set([...made, ...own])] : made;
}

type Found = Pick<Detection, "shape" | "mapping">;

const responseNames = ["completion", "response", "answer", "output", "text"];
const single = { responseB: "", meaning: "unordered" } as const;

/** What any layout may hold beside its texts. */
const besides = (columns: Columns) => ({
  system: columns.find("system"),
  modelA: columns.find("model", "model_name", "generator"),
  externalId: columns.find(...idNames),
  who: columns.find("annotator", "judge", "user_id"),
  time: columns.find("created_at", "tstamp", "timestamp"),
  reason: columns.find("reason"),
});

/** KTO's rows: one response each, wanted or not (TRL's `label`, LLaMA-Factory's `kto_tag`). */
function detectLabelled(columns: Columns): Found | null {
  const desirable = columns.find("label", "kto_tag", "desirable");
  if (desirable === null) return null;
  const said = columns.values(desirable);
  if (said.length === 0 || !said.every(saysDesirable)) return null;
  const common: Omit<ImportMapping, "prompt" | "responseA"> = {
    ...single,
    ...besides(columns),
    layout: "unpaired",
    desirable,
  };
  const responseA = columns.find(...responseNames);
  const conversation = columns.find("messages", "conversations", "completion");
  const prompt = columns.find(...promptNames.filter((name) => name !== "messages" && name !== "conversations"));
  if (responseA !== null && prompt !== null) {
    const input = plain(prompt) === "instruction" ? columns.find("input") : null;
    const history = columns.find("history");
    const mapping = { ...common, prompt, responseA, input, ...(history === null ? {} : { history }) };
    return { shape: "kto", mapping };
  }
  if (conversation === null || !columns.some(conversation, isNested)) return null;
  return { shape: "kto", mapping: { ...common, prompt: null, responseA: conversation } };
}

/** Consecutive rows with the same prompt, each with a response and how good it is (HelpSteer, HelpSteer2). */
function detectScored(columns: Columns): Found | null {
  const [prompt, responseA] = [columns.find(...promptNames), columns.find(...responseNames)];
  const score = columns.find(...attributeNames.slice(0, 1), "score", "rating", "reward");
  if (prompt === null || responseA === null || score === null) return null;
  const prompts = columns.rows.map((row) => canonicalJson(row[prompt]));
  if (!prompts.some((text, i) => i > 0 && text === prompts[i - 1])) return null;
  const graded = plain(score) === attributeNames[0];
  return {
    shape: graded ? "helpsteer2" : "responses",
    mapping: {
      ...single,
      ...besides(columns),
      layout: "scored_rows",
      prompt,
      responseA,
      score,
      pairing: { ...defaultPairing, strength: graded ? "gap" : "sign" },
    },
  };
}

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
    strength: columns.find("strength"),
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
function findLabels(
  columns: Columns,
): Pick<ImportMapping, "labels" | "labelValues" | "who" | "time" | "reason" | "strength" | "criteria"> {
  const said = {
    who: columns.find("annotator", "judge"),
    time: columns.find("created_at", "tstamp", "timestamp"),
    reason: columns.find("reason"),
    criteria: columns.find("criteria"),
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
    strength: columns.find("strength"),
    ...said,
  };
}

const unknown = (columns: Columns): Found => ({
  shape: "unknown",
  mapping: { prompt: columns.find(...promptNames), responseA: "", responseB: "", meaning: "unordered" },
});
