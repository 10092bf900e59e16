import { existsSync } from "node:fs";
import { compressionSettingsSchema } from "../contracts/compression";
import { TrainerError } from "../contracts/error";
import { providerNames } from "../contracts/provider";
import { compress } from "../recipes/compress";
import { compressionRows, compressionSizes } from "../recipes/compressionCard";
import { openProvider } from "../runtime/provider";
import { duration } from "./output";

export const compressOptions = {
  model: { type: "string" },
  base: { type: "string" },
  dataset: { type: "string" },
  output: { type: "string" },
  rest: { type: "string" },
  embeddings: { type: "string" },
  steps: { type: "string" },
  "batch-size": { type: "string" },
  "max-length": { type: "string" },
  "learning-rate": { type: "string" },
  seed: { type: "string" },
  provider: { type: "string" },
  json: { type: "boolean" },
} as const;

export const compressHelp = `tiebreak-trainer compress: keeps of a fine-tuned model one bit a weight of what changed (BitDelta)

  --model FOLDER          the fine-tuned model, all its weights (needed)
  --base FOLDER           the model it was tuned from; the delta is used on it (needed)
  --dataset FOLDER        with train.jsonl and test.jsonl: texts to distil the scales on, and to judge by (needed)
  --output FOLDER         where the delta goes; it must not be there yet (needed)
  --rest f16|f32          how other changed tensors are kept: norms, biases, embeddings, heads (default f16)
  --embeddings kept|base  keep changed embeddings whole, or leave the base's: in small models most of the file (default kept)
  --steps NUMBER          that distil the scales; 0 leaves them at the mean size of the change (default 200)
  --batch-size NUMBER     texts in a step (default 4)
  --max-length NUMBER     tokens of a text (default 128)
  --learning-rate NUMBER  the most a step changes a scale, as a share of its first value (default 0.01)
  --seed NUMBER           of the order of the texts (default 0)
  --provider NAME         auto, ${providerNames.join(", ")} (default auto)
  --json                  the report for machines

Prints sizes, and before and after distilling the largest and mean error of the logits, the KL divergence and, where the
dataset has pairs, the held-out figures of evaluate. generate, evaluate and merge take the folder as a --model.
`;

type Values = Readonly<Record<string, unknown>>;

/** The settings' fields by the names of their flags. */
const flags = {
  rest: "rest",
  embeddings: "embeddings",
  steps: "steps",
  batchSize: "batch-size",
  maxLength: "max-length",
  learningRate: "learning-rate",
  seed: "seed",
} as const;

function settingsOf(values: Values) {
  const given = Object.entries(flags).flatMap(([field, flag]) => {
    const typed = values[flag];
    if (typed === undefined) return [];
    return [[field, field === "rest" || field === "embeddings" ? typed : Number(typed)]];
  });
  const parsed = compressionSettingsSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const flag = flags[issue?.path[0] as keyof typeof flags];
  throw new TrainerError("bad_config", `--${flag}: ${issue?.message}, not "${String(values[flag])}".`, { field: flag });
}

function folder(values: Values, name: string): string {
  const typed = values[name];
  if (typeof typed === "string" && typed !== "") return typed;
  throw new TrainerError("bad_config", `--${name} is missing. See --help.`, { field: name });
}

export async function runCompress(values: Values): Promise<void> {
  const [model, base, dataset, output] = ["model", "base", "dataset", "output"].map((name) => folder(values, name)) as [
    string,
    string,
    string,
    string,
  ];
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  const settings = settingsOf(values);
  const name = [...providerNames, "auto" as const].find((one) => one === (values.provider ?? "auto"));
  if (!name) throw new TrainerError("bad_config", `--provider is auto or one of ${providerNames.join(", ")}.`);
  const provider = await openProvider(name);
  try {
    const work = compress({ model, base, dataset, output, settings }, provider);
    let next = await work.next();
    while (!next.done) {
      const { stage, step, totalSteps, etaSeconds } = next.value;
      const left = etaSeconds === null ? "" : `, ${duration(etaSeconds)} left`;
      if (stage !== "distilling" || step % 20 === 0 || step === totalSteps) {
        process.stderr.write(`${stage}${stage === "distilling" ? ` ${step}/${totalSteps}` : ""}${left}\n`);
      }
      next = await work.next();
    }
    const report = next.value;
    if (values.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
    else {
      const rows = [["", "first scales", "kept scales", "fine-tuned"], ...compressionRows(report)];
      const lines = rows.map(([what = "", ...cells]) => `${what.padEnd(40)}${cells.map((c) => c.padEnd(14)).join("")}`);
      const kept = report.distilled
        ? "The distilled scales were kept."
        : "Distilling did not help: the first scales were kept.";
      const { texts, tokens, pairs } = report.heldOut;
      process.stdout.write(
        `${output}: ${compressionSizes(report)} ${kept}\nheld out: ${texts} texts, ${tokens} tokens, ${pairs} pairs\n${lines.map((line) => line.trimEnd()).join("\n")}\n`,
      );
    }
  } finally {
    await provider.close();
  }
}
