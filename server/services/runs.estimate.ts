import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { DbTx } from "@/db/client";
import type { Model } from "@/db/queries/models.queries";
import { newestStepTimes } from "@/db/queries/runs.queries";
import { adapterSchema } from "@/trainer/contracts/adapter";
import { preferenceExampleSchema } from "@/trainer/contracts/example";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import type { PresetConfig } from "@/trainer/contracts/preset";
import { type CostRequest, charactersPerToken, stepWork } from "@/trainer/contracts/trainingCost";

/** Characters of an average prompt and an average answer. */
export interface TextLengths {
  readonly prompt: number;
  readonly answer: number;
}

/** So much of a snapshot's file is looked at. */
const lookedAtBytes = 2 ** 18;

/** How long the texts of a snapshot are, by those at its beginning; null where its file is gone or begins with a giant. */
export function snapshotLengths(snapshotsDir: string, contentHash: string): TextLengths | null {
  const file = join(snapshotsDir, contentHash, "train.jsonl");
  if (!existsSync(file)) return null;
  const lines = firstBytes(file, lookedAtBytes).split("\n").slice(0, -1);
  const characters = (messages: readonly { readonly content: string }[]) =>
    messages.reduce((sum, { content }) => sum + content.length, 0);
  const pairs = lines.flatMap((line) => preferenceExampleSchema.safeParse(JSON.parse(line)).data ?? []);
  if (pairs.length === 0) return null;
  const mean = (of: (pair: (typeof pairs)[number]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  return {
    prompt: mean(({ prompt }) => characters(prompt)),
    answer: mean(({ chosen, rejected }) => (characters(chosen) + characters(rejected)) / 2),
  };
}

function firstBytes(file: string, bytes: number): string {
  const handle = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString("utf8", 0, readSync(handle, buffer, 0, bytes, 0));
  } finally {
    closeSync(handle);
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/**
 * From what the newest run of the same kind and size took for a step on this machine; null before there is one. Where that
 * run trained something else, its time is taken in the proportion of the work.
 */
export function estimateSeconds(
  tx: DbTx,
  { config, steps }: { readonly config: PresetConfig; readonly steps: number },
  baseModel: Model,
  { shape, lengths }: { readonly shape: ModelShape | null; readonly lengths: TextLengths | null },
): number | null {
  const past = newestStepTimes(tx, config.kind, baseModel.parameters);
  if (!past) return null;
  const each = past.elapsed.flatMap(({ step, seconds }, i) => {
    const before = past.elapsed[i - 1];
    return before && step === before.step + 1 && seconds > before.seconds ? [seconds - before.seconds] : [];
  });
  if (each.length === 0) return null;
  const work = (adapter: unknown): number => {
    if (!shape || !lengths) return 1;
    const request: CostRequest = { kind: config.kind, adapter: adapterSchema.parse(adapter ?? {}) };
    const perToken = charactersPerToken(shape.vocabSize);
    const tokens = { promptTokens: lengths.prompt / perToken, answerTokens: lengths.answer / perToken };
    return stepWork(shape, request, { examples: config.batchSize, ...tokens });
  };
  return (median(each) * steps * config.batchSize * work(config.adapter)) / (past.batchSize * work(past.adapter));
}
