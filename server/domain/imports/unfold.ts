import { mostResponses } from "./grouping";
import type { ImportLayout, ImportMapping, ImportRow, RowProblem } from "./mapping";
import { attributesOf, type Candidate, defaultPairing, numberOf, pairRows } from "./pairing";

/** Rows that hold more than a flat pair, turned into flat rows with the columns that `detect` knows. */
export type Unfolded = { readonly rows: ImportRow[] } | { readonly problem: RowProblem };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const listNames = ["completions", "responses", "answers", "outputs", "candidates", "generations"];
const answerNames = ["response", "text", "content", "completion", "answer", "output"];
/** UltraFeedback's `overall_score` has known slips, so the mean of the fine-grained ratings comes first. */
const scoreNames = ["fine-grained_score", "fine_grained_score", "score", "rating", "overall_score"];
const modelNames = ["model", "source", "generator"];
const namedFirst = (row: ImportRow, names: readonly string[]): unknown => {
  const found = names.find((name) => row[name] !== null && row[name] !== undefined);
  return found === undefined ? undefined : row[found];
};

/** The column with a list of at least two answers; null when there is none. */
const listColumn = (row: ImportRow): string | null =>
  listNames.find((name) => {
    const list = listOf(row[name]);
    const isAnswer = (one: unknown) =>
      typeof one === "string" || (isObject(one) && typeof namedFirst(one, answerNames) === "string");
    return list.length >= 2 && list.every(isAnswer);
  }) ?? null;

/** How rows are laid out, by their first ones. */
export function layoutOf(rows: readonly ImportRow[]): Exclude<ImportLayout, "scored_rows" | "unpaired"> {
  const every = (test: (row: ImportRow) => boolean) => rows.length > 0 && rows.every(test);
  if (every((row) => isObject(row.data) && Array.isArray(row.annotations))) return "label_studio";
  if (every((row) => isObject(row.fields) && ("responses" in row || "suggestions" in row))) return "argilla";
  if (every((row) => "output_1" in row && "output_2" in row && "generator_1" in row)) return "alpaca_eval";
  if (every((row) => "item_id" in row && "standing" in row && "verdict" in row)) return "judgements";
  if (every((row) => "instruction" in row && isTwoTexts(row.output))) return "alpaca_output";
  return every((row) => !("chosen" in row) && listColumn(row) !== null) ? "responses" : "flat";
}

const isTwoTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");

type UnfoldBy = Pick<ImportMapping, "layout" | "list" | "score" | "pairing">;

/** `row` as `RowGrouper` hands it on. */
export function unfold(row: ImportRow, mapping: UnfoldBy): Unfolded {
  switch (mapping.layout) {
    case "responses":
      return responses(row, mapping);
    case "scored_rows":
      return responses(row, { ...mapping, list: "responses" });
    case "alpaca_output": {
      if (!isTwoTexts(row.output))
        return { problem: { field: "output", reason: "It must be a list of two texts, the better one first." } };
      const { output, ...rest } = row;
      const [chosen, rejected] = output as string[];
      return { rows: [{ ...rest, chosen, rejected }] };
    }
    case "alpaca_eval":
      return alpacaEval(row);
    case "judgements":
      // What was taken back, came late or was no vote is history; a pair rests on what stands.
      if (row.standing === false || row.standing === "false") return { rows: [] };
      return { rows: [isTrue(row.both_bad) ? { ...row, verdict: "both bad" } : row] };
    case "label_studio":
      return labelStudio(row);
    case "argilla":
      return argilla(row);
    default:
      return { rows: [row] };
  }
}

const isTrue = (value: unknown): boolean => value === true || value === "true";

/** A prompt's answers become pairs by the mapping's rule. Scores (or ranks) say which is better; equal ones are a tie; none say nothing. */
function responses(row: ImportRow, mapping: UnfoldBy): Unfolded {
  const column = mapping.list ?? listColumn(row);
  const found = column === null ? [] : listOf(row[column]);
  if (column === null || found.length < 2)
    return { problem: { field: column, reason: "The row holds no list of at least two answers. Give it one." } };
  if (found.length > mostResponses)
    return { problem: { field: column, reason: `It holds more than ${mostResponses} answers. Leave some out.` } };
  const { [column]: _list, ...rest } = row;
  const [scores, models, ranks] = [row.scores, row.models, row.ranks ?? row.ranking].map(listOf);
  const candidates = found.map((one, i): Candidate => {
    const entry: ImportRow = isObject(one)
      ? one
      : { text: one, model: models?.[i], score: scores?.[i], rank: ranks?.[i] };
    const score = numberOf(
      mapping.score && mapping.layout === "responses" ? entry[mapping.score] : namedFirst(entry, scoreNames),
    );
    return {
      text: namedFirst(entry, answerNames),
      model: namedFirst(entry, modelNames),
      // The smaller rank is the better one.
      score: Number.isNaN(score) ? -numberOf(entry.rank) : score,
      attributes: isObject(entry.attributes) ? attributesOf(entry.attributes) : attributesOf(entry),
    };
  });
  return { rows: pairRows(candidates, rest, mapping.pairing ?? defaultPairing) };
}

