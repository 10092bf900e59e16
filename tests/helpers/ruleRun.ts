import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { train } from "@/trainer/recipes/train";
import { writeRuleDataset, writeTinyModel } from "./tinyModel";

/** A folder with the tiny model and the rule dataset, and configurations of runs on them. */
export function ruleRuns(pairs = 64) {
  const folder = mkdtempSync(join(tmpdir(), "rule-"));
  const base = writeTinyModel(join(folder, "base"));
  const dataset = writeRuleDataset(join(folder, "dataset"), pairs);
  const config = (kind: RunConfigInput["kind"], name: string, more: object = {}): RunConfigInput =>
    ({
      kind,
      baseModel: base,
      dataset,
      output: join(folder, name),
      seed: 7,
      batchSize: 8,
      maxLength: 64,
      epochs: 5,
      evalEvery: 10,
      checkpointEvery: 5,
      samplePrompts: 1,
      sampleTokens: 4,
      optimizer: { learningRate: 0.01, schedule: "constant" },
      ...more,
    }) as RunConfigInput;
  return { folder, base, dataset, config };
}

export async function collectEvents(config: RunConfigInput): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of train(config)) events.push(event);
  return events;
}

export const doneOf = (events: readonly RunEvent[]) => events.at(-1) as Extract<RunEvent, { type: "done" }>;

/** A metric at each step. */
export const stepFigures = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((e) => (e.type === "step" ? [e.metrics[name] as number] : []));
