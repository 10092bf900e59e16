/** One run in a process of its own, whose peak memory is then the run's: configuration in, figures out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";

export interface RunFigures {
  readonly metrics: Readonly<Record<string, number>>;
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  readonly trainable: number;
  readonly parameters: number;
  /** Median of a step. */
  readonly stepSeconds: number;
  readonly steps: number;
  readonly tokensPerStep: number;
  /** Of this process before it trained, and its most. */
  readonly idleBytes: number;
  readonly peakBytes: number;
  readonly fileBytes: number;
  readonly failed?: string;
}

const config: RunConfigInput = JSON.parse(readFileSync(0, "utf8"));
const provider = await openProvider("auto");
await provider.close();
const idleBytes = process.memoryUsage.rss();
const steps: { seconds: number; tokens: number }[] = [];
let figures: Partial<RunFigures> = {};
let before = 0;
try {
  for await (const event of train(config)) {
    if (event.type === "start") figures = { trainable: event.trainableParameters, parameters: event.parameters };
    if (event.type === "eval") {
      before = 0;
      process.stderr.write(`  ${event.step} ${JSON.stringify(event.metrics)}\n`);
    }
    if (event.type === "step") {
      const seconds = event.elapsedSeconds - before;
      if (before > 0) steps.push({ seconds, tokens: seconds * event.tokensPerSecond });
      before = event.elapsedSeconds;
    }
    if (event.type === "done") {
      const { metrics, intervals } = event;
      const whole = config.kind !== "pretrain" && (config.adapter?.method ?? "full") === "full";
      const file = join(event.modelPath, whole ? "model.safetensors" : "adapter_model.safetensors");
      figures = { ...figures, metrics, intervals, fileBytes: readFileSync(file).length };
    }
  }
} catch (error) {
  figures = { ...figures, failed: String(error) };
}
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const result = {
  ...figures,
  steps: steps.length,
  stepSeconds: median(steps.map(({ seconds }) => seconds)),
  tokensPerStep: steps.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, steps.length),
  idleBytes,
  peakBytes: 1024 * process.resourceUsage().maxRSS,
};
process.stdout.write(JSON.stringify(result));
