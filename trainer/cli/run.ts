import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import { presetConfig, presetNames, presetSchema } from "../contracts/preset";
import { type RunConfig, type RunConfigInput, snapshotRunKinds } from "../contracts/runConfig";
import { preflight } from "../recipes/preflight";
import { parseConfig, train } from "../recipes/train";
import { openProvider } from "../runtime/provider";
import { configOptions, flagHelp, withFlags } from "./flags";
import { eventPrinter, preflightText } from "./output";

type Values = Readonly<Record<string, unknown>>;
type Json = Readonly<Record<string, unknown>>;

/** Flags of every kind of run beside its configuration's own. */
const runOptions = {
  config: { type: "string" },
  preset: { type: "string" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
} as const;

export const trainingOptions = (kind: RunConfig["kind"]) => ({ ...configOptions(kind), ...runOptions });

const presetHelp = (kind: RunConfig["kind"]): string =>
  snapshotRunKinds.some((k) => k === kind)
    ? `  --preset ${presetNames.join("|")}
      fills in what is not given, for small models (default balanced when there is no --config)
`
    : "";

export const trainingHelp = (kind: RunConfig["kind"], what: string): string => `tiebreak-trainer ${kind}: ${what}

  --config FILE
      JSON with any of the fields below by their names in the schema; flags win over it
${presetHelp(kind)}  --dry-run
      says what the run would do, use and take, and trains nothing
  --json
      one event a line, for machines
${flagHelp(kind)}

A run started again on its output folder goes on from the newest checkpoint, on the same bits.
`;

export function readJson(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TrainerError("bad_config", `${file} cannot be read as JSON: ${(cause as Error).message}`, { file });
  }
}

/** What a preset says for a dataset of this size. */
function presetOf(kind: RunConfig["kind"], name: string | undefined, dataset: unknown): Json {
  const snapshotKind = snapshotRunKinds.find((k) => k === kind);
  if (!snapshotKind) return {};
  const parsed = presetSchema.safeParse(name ?? "balanced");
  if (!parsed.success) throw new TrainerError("bad_config", `--preset is one of ${presetNames.join(", ")}.`);
  const file = join(String(dataset ?? ""), "train.jsonl");
  const lines = existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim()).length
    : 1;
  return { ...presetConfig(snapshotKind, parsed.data, lines) };
}

/** The configuration out of preset, file and flags, later ones winning. */
export function gatherConfig(kind: RunConfig["kind"], values: Values): RunConfigInput {
  const file = typeof values.config === "string" ? readJson(values.config) : null;
  const preset = typeof values.preset === "string" ? values.preset : undefined;
  const given = withFlags(kind, file ?? {}, values);
  const base = file && !preset ? {} : presetOf(kind, preset, given.dataset);
  const optimizer = { ...(base.optimizer as Json | undefined), ...(given.optimizer as Json | undefined) };
  // A preset's β belongs to its loss.
  const { beta: _, ...withoutBeta } = base;
  return { ...("loss" in given ? withoutBeta : base), ...given, optimizer, kind } as unknown as RunConfigInput;
}

/** Trains, or with --dry-run only looks ahead. */
export async function runTraining(config: RunConfigInput, values: Values): Promise<void> {
  const json = values.json === true;
  if (values["dry-run"] === true) {
    const parsed = parseConfig(config);
    const provider = await openProvider(parsed.provider);
    try {
      const result = await preflight(parsed, provider);
      process.stdout.write(`${json ? JSON.stringify(result) : preflightText(result)}\n`);
    } finally {
      await provider.close();
    }
    return;
  }
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const print = eventPrinter(process.stdout, json);
  try {
    for await (const event of train(config, { signal: controller.signal })) print(event);
  } catch (error) {
    if (!(error instanceof TrainerError) || error.code !== "gpu_lost") throw error;
    const message = `${error.message} The run goes on on the CPU, from its newest checkpoint.`;
    print({ type: "log", level: "warn", message });
    process.env.TIEBREAK_GPU = "0";
    const onCpu = { ...config, provider: "auto" as const };
    for await (const event of train(onCpu, { signal: controller.signal })) print(event);
  }
}
