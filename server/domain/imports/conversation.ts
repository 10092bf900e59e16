import type { Message } from "@/trainer/contracts/message";

const roles: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  chatgpt: "assistant",
  model: "assistant",
  bot: "assistant",
};

/** Messages, or why a cell holds none. */
export type Parsed = { readonly messages: Message[] } | { readonly reason: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `{role, content}`, ShareGPT's `{from, value}` and content in text parts. */
function parseMessage(value: unknown): Message | string {
  if (!isObject(value)) return "A list here must hold messages such as {role, content}.";
  const said = value.role ?? value.from;
  const role = typeof said === "string" ? roles[said.toLowerCase()] : undefined;
  if (!role)
    return said === undefined
      ? "A message has no role. Give it role (or from) and content (or value)."
      : `A message has the role "${String(said)}", which cannot be compared. Use system, user or assistant.`;
  const content = value.content ?? value.value ?? value.text;
  if (typeof content === "string") return { role, content };
  if (Array.isArray(content) && content.every((part) => isObject(part) && typeof part.text === "string"))
    return { role, content: content.map((part) => part.text).join("") };
  return "A message's content is not text. Pictures and tool calls cannot be imported.";
}

/** Reads a cell: plain text (or a number, or true), one message, or a list of messages. `role` is who speaks plain text. */
export function parseCell(cell: unknown, role: Message["role"]): Parsed {
  if (cell === null || cell === undefined) return { reason: "It is missing. Fill it in, or map another column." };
  if (typeof cell === "string") return { messages: [{ role, content: cell }] };
  if (typeof cell === "number" || typeof cell === "boolean") return { messages: [{ role, content: String(cell) }] };
  const messages: Message[] = [];
  for (const part of Array.isArray(cell) ? cell : [cell]) {
    const message = parseMessage(part);
    if (typeof message === "string") return { reason: message };
    messages.push(message);
  }
  return messages.length > 0 ? { messages } : { reason: "The list is empty. Give at least one message." };
}

const turnMark = /\n\n(Human|Assistant): ?/g;

/** HH-RLHF's text: turns that begin with "\n\nHuman:" or "\n\nAssistant:". Null when the text does not begin with one. */
export function parseTurns(text: string): Message[] | null {
  const marks = [...text.matchAll(turnMark)];
  if (marks[0]?.index !== 0) return null;
  return marks.map((mark, i) => ({
    role: mark[1] === "Human" ? "user" : "assistant",
    content: text.slice(mark.index + mark[0].length, marks[i + 1]?.index),
  }));
}

export const isBlank = (messages: readonly Message[]): boolean => messages.every((m) => m.content.trim() === "");
export const sameMessage = (x: Message | undefined, y: Message | undefined): boolean =>
  x !== undefined && x.role === y?.role && x.content === y.content;

/** How many leading messages two conversations share. */
export function sharedTurns(x: readonly Message[], y: readonly Message[]): number {
  let n = 0;
  while (n < x.length && sameMessage(x[n], y[n])) n += 1;
  return n;
}

/** What is wrong with the order of a prompt's turns, or null. */
export function promptOrderProblem(prompt: readonly Message[]): string | null {
  const turns = prompt[0]?.role === "system" ? prompt.slice(1) : prompt;
  if (turns.some((m) => m.role === "system")) return "A system message is only possible as the first one.";
  if (turns.at(-1)?.role !== "user") return "The prompt must end with what the user says; the responses follow it.";
  return alternates(turns) ? null : "Two messages in a row come from the same side. Join them into one.";
}

/** What is wrong with the order of a response's turns, or null. */
export function responseOrderProblem(response: readonly Message[]): string | null {
  if (response[0]?.role !== "assistant") return "The response must begin with what the assistant says.";
  if (response.at(-1)?.role !== "assistant") return "The response must end with what the assistant says.";
  if (response.some((m) => m.role === "system")) return "A system message belongs into the prompt.";
  return alternates(response) ? null : "Two messages in a row come from the same side. Join them into one.";
}

const alternates = (turns: readonly Message[]): boolean =>
  turns.every((m, i) => i === 0 || m.role !== turns[i - 1]?.role);
