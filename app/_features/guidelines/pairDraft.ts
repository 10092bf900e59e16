import { verdictsOf } from "@/server/domain/judging";
import type { ReferencePair } from "@/server/domain/reference";
import { newId } from "../annotate/newId";

/** A reference pair as it is being written; `key` tells the fields of one from another's. */
export interface PairDraft extends Omit<ReferencePair, "verdict" | "bothBad"> {
  readonly key: string;
  /** As the list of choices has it: a number, `bad`, or null before one is chosen. */
  readonly right: string | null;
}

export const emptyPair = (): PairDraft => ({
  key: newId(),
  prompt: [{ role: "user", content: "" }],
  a: [{ role: "assistant", content: "" }],
  b: [{ role: "assistant", content: "" }],
  right: null,
  why: "",
});

export const draftOfPair = ({ prompt, a, b, verdict, bothBad, why }: ReferencePair): PairDraft => ({
  key: newId(),
  ...{ prompt, a, b, why },
  right: bothBad ? "bad" : String(verdict),
});

export type PairProblem = "prompt" | "a" | "b" | "right" | "why";

const isBlank = (messages: ReferencePair["prompt"]): boolean => messages.every(({ content }) => content.trim() === "");

export function problemsOfPair(draft: PairDraft): readonly PairProblem[] {
  const problems: PairProblem[] = [];
  for (const part of ["prompt", "a", "b"] as const) if (isBlank(draft[part])) problems.push(part);
  if (draft.right === null) problems.push("right");
  if (draft.why.trim() === "") problems.push("why");
  return problems;
}

/** The pair that a draft without problems says. */
export const pairOfDraft = ({ prompt, a, b, right, why }: PairDraft): ReferencePair => ({
  ...{ prompt, a, b },
  verdict: right === "bad" || right === null ? null : Number(right),
  bothBad: right === "bad",
  why: why.trim(),
});

/** What may be chosen as right, from far left to far right. */
export const rightChoices = (verdictSteps: number, allowBothBad: boolean): string[] => [
  ...verdictsOf(verdictSteps).map(String),
  ...(allowBothBad ? ["bad"] : []),
];
