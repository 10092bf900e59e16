import type { Message } from "@/trainer/contracts/message";
import { isBlank, type Parsed, parseCell, promptOrderProblem, responseOrderProblem, sameMessage } from "./conversation";
import type { ImportMapping, ImportRow } from "./mapping";

/** Longest prompt or response in characters. */
const maxCharacters = 200_000;

export class Refusal extends Error {
  constructor(
    readonly field: string | null,
    reason: string,
  ) {
    super(reason);
  }
}

/** A field of a row and what was read from it. */
export interface ReadField {
  readonly field: string;
  readonly messages: readonly Message[];
}

/** Text that can be stored: not too long, and no half of a surrogate pair, which no UTF-8 can hold. */
export function checkTexts(fields: readonly ReadField[]): void {
  for (const { field, messages } of fields) {
    const characters = messages.reduce((sum, m) => sum + m.content.length, 0);
    if (characters > maxCharacters)
      throw new Refusal(field, `It has ${characters} characters; at most ${maxCharacters} are possible. Shorten it.`);
    if (messages.some((m) => /\p{Surrogate}/u.test(m.content)))
      throw new Refusal(field, "It holds half of a surrogate pair, which is no character. Remove it.");
  }
}

export function checkPrompt(field: string, prompt: readonly Message[]): void {
  if (isBlank(prompt)) throw new Refusal(field, "The prompt is empty. Fill it in, or map another column.");
  const order = promptOrderProblem(prompt);
  if (order) throw new Refusal(field, order);
}

export function checkResponse(field: string, response: readonly Message[]): void {
  const problem = responseOrderProblem(response);
  if (problem) throw new Refusal(field, problem);
}

export function need(field: string, parsed: Parsed): Message[] {
  if ("reason" in parsed) throw new Refusal(field, parsed.reason);
  return parsed.messages;
}

export function promptOf(row: ImportRow, { input }: ImportMapping, column: string): Message[] {
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
export function historyOf(row: ImportRow, { history }: ImportMapping): Message[] {
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
export function withoutPrompt(response: Message[], prompt: readonly Message[]): Message[] {
  const repeats = response.length > prompt.length && prompt.every((message, i) => sameMessage(message, response[i]));
  return repeats ? response.slice(prompt.length) : response;
}

export function withSystem(row: ImportRow, { system }: ImportMapping, prompt: Message[]): Message[] {
  const text = system ? row[system] : undefined;
  if (typeof text !== "string" || text.trim() === "" || prompt[0]?.role === "system") return prompt;
  return [{ role: "system", content: text }, ...prompt];
}

export function textOf(row: ImportRow, column: string | null | undefined): string | null {
  const value = column ? row[column] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value).trim() || null : null;
}

export function idOf(row: ImportRow, { externalId }: ImportMapping): string | null {
  const id = textOf(row, externalId);
  if (id !== null && id.length > 500)
    throw new Refusal(externalId ?? null, "The id is longer than 500 characters. Shorten it.");
  return id;
}

export function metaOf(row: ImportRow, mapping: ImportMapping): Record<string, string | number | boolean> {
  const { prompt, input, system, responseA, responseB, modelA, modelB, externalId, labels = [] } = mapping;
  const { history, who, time, reason, strength, criteria, desirable } = mapping;
  const used = new Set([prompt, input, system, history, responseA, responseB, modelA, modelB, externalId]);
  for (const column of [who, time, reason, strength, criteria, desirable]) used.add(column);
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
