import { TrainerError } from "../contracts/error";
import { loadModel } from "../generation/loadedModel";
import { evaluateModel } from "../recipes/evaluate";
import { openProvider } from "../runtime/provider";
import { figureLines } from "./output";
import { writePairs } from "./pairs";

type Values = Readonly<Record<string, unknown>>;

export const generateOptions = {
  model: { type: "string" },
  models: { type: "string" },
  prompt: { type: "string" },
  prompts: { type: "string" },
  n: { type: "string" },
  out: { type: "string" },
  "max-tokens": { type: "string" },
  temperature: { type: "string" },
  "top-k": { type: "string" },
  "top-p": { type: "string" },
  "min-p": { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;

export const generateHelp = `tiebreak-trainer generate: answers a prompt, or many in pairs for people to compare

  --model FOLDER        Hugging Face folder of a language model (needed, or --models)
  --prompt TEXT         (needed, or --prompts)
  --prompts FILE        JSON lines with a "prompt", or one prompt a line: writes pairs of answers as JSON lines, which the
                        import page reads
  --models FOLDER,…     every two of them meet; one alone meets itself
  --n NUMBER            pairs for each prompt (default 1)
  --out FILE            for the pairs (default: standard output)
  --max-tokens NUMBER   (default 120)
  --temperature NUMBER  0 always takes the likeliest token (default 0.8)
  --top-k, --top-p, --min-p NUMBER  leave out unlikely tokens (default: none)
  --seed NUMBER         (default 0)
  --json                one chunk a line, for machines
`;

export const evaluateOptions = {
  model: { type: "string" },
  dataset: { type: "string" },
  reference: { type: "string" },
  split: { type: "string" },
  beta: { type: "string" },
  "batch-size": { type: "string" },
  "max-length": { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;

export const evaluateHelp = `tiebreak-trainer evaluate: judges a model on a dataset of pairs, with intervals bootstrapped by prompt

  --model FOLDER        a reward model (accuracy, margin) or a language model (loss of a token of the chosen answers)
                        (needed)
  --dataset FOLDER      with train.jsonl and test.jsonl (needed)
  --reference FOLDER    the model a language model was tuned from: also gives DPO's rewards
  --split train|test    (default test)
  --beta NUMBER         of those rewards (default 0.1)
  --batch-size NUMBER   (default 8)
  --max-length NUMBER   in tokens (default 512)
  --seed NUMBER         of the bootstrap (default 0)
  --json                for machines
`;

function number(values: Values, name: string, usual: number): number {
  const typed = values[name];
  const value = typed === undefined ? usual : Number(typed);
  if (Number.isFinite(value)) return value;
  throw new TrainerError("bad_config", `--${name} needs a number, not "${String(typed)}".`, { field: name });
}

function text(values: Values, name: string): string {
  const typed = values[name];
  if (typeof typed === "string") return typed;
  throw new TrainerError("bad_config", `--${name} is missing. See --help.`, { field: name });
}

export async function runGenerate(values: Values): Promise<void> {
  const sampling = {
    maxTokens: number(values, "max-tokens", 120),
    temperature: number(values, "temperature", 0.8),
    topK: number(values, "top-k", 0),
    topP: number(values, "top-p", 1),
    minP: number(values, "min-p", 0),
    seed: number(values, "seed", 0),
  };
  if (values.prompts !== undefined) {
    const folders = text(values, values.models === undefined ? "model" : "models").split(",");
    const out = values.out === undefined ? null : text(values, "out");
    return writePairs(folders, text(values, "prompts"), number(values, "n", 1), sampling, out);
  }
  const prompt = [{ role: "user" as const, content: text(values, "prompt") }];
  const model = loadModel(text(values, "model"), await openProvider("auto"));
  for await (const chunk of model.generate({ prompt, sampling })) {
    if (values.json === true) process.stdout.write(`${JSON.stringify(chunk)}\n`);
    else if (chunk.type === "text") process.stdout.write(chunk.text);
  }
  if (values.json !== true) process.stdout.write("\n");
  await model.dispose();
}

export async function runEvaluate(values: Values): Promise<void> {
  const split = values.split ?? "test";
  if (split !== "train" && split !== "test") throw new TrainerError("bad_config", "--split is train or test.");
  const provider = await openProvider("auto");
  const result = await evaluateModel(
    {
      model: text(values, "model"),
      dataset: text(values, "dataset"),
      split,
      reference: typeof values.reference === "string" ? values.reference : undefined,
      beta: number(values, "beta", 0.1),
      batchSize: number(values, "batch-size", 8),
      maxLength: number(values, "max-length", 512),
      seed: number(values, "seed", 0),
    },
    provider,
  );
  await provider.close();
  const { metrics, intervals, pairs, prompts } = result;
  const lines = `${pairs} pairs on ${prompts} prompts\n${figureLines(metrics, intervals)}`;
  process.stdout.write(`${values.json === true ? JSON.stringify(result) : lines}\n`);
}
