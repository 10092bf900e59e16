import { type Message, messagesSchema } from "./message";

/** Why a line holds no prompt. */
export type PromptProblem = "not_json" | "no_prompt" | "no_question";

export interface ReadPrompts {
  readonly prompts: readonly Message[][];
  /** Lines, counted from 1, that were passed over. */
  readonly problems: readonly { readonly line: number; readonly problem: PromptProblem }[];
}

/** Whether a text is JSON lines: what its first line that is not empty says. */
export function isJsonLines(text: string): boolean {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== "");
  if (!first?.trimStart().startsWith("{")) return false;
  return parseJson(first) !== undefined;
}

/** Prompts of a list: JSON lines with a `prompt` (text or messages), or one prompt a line. Empty lines are passed over. */
export function readPrompts(text: string, jsonLines: boolean): ReadPrompts {
  const prompts: Message[][] = [];
  const problems: { line: number; problem: PromptProblem }[] = [];
  for (const [i, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue;
    const read = jsonLines ? promptOf(line) : asMessages(line);
    if (typeof read === "string") problems.push({ line: i + 1, problem: read });
    else prompts.push(read);
  }
  return { prompts, problems };
}

const asMessages = (content: string): Message[] => [{ role: "user", content }];

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function promptOf(line: string): Message[] | PromptProblem {
  const row = parseJson(line);
  if (row === undefined) return "not_json";
  const prompt = typeof row === "object" && row !== null && "prompt" in row ? row.prompt : null;
  if (typeof prompt === "string") return prompt.trim() === "" ? "no_prompt" : asMessages(prompt);
  const messages = messagesSchema.safeParse(prompt);
  if (!messages.success) return "no_prompt";
  return messages.data.at(-1)?.role === "user" ? messages.data : "no_question";
}
