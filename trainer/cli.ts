import { parseArgs } from "node:util";
import { compressHelp, compressOptions, runCompress } from "./cli/compress";
import { convertHelp, convertOptions, runConvert } from "./cli/convert";
import { doctorHelp, doctorOptions, runDoctor } from "./cli/doctor";
import { explainHelp, runExplain } from "./cli/explain";
import { mergeHelp, mergeOptions, runMerge } from "./cli/merge";
import { gatherConfig, readJson, runTraining, trainingHelp, trainingOptions } from "./cli/run";
import { evaluateHelp, evaluateOptions, generateHelp, generateOptions, runEvaluate, runGenerate } from "./cli/use";
import { TrainerError } from "./contracts/error";
import type { RunConfig } from "./contracts/runConfig";
import { runConfigJsonSchema } from "./contracts/schema";

const kinds: Readonly<Record<RunConfig["kind"], string>> = {
  pretrain: "trains a small Llama and its tokenizer on a text file",
  sft: "fine-tunes a model on the chosen answers of a dataset, or on its completions",
  reward: "trains a Bradley–Terry reward model on pairs",
  dpo: "tunes a model on pairs: DPO, or any of its kin by --loss",
  kto: "tunes a model on single answers that are good or bad; a pair is one of each",
  ppo: "tunes a model by PPO on answers of its own, which a reward model or a rule scores",
  grpo: "the same by GRPO: no value model, answers to one prompt are compared",
  rloo: "the same by REINFORCE, each answer against the mean of the others",
};
const kindNames = Object.keys(kinds) as RunConfig["kind"][];

const help = `tiebreak-trainer: preference training on TensorFlow.js, compiled to ONNX Runtime

${kindNames.map((kind) => `  ${kind.padEnd(10)}${kinds[kind]}`).join("\n")}
  train     runs the kind that --config's file names
  generate  answers a prompt
  evaluate  judges a model on a dataset
  convert   makes a Hugging Face folder of a GGUF file or a llama2.c model
  merge     puts a LoRA adapter or a delta into the weights of its base
  compress  makes a delta of one bit a weight out of a fine-tuned model (BitDelta)
  schema    prints the JSON schema of run configurations
  doctor    tells what this machine has to compute with, and what is missing
  explain   shows how a small training step is compiled

tiebreak-trainer COMMAND --help tells what a command takes.
`;

const isKind = (name: string | undefined): name is RunConfig["kind"] => kindNames.some((kind) => kind === name);

/** The flags of a command; one that does not exist is named. */
function parse(args: readonly string[], options: Readonly<Record<string, { readonly type: "string" | "boolean" }>>) {
  try {
    const all = { ...options, help: { type: "boolean" as const } };
    return parseArgs({ args: [...args], options: all, allowNegative: true }).values;
  } catch (cause) {
    throw new TrainerError("bad_config", `${(cause as Error).message} See --help.`);
  }
}

async function trainByFile(args: readonly string[]): Promise<void> {
  const { config } = parseArgs({ args: [...args], options: { config: { type: "string" } }, strict: false }).values;
  const kind = typeof config === "string" ? readJson(config).kind : undefined;
  if (typeof kind !== "string" || !isKind(kind)) {
    throw new TrainerError("bad_config", `train needs --config FILE whose "kind" is one of ${kindNames.join(", ")}.`);
  }
  await trainKind(kind, args);
}

async function trainKind(kind: RunConfig["kind"], args: readonly string[]): Promise<void> {
  const values = parse(args, trainingOptions(kind));
  if (values.help) process.stdout.write(trainingHelp(kind, kinds[kind]));
  else await runTraining(gatherConfig(kind, values), values);
}

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (isKind(command)) return trainKind(command, args);
  switch (command) {
    case undefined:
    case "--help":
    case "-h":
    case "help":
      process.stdout.write(help);
      return;
    case "train":
      return args.includes("--help") ? void process.stdout.write(help) : trainByFile(args);
    case "schema":
      process.stdout.write(`${JSON.stringify(runConfigJsonSchema(), null, 2)}\n`);
      return;
    case "convert":
    case "merge": {
      const [options, text, run] =
        command === "merge"
          ? ([mergeOptions, mergeHelp, runMerge] as const)
          : ([convertOptions, convertHelp, runConvert] as const);
      const values = parse(args, options);
      if (values.help) process.stdout.write(text);
      else run(values);
      return;
    }
    case "doctor": {
      const values = parse(args, doctorOptions);
      if (values.help) process.stdout.write(doctorHelp);
      else await runDoctor(values);
      return;
    }
    case "explain":
      return args.includes("--help") ? void process.stdout.write(explainHelp) : runExplain();
    case "generate":
    case "evaluate":
    case "compress": {
      const [options, text, run] = {
        generate: [generateOptions, generateHelp, runGenerate] as const,
        evaluate: [evaluateOptions, evaluateHelp, runEvaluate] as const,
        compress: [compressOptions, compressHelp, runCompress] as const,
      }[command];
      const values = parse(args, options);
      if (values.help) process.stdout.write(text);
      else await run(values);
      return;
    }
    default:
      throw new TrainerError("bad_config", `"${command}" is not a command. See tiebreak-trainer --help.`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
