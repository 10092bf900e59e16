import type { Message } from "@/trainer/contracts/message";
import {
  isBlank,
  type Parsed,
  parseCell,
  parseTurns,
  promptOrderProblem,
  responseOrderProblem,
  sameMessage,
  sharedTurns,
} from "./conversation";
import { canonicalJson } from "./identity";
import type { ImportMapping, ImportRow, RowProblem } from "./mapping";
import { type RowLabel, readLabels } from "./rowLabels";

/** One row as a pair; a and b in the file's order, labels too (negative prefers a). */
export interface ImportedPair {
  readonly prompt: Message[];
  readonly a: Message[];
  readonly b: Message[];
  readonly modelA: string | null;
  readonly modelB: string | null;
  readonly externalId: string | null;
  readonly labels: readonly RowLabel[];
  /** Short values of the columns that are mapped to nothing: kept for admins, never shown to annotators. */
  readonly meta: Readonly<Record<string, string | number | boolean>>;
}

export type PairOrProblem = { readonly pair: ImportedPair } | { readonly problem: RowProblem };

/** Longest prompt or response in characters. */
const maxCharacters = 200_000;

class Refusal extends Error {
  constructor(
    readonly field: string | null,
    reason: string,
  ) {
    super(reason);
  }
}

/** Reads one row by the mapping, or says which field is wrong and what to do about it. */
export function readPair(row: ImportRow, mapping: ImportMapping): PairOrProblem {
  try {
    return { pair: pairOf(row, mapping) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: { field: error.field, reason: error.message } };
  }
}

function pairOf(row: ImportRow, mapping: ImportMapping): ImportedPair {
  const { responseA, responseB } = mapping;
  if (responseA === "" || responseB === "")
    throw new Refusal(null, "No columns are chosen for the two responses. Choose them.");
  if (responseA === responseB) throw new Refusal(responseA, "Both responses are read from this column. Choose two.");
  const read = splitPrompt(row, mapping);
  const prompt = withSystem(row, mapping, read.prompt);
  const labels = readLabels(row, mapping);
  if ("problem" in labels) throw new Refusal(labels.problem.field, labels.problem.reason);
  check(mapping, prompt, read.a, read.b, mapping.meaning === "unordered" && labels.labels.length > 0);
  return {
    prompt,
    a: read.a,
    b: read.b,
    ...modelsOf(row, mapping),
    externalId: idOf(row, mapping),
    labels:
      mapping.meaning === "a_chosen" ? [{ who: "file", verdict: -2, bothBad: false }, ...labels.labels] : labels.labels,
    meta: metaOf(row, mapping),
  };
}

function need(field: string, parsed: Parsed): Message[] {
  if ("reason" in parsed) throw new Refusal(field, parsed.reason);
  return parsed.messages;
}

interface Split {
  readonly prompt: Message[];
  readonly a: Message[];
  readonly b: Message[];
}

function splitPrompt(row: ImportRow, mapping: ImportMapping): Split {
  const [cellA, cellB] = [row[mapping.responseA], row[mapping.responseB]];
  if (mapping.prompt === null) {
    if (typeof cellA === "string" && typeof cellB === "string") return splitTexts(cellA, cellB, mapping);
    return splitConversations(
      need(mapping.responseA, parseCell(cellA, "assistant")),
      need(mapping.responseB, parseCell(cellB, "assistant")),
      mapping,
    );
  }
  const prompt = [...historyOf(row, mapping), ...promptOf(row, mapping, mapping.prompt)];
  const answer = (field: string, cell: unknown) => withoutPrompt(need(field, parseCell(cell, "assistant")), prompt);
  return { prompt, a: answer(mapping.responseA, cellA), b: answer(mapping.responseB, cellB) };
}

function promptOf(row: ImportRow, { input }: ImportMapping, column: string): Message[] {
  const more = input ? row[input] : undefined;
  if (typeof more !== "string" || more.trim() === "") return need(column, parseCell(row[column], "user"));
  const cell = row[column] ?? "";
  if (typeof cell === "string") {
    return [{ role: "user", content: [cell, more].filter((text) => text.trim() !== "").join("\n\n") }];
  }
  const prompt = need(column, parseCell(cell, "user"));
  return prompt.map((m, i) => (i === prompt.length - 1 ? { ...m, content: `${m.content}\n\n${more}` } : m));
}

/** The exchanges before the question. */
function historyOf(row: ImportRow, { history }: ImportMapping): Message[] {
  const cell = history ? row[history] : undefined;
  if (cell === undefined || cell === null || cell === "") return [];
  const isExchange = (one: unknown): one is [string, string] =>
    Array.isArray(one) && one.length === 2 && one.every((text) => typeof text === "string");
  if (!Array.isArray(cell) || !cell.every(isExchange))
    throw new Refusal(
      history ?? null,
      "The history must be a list of [question, answer]. Correct it, or map no history.",
    );
  return cell.flatMap(([content, answer]) => [
    { role: "user" as const, content },
    { role: "assistant" as const, content: answer },
  ]);
}

/** UltraFeedback repeats the prompt at the head of both responses. */
function withoutPrompt(response: Message[], prompt: readonly Message[]): Message[] {
  const repeats = response.length > prompt.length && prompt.every((message, i) => sameMessage(message, response[i]));
  return repeats ? response.slice(prompt.length) : response;
}

