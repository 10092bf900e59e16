import type { Message } from "@/trainer/contracts/message";
import { isBlank, parseCell, parseTurns, sharedTurns } from "./conversation";
import { canonicalJson } from "./identity";
import type { ImportMapping, ImportRow, RowProblem } from "./mapping";
import { type RowLabel, readLabels, readStrength } from "./rowLabels";
import {
  checkPrompt,
  checkResponse,
  checkTexts,
  historyOf,
  idOf,
  metaOf,
  need,
  promptOf,
  Refusal,
  textOf,
  withoutPrompt,
  withSystem,
} from "./rowParts";

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
    labels: mapping.meaning === "a_chosen" ? [filesWord(row, mapping), ...labels.labels] : labels.labels,
    meta: metaOf(row, mapping),
  };
}

/** What the order of the responses says, as strong as the file says it is. */
function filesWord(row: ImportRow, mapping: ImportMapping): RowLabel {
  const strength = readStrength(row, mapping.strength);
  if (typeof strength === "string") throw new Refusal(mapping.strength ?? null, strength);
  const size = strength ?? 2;
  return { who: "file", verdict: size === 0 ? 0 : -size, bothBad: false };
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

/** An empty response is refused while people still have to compare it; in a pair they have judged it is what a model said. */
function check(mapping: ImportMapping, prompt: Message[], a: Message[], b: Message[], judged: boolean): void {
  const promptField = mapping.prompt ?? mapping.responseA;
  const sides = [
    { field: mapping.responseA, messages: a },
    { field: mapping.responseB, messages: b },
  ];
  checkTexts([{ field: promptField, messages: prompt }, ...sides]);
  checkPrompt(promptField, prompt);
  const blank = sides.filter((side) => isBlank(side.messages));
  if (blank[0] && !(judged && blank.length === 1))
    throw new Refusal(blank[0].field, "The response is empty. Fill it in, or leave the row out.");
  for (const { field, messages } of sides) checkResponse(field, messages);
  const trimmed = (messages: readonly Message[]) =>
    canonicalJson(messages.map(({ role, content }) => [role, content.trim()]));
  if (trimmed(a) === trimmed(b))
    throw new Refusal(
      mapping.responseB,
      "Both responses are the same, so there is nothing to compare. Leave the row out.",
    );
}

function modelsOf(row: ImportRow, { modelA, modelB }: ImportMapping): { modelA: string | null; modelB: string | null } {
  if (!modelA || modelA !== modelB) return { modelA: textOf(row, modelA), modelB: textOf(row, modelB) };
  const both = textOf(row, modelA) ?? "";
  const parts = both.includes(" vs ") ? both.split(" vs ") : both.split("_");
  const [a, b] = parts.map((part) => part.trim());
  return parts.length === 2 && a && b ? { modelA: a, modelB: b } : { modelA: null, modelB: null };
}
