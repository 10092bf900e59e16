import type { PreferenceExample } from "@/trainer/contracts/example";
import type { Slot } from "../preference";
import type { Columns, ExportRow } from "./columns";

export const exportFormats = [
  "trl-conversational",
  "trl-standard",
  "trl-implicit",
  "kto",
  "hh-rlhf",
  "ultrafeedback",
  "llamafactory-sharegpt",
  "llamafactory-alpaca",
  "openrlhf",
  "helpsteer",
  "argilla",
  "judgements",
] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** `soft` keeps how sure and how strong the judges were where the format has a place for it; `hard` says only which is better. */
export type LabelKind = "soft" | "hard";

/** What one person (or file, or rule) said of a pair, as it stood when the snapshot was made or had stood before. */
export interface ExportVote {
  /** A pseudonym: the same for the same person of the same project, and nothing more. */
  readonly annotator: string;
  readonly source: "project" | "import" | "rule";
  /** −3 … +3 in stored order: negative prefers response a. Null when both are bad, and for taking a word back. */
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly reason: string | null;
  readonly criteria: Readonly<Record<string, number>>;
  readonly shownLeft: Slot | null;
  readonly durationMs: number | null;
  /** The newest guidelines that they had read. */
  readonly guidelineVersion: number | null;
  readonly purpose: string;
  readonly occurrence: number;
  readonly action: "judge" | "undo";
  readonly late: boolean;
  /** Nobody took it back or replaced it, and it counts. */
  readonly standing: boolean;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
}

/** A pair with who said what of it. */
export interface JudgedPair {
  readonly split: "train" | "test";
  readonly example: PreferenceExample;
  /** The stored side of the chosen response; a format with two unordered responses puts them in stored order. */
  readonly chosenSlot: Slot;
  readonly modelA: string | null;
  readonly modelB: string | null;
  readonly externalId: string | null;
  readonly votes: readonly ExportVote[];
}

/** Why a pair cannot be written in a format. */
export type Misfit = "turns" | "several_answers" | "system" | "turn_marks" | "first_turn";

interface AnyFormat {
  columns(labels: LabelKind): Columns;
  /** Null when the pair can be written. */
  misfit(example: PreferenceExample): Misfit | null;
}
/** A format that the snapshot's own rows are enough for. */
export interface PairFormat extends AnyFormat {
  readonly needs: "pairs";
  rows(example: PreferenceExample, labels: LabelKind): ExportRow[];
}
/** A format that also shows who said what. */
export interface VoteFormat extends AnyFormat {
  readonly needs: "votes";
  rows(pair: JudgedPair, labels: LabelKind): ExportRow[];
}
export type FormatSpec = PairFormat | VoteFormat;