/** HH-RLHF's turns; otherwise what both texts begin with, up to the last space so that no word is cut. */
function splitTexts(a: string, b: string, mapping: ImportMapping): Split {
  const [turnsA, turnsB] = [parseTurns(a), parseTurns(b)];
  if (turnsA && turnsB) return splitConversations(turnsA, turnsB, mapping);
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  const cut = a.slice(0, shared).lastIndexOf(" ");
  if (cut <= 0)
    throw new Refusal(
      mapping.responseA,
      "Both responses begin differently, so there is no prompt. Choose a prompt column.",
    );
  const say = (content: string): Message[] => [{ role: "assistant", content }];
  return { prompt: [{ role: "user", content: a.slice(0, cut) }], a: say(a.slice(cut)), b: say(b.slice(cut)) };
}

/** The prompt is what both conversations begin with, up to the last turn before the assistant's. */
function splitConversations(a: Message[], b: Message[], mapping: ImportMapping): Split {
  let turns = Math.min(sharedTurns(a, b), a.length - 1, b.length - 1);
  while (turns > 0 && a[turns - 1]?.role === "assistant") turns -= 1;
  if (turns <= 0)
    throw new Refusal(
      mapping.responseA,
      "The two conversations share no beginning, so there is no prompt. Choose a prompt column.",
    );
  return { prompt: a.slice(0, turns), a: a.slice(turns), b: b.slice(turns) };
}

function withSystem(row: ImportRow, { system }: ImportMapping, prompt: Message[]): Message[] {
  const text = system ? row[system] : undefined;
  if (typeof text !== "string" || text.trim() === "" || prompt[0]?.role === "system") return prompt;
  return [{ role: "system", content: text }, ...prompt];
}

/** An empty response is refused while people still have to compare it; in a pair they have judged it is what a model said. */
function check(mapping: ImportMapping, prompt: Message[], a: Message[], b: Message[], judged: boolean): void {
  const promptField = mapping.prompt ?? mapping.responseA;
  const sides = [
    { field: mapping.responseA, messages: a },
    { field: mapping.responseB, messages: b },
  ];
  const length = (messages: readonly Message[]) => messages.reduce((sum, m) => sum + m.content.length, 0);
  const tooLong = [{ field: promptField, messages: prompt }, ...sides].find((s) => length(s.messages) > maxCharacters);
  if (tooLong) {
    const reason = `It has ${length(tooLong.messages)} characters; at most ${maxCharacters} are possible. Shorten it.`;
    throw new Refusal(tooLong.field, reason);
  }
  if (isBlank(prompt)) throw new Refusal(promptField, "The prompt is empty. Fill it in, or map another column.");
  const order = promptOrderProblem(prompt);
  if (order) throw new Refusal(promptField, order);
  const blank = sides.filter((side) => isBlank(side.messages));
  if (blank[0] && !(judged && blank.length === 1))
    throw new Refusal(blank[0].field, "The response is empty. Fill it in, or leave the row out.");
  for (const { field, messages } of sides) {
    const problem = responseOrderProblem(messages);
    if (problem) throw new Refusal(field, problem);
  }
  const trimmed = (messages: readonly Message[]) =>
    canonicalJson(messages.map(({ role, content }) => [role, content.trim()]));
  if (trimmed(a) === trimmed(b))
    throw new Refusal(
      mapping.responseB,
      "Both responses are the same, so there is nothing to compare. Leave the row out.",
    );
}

function textOf(row: ImportRow, column: string | null | undefined): string | null {
  const value = column ? row[column] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value).trim() || null : null;
}

function modelsOf(row: ImportRow, { modelA, modelB }: ImportMapping): { modelA: string | null; modelB: string | null } {
  if (!modelA || modelA !== modelB) return { modelA: textOf(row, modelA), modelB: textOf(row, modelB) };
  const both = textOf(row, modelA) ?? "";
  const parts = both.includes(" vs ") ? both.split(" vs ") : both.split("_");
  const [a, b] = parts.map((part) => part.trim());
  return parts.length === 2 && a && b ? { modelA: a, modelB: b } : { modelA: null, modelB: null };
}

function idOf(row: ImportRow, { externalId }: ImportMapping): string | null {
  const id = textOf(row, externalId);
  if (id !== null && id.length > 500)
    throw new Refusal(externalId ?? null, "The id is longer than 500 characters. Shorten it.");
  return id;
}

function metaOf(row: ImportRow, mapping: ImportMapping): Record<string, string | number | boolean> {
  const { prompt, input, system, responseA, responseB, modelA, modelB, externalId, labels = [] } = mapping;
  const { history, who, time, reason } = mapping;
  const used = new Set([prompt, input, system, history, responseA, responseB, modelA, modelB, externalId]);
  for (const column of [who, time, reason]) used.add(column);
  // UltraFeedback repeats the question beside the conversations that hold it.
  if (prompt === null) used.add("prompt");
  for (const { column } of labels) used.add(column);
  const kept = Object.entries(row).filter(
    (entry): entry is [string, string | number | boolean] =>
      !used.has(entry[0]) &&
      ["string", "number", "boolean"].includes(typeof entry[1]) &&
      String(entry[1]).length <= 500,
  );
  return Object.fromEntries(kept.slice(0, 30));
}