/** AlpacaEval's `preference`: 1 for the first output, 2 for the second, what is between by its side; 0 and 1.5 are ties. */
function alpacaEval(row: ImportRow): Unfolded {
  if (row.preference === null || row.preference === undefined || row.preference === "")
    return { rows: [{ ...row, preference: null }] };
  const said = numberOf(row.preference);
  if (!(said === 0 || (said >= 1 && said <= 2)))
    return { problem: { field: "preference", reason: "It must be a number from 1 to 2, or 0 for a tie." } };
  return { rows: [{ ...row, preference: said === 0 ? 0 : 2 * Math.sign(said - 1.5) + 0 }] };
}

interface Said {
  readonly who: string;
  readonly score: number | string;
  readonly at?: unknown;
  readonly reason?: unknown;
}

const sides: Readonly<Record<string, number | string>> = {
  left: -2,
  right: 2,
  a: -2,
  b: 2,
  "1": -2,
  "2": 2,
  first: -2,
  second: 2,
  tie: 0,
  equal: 0,
  same: 0,
  both_bad: "both bad",
};

/** Which side a word means: `left`, `answer1`, `response-b`, `tie`; undefined for any other. */
function sideOf(value: unknown): number | string | undefined {
  const word = String(value).trim().toLowerCase().replace(/[ -]+/g, "_");
  return sides[word] ?? sides[/_?(a|b|1|2)$/.exec(word)?.[1] ?? ""];
}

function labelStudio(row: ImportRow): Unfolded {
  const { data, annotations, id } = row;
  if (!isObject(data)) return { problem: { field: "data", reason: "It must be an object with prompt and answers." } };
  const judgements: Said[] = [];
  for (const one of listOf(annotations)) {
    if (!isObject(one) || one.was_cancelled === true) continue;
    const results = listOf(one.result).filter(isObject);
    const found = results.flatMap(({ value }) => {
      if (!isObject(value)) return [];
      const said = value.selected ?? listOf(value.choices)[0];
      const score = said === undefined ? undefined : sideOf(said);
      return score === undefined ? [] : [score];
    })[0];
    if (found === undefined) continue;
    const text = results.flatMap(({ value }) => (isObject(value) ? listOf(value.text) : []))[0];
    judgements.push({ who: personOf(one.completed_by), score: found, at: one.created_at, reason: text });
  }
  return { rows: [{ ...(id === undefined ? {} : { id }), ...data, judgements }] };
}

/** People are named by their number in the tool, never by an address. */
const personOf = (value: unknown): string =>
  String(isObject(value) ? (value.id ?? "annotator") : (value ?? "annotator"));

function argilla(row: ImportRow): Unfolded {
  const { fields, responses: answers, metadata, id } = row;
  if (!isObject(fields))
    return { problem: { field: "fields", reason: "It must be an object with prompt and answers." } };
  const questions = isObject(answers) ? Object.values(answers) : [];
  const judgements: Said[] = [];
  for (const one of questions.flatMap(listOf)) {
    if (!isObject(one) || one.status === "discarded") continue;
    const score = Array.isArray(one.value) ? byRank(one.value) : sideOf(one.value);
    if (score !== undefined) judgements.push({ who: String(one.user_id ?? "annotator"), score });
  }
  const suggested = isObject(row.suggestions) ? Object.values(row.suggestions).filter(isObject) : [];
  const own = suggested.flatMap(({ value, agent }) => {
    const score = sideOf(value);
    return score === undefined ? [] : [{ who: String(agent ?? "suggestion"), score }];
  });
  const rest = isObject(metadata) ? metadata : {};
  // A suggestion counts only where nobody answered.
  return { rows: [{ ...rest, id, ...fields, judgements: judgements.length > 0 ? judgements : own.slice(0, 1) }] };
}

/** A ranking of two: `[{value, rank}]`, rank 1 is best. */
function byRank(ranking: readonly unknown[]): number | undefined {
  const ranked = ranking.filter(isObject).map(({ value, rank }) => ({ side: sideOf(value), rank: numberOf(rank) }));
  const a = ranked.find(({ side }) => side === -2)?.rank;
  const b = ranked.find(({ side }) => side === 2)?.rank;
  return a === undefined || b === undefined || Number.isNaN(a - b) ? undefined : 2 * Math.sign(a - b) + 0;
}
