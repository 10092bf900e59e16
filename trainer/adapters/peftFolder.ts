import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type AdapterConfig, adapterSchema, type BaseWeights, baseWeightKinds } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import { writeFolderAtomically } from "../io/atomic";
import type { ModelFolder } from "../io/modelFolder";
import { type Parameters, readSafetensors, safetensorsPieces } from "../io/safetensors";
import { nameOfBase } from "./basePlace";
import { methodOf, methodOfPeft } from "./registry";

const [configName, weightsName] = ["adapter_config.json", "adapter_model.safetensors"];
/** What PEFT's configuration has no place for: where the base lies from here, and how its weights did. */
const ownName = "tiebreak.json";
/** What PEFT puts before the names of parameters inside the model; a prompt's or prefix's table has its own name. */
const inModel = "base_model.model.";
const scoreName = "score.weight";

type Json = Readonly<Record<string, unknown>>;

/** An adapter and what it belongs to. */
export interface Adapter {
  readonly config: AdapterConfig;
  /** Its own parameters, and of a reward model the head. */
  readonly parameters: Parameters;
  readonly head: ModelFolder["head"];
  /** Where the base is. */
  readonly baseModel: string;
}

const withPrefix = (name: string): string => (name === "prompt_embeddings" ? name : `${inModel}${name}`);
const withoutPrefix = (name: string): string => (name.startsWith(inModel) ? name.slice(inModel.length) : name);
const renamed = (parameters: Parameters, rename: (name: string) => string): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, array]) => [rename(name), array]));

/** Writes an adapter in PEFT's layout: `PeftModel.from_pretrained` loads it. `base` is the plain model. */
export function saveAdapterFolder(folder: string, adapter: Adapter, base: ModelFolder, card: string): void {
  const method = methodOf(adapter.config);
  if (!method) throw new Error("a fully trained model has no adapter");
  const { [scoreName]: score, ...own } = adapter.parameters;
  const { fields, tensors } = method.toPeft(adapter.config, base.config, own);
  const json = {
    ...fields,
    task_type: adapter.head === "reward" ? "SEQ_CLS" : "CAUSAL_LM",
    base_model_name_or_path: existsSync(adapter.baseModel) ? nameOfBase(adapter.baseModel) : adapter.baseModel,
    inference_mode: true,
    ...(score && { modules_to_save: ["score"] }),
  };
  writeFolderAtomically(folder, {
    [configName]: pretty(json),
    [weightsName]: safetensorsPieces(renamed({ ...tensors, ...(score && { [scoreName]: score }) }, withPrefix), "F32"),
    "README.md": card,
    [ownName]: pretty({
      ...(existsSync(adapter.baseModel) && { base: relative(resolve(folder), resolve(adapter.baseModel)) }),
      baseWeights: adapter.config.baseWeights,
    }),
  });
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const isAdapterFolder = (folder: string): boolean => existsSync(join(folder, configName));

/** Where an adapter's base is: as it lay when both were made, or what it is called. */
export function baseOf(folder: string): string {
  const own = join(folder, ownName);
  const { base: place } = existsSync(own) ? readJson(own) : {};
  if (typeof place === "string" && existsSync(join(folder, place))) return place;
  const { base_model_name_or_path: base } = readJson(join(folder, configName));
  if (typeof base === "string" && base !== "") return base;
  throw new TrainerError("bad_model", `${join(folder, configName)}: base_model_name_or_path is missing.`, { folder });
}

/** How the base's weights lay when the adapter was trained, as far as its folder tells. */
export function baseWeightsOf(folder: string): BaseWeights {
  const file = join(folder, ownName);
  if (!existsSync(file)) return "full";
  const parsed = adapterSchema.shape.baseWeights.safeParse(readJson(file).baseWeights);
  if (parsed.success) return parsed.data;
  throw new TrainerError("bad_model", `${file}: baseWeights is one of ${baseWeightKinds.join(", ")}.`, { file });
}

/** Reads an adapter in PEFT's layout for a base. */
export function loadAdapterFolder(folder: string, base: ModelFolder): Adapter {
  const file = join(folder, configName);
  const fields = readJson(file);
  const method = methodOfPeft(fields.peft_type);
  if (!method) {
    const type = JSON.stringify(fields.peft_type);
    throw new TrainerError(
      "bad_model",
      `${file}: peft_type ${type} is not read; LORA, PROMPT_TUNING and PREFIX_TUNING are.`,
    );
  }
  const { [scoreName]: score, ...tensors } = renamed(readSafetensors(join(folder, weightsName)), withoutPrefix);
  const { config, adapter } = method.fromPeft({ fields, tensors }, base.config);
  const head = fields.task_type === "SEQ_CLS" ? "reward" : "causal";
  if (head === "reward" && !score) {
    throw new TrainerError("bad_model", `${file}: a reward model's adapter needs ${scoreName}, its trained head.`, {
      file,
    });
  }
  const own = { ...config, baseWeights: baseWeightsOf(folder) };
  return {
    config: own,
    parameters: { ...adapter, ...(score && { [scoreName]: score }) },
    head,
    baseModel: baseOf(folder),
  };
}

function readJson(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TrainerError("bad_model", `${file} cannot be read as JSON. Get the file again.`, { file }, { cause });
  }
}
