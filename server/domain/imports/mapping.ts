import { z } from "zod";

const importFormats = ["jsonl", "json", "csv", "tsv", "parquet"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** What a file's rows look like; `unknown` needs a person to name the columns. */
const detectedShapes = [
  "trl_standard",
  "trl_conversational",
  "trl_implicit",
  "ultrafeedback",
  "openrlhf",
  "hh_rlhf",
  "sharegpt_ranking",
  "alpaca_ranking",
  "pandalm",
  "helpsteer3",
  "chatbot_arena",
  "alpaca_eval",
  "label_studio",
  "argilla",
  "judgements",
  "responses",
  "helpsteer2",
  "kto",
  "two_responses",
  "unknown",
] as const;
export type DetectedShape = (typeof detectedShapes)[number];

/** How a row becomes flat rows before columns are read; see unfold.ts. */
const importLayouts = [
  "flat",
  "responses",
  "scored_rows",
  "unpaired",
  "alpaca_output",
  "alpaca_eval",
  "label_studio",
  "argilla",
  "judgements",
] as const;
export type ImportLayout = (typeof importLayouts)[number];

/**
 * Which two of n responses to a prompt become a pair: `all` of them, the `best_worst` by score, `best_rest`: the best one with
 * each other, or `neighbours` in the order of scores. Without scores only `all` makes pairs.
 */
export const pairingRules = ["all", "best_worst", "best_rest", "neighbours"] as const;
const pairingSchema = z.object({
  rule: z.enum(pairingRules),
  /** Pairs whose scores differ by less are left out. */
  minGap: z.number().min(0).max(1_000).default(0),
  /** The vote's size: always 2 (`sign`), or the difference of scores, rounded, at most 3 (`gap`). */
  strength: z.enum(["sign", "gap"]).default("sign"),
});
export type Pairing = z.infer<typeof pairingSchema>;

const column = z.string().max(500);
const optionalColumn = column.nullish();

/** Which column is what. A column is named as the file names it. */
export const importMappingSchema = z.object({
  /** Null: the prompt is what both responses begin with. */
  prompt: column.nullable(),
  /** A second column that belongs to the prompt, put after it (Alpaca's `input`). */
  input: optionalColumn,
  system: optionalColumn,
  /** Earlier exchanges as `[[question, answer], …]` (LLaMA-Factory's Alpaca rows). */
  history: optionalColumn,
  layout: z.enum(importLayouts).optional(),
  /** With the layouts `unpaired` and `scored_rows` the one response of a row; `responseB` is empty then. */
  responseA: column,
  responseB: column,
  /** `unpaired`: says whether the response is wanted. */
  desirable: optionalColumn,
  /** `responses`: the column with the list. */
  list: optionalColumn,
  /** `scored_rows`: the column, `responses`: the entry's field that says how good a response is; more is better. */
  score: optionalColumn,
  pairing: pairingSchema.optional(),
  /** `a_chosen`: the file says that response A is the better one, and that counts as one imported judgement. */
  meaning: z.enum(["unordered", "a_chosen"]),
  /** When both name one column it holds both models, as `first_second` or `first vs second`. */
  modelA: optionalColumn,
  modelB: optionalColumn,
  externalId: optionalColumn,
  /** Columns that say who gave a row's labels, when, and why. */
  who: optionalColumn,
  time: optionalColumn,
  reason: optionalColumn,
  /** How much better the better response is, 1 … 3 (rounded, more counts as 3); 0 is a tie. For labels that only say which one. */
  strength: optionalColumn,
  /** An object of verdicts −3 … 3 by the criterion's name, or its JSON. */
  criteria: optionalColumn,
  labels: z
    .array(z.object({ column, who: z.string().trim().min(1).max(200) }))
    .max(50)
    .optional(),
  /** The words of the label columns; without them a label is a number from −3 (A much better) to 3 (B much better). */
  labelValues: z.object({ a: z.string(), b: z.string(), tie: z.string() }).optional(),
});
export type ImportMapping = z.infer<typeof importMappingSchema>;

/** The layouts whose rows hold one response each. */
export const hasOneResponse = ({ layout }: Pick<ImportMapping, "layout">): boolean =>
  layout === "unpaired" || layout === "scored_rows";

export type ImportRow = Readonly<Record<string, unknown>>;

/** A row, or why it is none. `line` is the 1-based line of the file; in a JSON array the 1-based row. */
export type ReadRow = {
  /** The file inside of an upload with several. */
  readonly part?: string;
} & (
  | { readonly line: number; readonly row: ImportRow }
  | { readonly line: number; readonly row: null; readonly field: string | null; readonly reason: string }
);

export interface RowProblem {
  readonly field: string | null;
  readonly reason: string;
}
