import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import { type AdapterConfig, adapterSchema } from "@/trainer/contracts/adapter";
import { type AdapterKind, adapterKindOf } from "@/trainer/contracts/adapterKinds";
import { type ModelShape, modelShape } from "@/trainer/contracts/modelShape";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";

export const starterModelId = "starter";
/** `path` of the model that ships with the product: it does not lie in the data folder. */
export const starterPath = "starter";

/** The product runs in its own folder (server/web/main.ts); the starter model lies in it. */
export const starterDir = join(process.cwd(), "trainer", "starter");

/** Where models are: in the data folder, and the one that ships with the product. */
export interface ModelPlaces {
  readonly dataDir: string;
  readonly starterDir: string;
}

/** Where a registered model's files are. */
export function modelFolder(path: string, { dataDir, starterDir }: ModelPlaces): string {
  if (path === starterPath) return starterDir;
  const folder = resolve(dataDir, path);
  if (!folder.startsWith(resolve(dataDir) + sep)) throw new Error(`${path} leads out of the data folder`);
  return folder;
}

/** The file of a model's, an adapter's or a delta's tensors. */
const weightsNames = ["adapter_model.safetensors", "delta.safetensors"];

/** Counts a model's parameters, of an adapter its own, from the header of its safetensors file, and the bytes of its files. */
export function measureModelFolder(folder: string): { parameters: number; bytes: number } {
  const beside = weightsNames.map((name) => join(folder, name)).find((file) => existsSync(file));
  const header = readHeader(beside ?? join(folder, "model.safetensors"));
  const parameters = Object.entries(header).reduce(
    (sum, [name, { shape }]) => (name === "__metadata__" ? sum : sum + shape.reduce((n, size) => n * size, 1)),
    0,
  );
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { parameters, bytes };
}

/** What decides the cost of training a model, from its config.json and the header of its weights; null for an adapter, or where the files tell too little. */
export function readModelShape(folder: string): ModelShape | null {
  const [config, weights] = [join(folder, "config.json"), join(folder, "model.safetensors")];
  if (!existsSync(config) || !existsSync(weights)) return null;
  const { __metadata__: _, ...tensors } = readHeader(weights);
  const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  return modelShape(shapes, JSON.parse(readFileSync(config, "utf8")));
}

/** Says of a delta on which base it stands. */
export const deltaConfigName = "delta_config.json";

export const adapterConfigName = "adapter_config.json";

const peftSchema = z.object({
  peft_type: z.string(),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
});
const methods: Readonly<Record<string, AdapterConfig["method"]>> = {
  LORA: "lora",
  PROMPT_TUNING: "prompt",
  PREFIX_TUNING: "prefix",
};

/**
 * Which adapter a folder holds; null where it is a whole model. PEFT's file does not say how a LoRA was started or how fast it
 * learned: the configuration of the run that made it does.
 */
export function adapterKindIn(folder: string, config?: RunConfigInput | null): AdapterKind | null {
  const file = join(folder, adapterConfigName);
  if (!existsSync(file)) return null;
  if (config && "adapter" in config && config.adapter) return adapterKindOf(adapterSchema.parse(config.adapter));
  const { peft_type, use_rslora, use_dora } = peftSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const method = methods[peft_type] ?? "lora";
  return adapterKindOf({ method, rankStabilised: use_rslora, decomposed: use_dora });
}

/** safetensors: eight bytes of length, little-endian, then that much JSON. */
function readHeader(file: string): Record<string, { shape: number[] }> {
  const handle = openSync(file, "r");
  try {
    const length = Buffer.alloc(8);
    readSync(handle, length, 0, 8, 0);
    const json = Buffer.alloc(Number(length.readBigUInt64LE()));
    readSync(handle, json, 0, json.length, 8);
    return JSON.parse(json.toString("utf8"));
  } finally {
    closeSync(handle);
  }
}
