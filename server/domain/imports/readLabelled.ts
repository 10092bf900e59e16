import type { Message } from "@/trainer/contracts/message";
import { isBlank, parseCell, parseTurns } from "./conversation";
import type { ImportMapping, ImportRow, RowProblem } from "./mapping";
import { textIn, timeOf } from "./rowLabels";
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

/** One response that somebody wanted or did not want, with nothing beside it to compare (KTO's rows). */
export interface ImportedResponse {
  readonly prompt: Message[];
  readonly response: Message[];
  readonly desirable: boolean;
  readonly model: string | null;
  readonly externalId: string | null;
  readonly who: string | null;
  readonly reason: string | null;
  readonly at: Date | null;
  readonly meta: Readonly<Record<string, string | number | boolean>>;
}

type ResponseOrProblem = { readonly labelled: ImportedResponse } | { readonly problem: RowProblem };

/** Reads one row by the mapping, or says which field is wrong and what to do about it. */
export function readLabelled(row: ImportRow, mapping: ImportMapping): ResponseOrProblem {
  try {
    return { labelled: labelledOf(row, mapping) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: { field: error.field, reason: error.message } };
  }
}

function labelledOf(row: ImportRow, mapping: ImportMapping): ImportedResponse {
  const { responseA, desirable } = mapping;
  if (responseA === "") throw new Refusal(null, "No column is chosen for the response. Choose it.");
  if (!desirable) throw new Refusal(null, "No column is chosen that says whether the response is wanted. Choose it.");
  const read = partsOf(row, mapping);
  const prompt = withSystem(row, mapping, read.prompt);
  const promptField = mapping.prompt ?? responseA;
  checkTexts([
    { field: promptField, messages: prompt },
    { field: responseA, messages: read.response },
  ]);
  checkPrompt(promptField, prompt);
  if (isBlank(read.response)) throw new Refusal(responseA, "The response is empty. Fill it in, or leave the row out.");
  checkResponse(responseA, read.response);
  const told = textIn(row, mapping.time);
  const at = told === null ? null : timeOf(told);
  if (at !== null && Number.isNaN(at.getTime()))
    throw new Refusal(mapping.time ?? null, `"${told?.slice(0, 60)}" is no time. Use ISO 8601.`);
  return {
    prompt,
    response: read.response,
    desirable: readDesirable(row[desirable], desirable),
    model: textOf(row, mapping.modelA),
    externalId: idOf(row, mapping),
    who: textIn(row, mapping.who)?.slice(0, 200) ?? null,
    reason: textIn(row, mapping.reason)?.slice(0, 5_000) ?? null,
    at,
    meta: metaOf(row, mapping),
  };
}

/** Without a prompt column the response's column holds the whole conversation: its last turn is the response. */
function partsOf(row: ImportRow, mapping: ImportMapping): { prompt: Message[]; response: Message[] } {
  const cell = row[mapping.responseA];
  if (mapping.prompt !== null) {
    const prompt = [...historyOf(row, mapping), ...promptOf(row, mapping, mapping.prompt)];
    return { prompt, response: withoutPrompt(need(mapping.responseA, parseCell(cell, "assistant")), prompt) };
  }
  const turns = typeof cell === "string" ? parseTurns(cell) : need(mapping.responseA, parseCell(cell, "assistant"));
  if (turns === null || turns.length < 2)
    throw new Refusal(mapping.responseA, "It is no conversation, so there is no prompt. Choose a prompt column.");
  return { prompt: turns.slice(0, -1), response: turns.slice(-1) };
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  "1": true,
  "0": false,
  "-1": false,
  yes: true,
  no: false,
  good: true,
  bad: false,
  desirable: true,
  undesirable: false,
  thumbs_up: true,
  thumbs_down: false,
};
const wordOf = (value: unknown): string =>
  String(value)
    .trim()
    .toLowerCase()
    .replace(/[ -]+(?=[a-z])/g, "_");

/** Whether a value says that a response is wanted or that it is not. */
export const saysDesirable = (value: unknown): boolean =>
  ["boolean", "number", "string"].includes(typeof value) && Object.hasOwn(words, wordOf(value));

function readDesirable(value: unknown, field: string): boolean {
  if (value === null || value === undefined || value === "")
    throw new Refusal(field, "It does not say whether the response is wanted. Write true or false.");
  if (!saysDesirable(value))
    throw new Refusal(field, `"${String(value).slice(0, 60)}" is neither true nor false. Write one of them.`);
  return words[wordOf(value)] as boolean;
}
