import { z } from "zod";
import { messagesSchema } from "@/trainer/contracts/message";
import type { JudgingRules } from "./judging";
import { verdictSchema } from "./preference";

/** Characters of a reference pair's texts together, and of its explanation. */
const longestTexts = 100_000;
export const longestWhy = 2_000;
export const mostExamples = 20;
export const mostPracticePairs = 50;

/**
 * A pair whose right verdict is known, and why it is: an example beside the guidelines, or one to practise on. In stored
 * order like every verdict; whoever shows it decides the sides.
 */
export const referencePairSchema = z
  .object({
    prompt: messagesSchema,
    a: messagesSchema,
    b: messagesSchema,
    verdict: verdictSchema.nullable(),
    bothBad: z.boolean(),
    why: z.string().trim().min(1).max(longestWhy),
  })
  .refine(({ verdict, bothBad }) => (verdict === null) === bothBad, {
    path: ["verdict"],
    message: "give a verdict, or say that both are bad",
  })
  .refine(
    ({ prompt, a, b }) => [...prompt, ...a, ...b].reduce((sum, { content }) => sum + content.length, 0) <= longestTexts,
    { path: ["prompt"], message: `prompt and answers together are longer than ${longestTexts} characters` },
  );
export type ReferencePair = z.infer<typeof referencePairSchema>;

type Judged = Pick<ReferencePair, "verdict" | "bothBad">;

/** How what somebody said compares with what is right. */
export const matches = ["same", "near", "other"] as const;
export type Match = (typeof matches)[number];

/**
 * `same` on a scale of two or three steps when both name the same side, on seven when the step is the same; `near` where the
 * side is the same and the strength is not, or where one says "equal" and the other "slightly better"; else `other`.
 */
export function matchOf(said: Judged, right: Judged, verdictSteps: number): Match {
  if (said.verdict === null || right.verdict === null) return said.bothBad === right.bothBad ? "same" : "other";
  const [x, y] = [said.verdict, right.verdict];
  if (verdictSteps < 7) return Math.sign(x) === Math.sign(y) ? "same" : "other";
  if (x === y) return "same";
  return x * y > 0 || (x * y === 0 && Math.abs(x - y) === 1) ? "near" : "other";
}

/** Whether a project that asks so lets anybody give the right verdict. */
export const isAnswerable = (
  { verdict, bothBad }: Judged,
  { verdictSteps, allowBothBad }: Pick<JudgingRules, "verdictSteps" | "allowBothBad">,
): boolean => (bothBad ? allowBothBad : verdictSteps !== 2 || verdict !== 0);

/** Guidelines as they were published. Each change is a version of its own, from 1. */
export interface Guidelines {
  readonly version: number;
  readonly text: string;
  readonly examples: readonly ReferencePair[];
  /** What is new in it, in the words of whoever published it; may be empty. */
  readonly change: string;
  readonly publishedAt: Date;
}

export const longestGuidelines = 50_000;
export const longestChange = 500;

/** Whether there is anything to read. */
export const saysSomething = ({ text, examples }: Pick<Guidelines, "text" | "examples">): boolean =>
  text.trim() !== "" || examples.length > 0;
