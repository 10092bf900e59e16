import { mostPrompts } from "@/server/domain/pairLimits";
import { isJsonLines, type ReadPrompts, readPrompts } from "@/trainer/contracts/prompts";

/** A call may carry 8 MB; what is around the prompts takes some of it. */
export const mostCharacters = 2_000_000;

export interface PromptList extends ReadPrompts {
  readonly jsonLines: boolean;
  /** Why nothing can be made of it as a whole. */
  readonly objection: "empty" | "too_many" | "too_long" | null;
}

/** What a person pasted or chose, read as what it looks like. */
export function promptList(text: string): PromptList {
  if (text.length > mostCharacters) return { prompts: [], problems: [], jsonLines: false, objection: "too_long" };
  const jsonLines = isJsonLines(text);
  const read = readPrompts(text, jsonLines);
  const { length } = read.prompts;
  return { ...read, jsonLines, objection: length === 0 ? "empty" : length > mostPrompts ? "too_many" : null };
}
