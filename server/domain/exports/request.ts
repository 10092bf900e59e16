import { z } from "zod";
import { exportFormats } from "./formats";

export const exportFiles = ["jsonl", "csv", "parquet"] as const;
export type ExportFile = (typeof exportFiles)[number];

const day = z.iso.date().optional();

/** What somebody wants of a snapshot; also the query of the download's address. */
export const exportRequestSchema = z.object({
  format: z.enum(exportFormats).default("trl-conversational"),
  file: z.enum(exportFiles).default("jsonl"),
  split: z.enum(["train", "test", "all"]).default("all"),
  /** `folder`: a zip with one file a split, card and manifest, as `datasets.load_dataset` takes it. */
  layout: z.enum(["file", "folder"]).default("file"),
  labels: z.enum(["soft", "hard"]).default("soft"),
  /** Least probability that the chosen answer is the better one. */
  minAgreement: z.coerce.number().min(0.5).max(1).default(0.5),
  /** A judge's pseudonym: only pairs they judged, in `judgements` only their words. */
  annotator: z.string().max(100).optional(),
  /** Days in UTC, both included: only pairs with a standing judgement of that time, in `judgements` only those judgements. */
  from: day,
  to: day,
});
export type ExportRequest = z.infer<typeof exportRequestSchema>;
