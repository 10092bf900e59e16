import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { TrainerError } from "./contracts/error";
import type { RunConfigInput } from "./contracts/runConfig";
import type { RunEvent } from "./contracts/runEvent";
import { loadModel } from "./generation/loadedModel";
import { train } from "./recipes/train";
import { openProvider } from "./runtime/provider";

const help = `tiebreak-trainer: preference training on TensorFlow.js, compiled to ONNX Runtime

  tiebreak-trainer train --config run.json [--json]     pretrain, reward or dpo, as the file's "kind" says;
                                                        a run whose output folder holds checkpoints goes on from them
  tiebreak-trainer generate --model FOLDER --prompt TEXT [--max-tokens 120] [--temperature 0.8] [--seed 0]
  tiebreak-trainer --help

  --json prints one event a line for machines.
`;

const describe: { [K in RunEvent["type"]]: (event: Extract<RunEvent, { type: K }>) => string } = {
  start: (e) =>
    `${e.provider}: ${e.providerReason}. ${e.parameters} parameters, ${e.totalSteps} steps from ${e.firstStep}; ` +
    `train ${e.train.used} (dropped ${JSON.stringify(e.train.dropped)}), held out ${e.test.used}.`,
  step: (e) =>
    `step ${e.step}/${e.totalSteps}  ${figures(e.metrics)}  ${Math.round(e.tokensPerSecond)} tokens/s  ${Math.round(e.etaSeconds)} s left`,
  eval: (e) => `held out at ${e.step}: ${figures(e.metrics)}`,
  sample: (e) => `prompt: ${e.prompt}\n  base:  ${e.base}\n  tuned: ${e.tuned}`,
  checkpoint: (e) => `checkpoint ${e.path}`,
  stopped: (e) => `stopped at step ${e.step} (${e.reason}): ${e.message}`,
  log: (e) => `${e.level}: ${e.message}`,
  done: (e) => `done after ${Math.round(e.seconds)} s: ${e.modelPath}  ${figures(e.metrics)}`,
};

const figures = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join("  ");

function readConfig(file: string): RunConfigInput {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TrainerError("bad_config", `${file} cannot be read as JSON: ${(cause as Error).message}`, { file });
  }
}

async function runTraining(file: string, json: boolean): Promise<void> {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  for await (const event of train(readConfig(file), { signal: controller.signal })) {
    const text = json ? JSON.stringify(event) : (describe[event.type] as (event: RunEvent) => string)(event);
    process.stdout.write(`${text}\n`);
  }
}

async function runGeneration(values: Record<string, string | boolean | undefined>): Promise<void> {
  const model = loadModel(String(values.model), await openProvider("auto"));
  const sampling = {
    maxTokens: Number(values["max-tokens"] ?? 120),
    temperature: Number(values.temperature ?? 0.8),
    seed: Number(values.seed ?? 0),
  };
  const prompt = [{ role: "user" as const, content: String(values.prompt ?? "") }];
  for await (const chunk of model.generate({ prompt, sampling })) {
    if (chunk.type === "text") process.stdout.write(chunk.text);
  }
  process.stdout.write("\n");
  await model.dispose();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      json: { type: "boolean" },
      config: { type: "string" },
      model: { type: "string" },
      prompt: { type: "string" },
      "max-tokens": { type: "string" },
      temperature: { type: "string" },
      seed: { type: "string" },
    },
  });
  const [command] = positionals;
  if (values.help || !command) process.stdout.write(help);
  else if (command === "train" && values.config) await runTraining(values.config, values.json ?? false);
  else if (command === "generate" && values.model) await runGeneration(values);
  else
    throw new TrainerError(
      "bad_config",
      `"${command}" is not a command with all it needs. See tiebreak-trainer --help.`,
    );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
