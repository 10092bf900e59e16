import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { TrainerError } from "../../contracts/error";
import { writeFolderAtomically } from "../../io/atomic";
import { withFile } from "../../io/binaryFile";
import { fingerprint } from "../../io/fingerprint";
import { floatToHalf, halfToFloat } from "../../io/floats";
import { descriptionFiles, type ModelDescription, type ModelFolder, readDescription } from "../../io/modelFolder";
import {
  type Parameters,
  readSafetensorsHeader,
  readTensor,
  type StoredTensor,
  safetensorsPieces,
} from "../../io/safetensors";
import { allProjections } from "../../models/names";
import { type HostArray, int32 } from "../../runtime/tree";
import { requireShapes } from "../shapes";
import { deltaNames } from "./names";

const [configName, weightsName] = ["delta_config.json", "delta.safetensors"];

const configSchema = z.object({
  format: z.literal("tiebreak-bitdelta"),
  version: z.literal(1),
  base_model_name_or_path: z.string().min(1),
  base_sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type DeltaFile = z.infer<typeof configSchema>;

export const isDeltaFolder = (folder: string): boolean => existsSync(join(folder, configName));

const prints = new WeakMap<Parameters, string>();

/** Tells a base by its tensors, in the order of their names. */
function baseFingerprint(parameters: Parameters): string {
  const known = prints.get(parameters);
  if (known) return known;
  const sorted = Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
  const print = fingerprint(sorted);
  prints.set(parameters, print);
  return print;
}

/** Signs as the bytes they are; numbers that half precision holds in half precision; scales in full. */
function storedAs(name: string, { data }: HostArray): "F32" | "F16" {
  const isScale = name.endsWith(deltaNames("").scale);
  return !isScale && data.every((x) => halfToFloat(floatToHalf(x)) === x) ? "F16" : "F32";
}

const asBytes = ({ data, shape }: HostArray): HostArray => ({
  dtype: "uint8",
  shape: [shape[0] as number, 4 * (shape[1] as number)],
  data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** Writes a delta of `base`, with what of the fine-tuned model is no weight. `baseModel` is where the base is. */
export function saveDeltaFolder(
  folder: string,
  parameters: Parameters,
  {
    base,
    tuned,
    baseModel,
    card,
  }: Readonly<Record<"base" | "tuned", ModelFolder> & Record<"baseModel" | "card", string>>,
): void {
  const file: DeltaFile = {
    format: "tiebreak-bitdelta",
    version: 1,
    base_model_name_or_path: baseModel,
    base_sha256: baseFingerprint(base.parameters),
  };
  const { "tokenizer.json": tokenizer, ...description } = descriptionFiles(tuned, "F32");
  const sameTokenizer = JSON.stringify(base.tokenizer.json) === JSON.stringify(tuned.tokenizer.json);
  const tensors = Object.fromEntries(
    Object.entries(parameters).map(([name, array]) => [name, array.dtype === "int32" ? asBytes(array) : array]),
  );
  writeFolderAtomically(folder, {
    [configName]: `${JSON.stringify(file, null, 2)}\n`,
    ...description,
    ...(!sameTokenizer && { "tokenizer.json": tokenizer as string }),
    [weightsName]: safetensorsPieces(tensors, (name) => storedAs(name, parameters[name] as HostArray)),
    "README.md": card,
  });
}

function readConfig(folder: string): DeltaFile {
  const file = join(folder, configName);
  let json: unknown = null;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The schema says what is missing.
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrainerError("bad_model", `${file}: ${issue?.path.join(".") || "the file"}: ${issue?.message}.`, { file });
}

/** Where a delta's base is, by its own words. */
export const baseOfDelta = (folder: string): string => readConfig(folder).base_model_name_or_path;

/** Reads a delta; refuses a base that is not, to the bit, the one it was made from. */
export function loadDeltaFolder(
  folder: string,
  base: ModelFolder,
): { readonly tuned: ModelDescription; readonly parameters: Parameters } {
  const { base_model_name_or_path: name, base_sha256: expected } = readConfig(folder);
  const found = baseFingerprint(base.parameters);
  if (found !== expected) {
    throw new TrainerError(
      "bad_model",
      `${folder}: ${name} is not the base this delta was made from (SHA-256 of its weights ${found.slice(0, 12)}…, made from ${expected.slice(0, 12)}…). Put the base of that time there, or its path into ${configName}.`,
      { folder, base: name, found, expected },
    );
  }
  const tokenizer = existsSync(join(folder, "tokenizer.json")) ? null : base.tokenizer;
  const tuned = readDescription(folder, tokenizer);
  const parameters = readDelta(join(folder, weightsName));
  requireShapes(parameters, expectedShapes(parameters, base, tuned));
  return { tuned, parameters };
}

const readDelta = (path: string): Parameters =>
  withFile(path, (file) => {
    const words = (name: string, { shape, position, bytes }: StoredTensor): HostArray => {
      const [rows, width] = shape;
      if (shape.length !== 2 || !rows || !width || width % 4 !== 0)
        throw file.bad(`has signs ${name} of shape [${shape}]`);
      const data = new Int32Array(bytes / 4);
      file.readInto(new Uint8Array(data.buffer), position);
      return int32(data, [rows, width / 4]);
    };
    return Object.fromEntries(
      [...readSafetensorsHeader(file)].map(([name, tensor]) => [
        name,
        tensor.dtype === "U8" ? words(name, tensor) : readTensor(file, name, tensor),
      ]),
    );
  });

/** The shapes that tensors of these names have in a delta of this base. */
function expectedShapes(
  parameters: Parameters,
  base: ModelFolder,
  { config, head }: ModelDescription,
): Map<string, readonly number[]> {
  const expected = new Map<string, readonly number[]>();
  for (const { name } of allProjections(config)) {
    const { signs, scale } = deltaNames(name);
    if (!parameters[signs] && !parameters[scale]) continue;
    const { shape } = base.parameters[`${name}.weight`] as HostArray;
    const [rows, columns] = shape as [number, number];
    expected.set(signs, [rows, Math.ceil(columns / 32)]);
    expected.set(scale, []);
  }
  for (const name of Object.keys(parameters)) {
    const whole = base.parameters[name]?.shape;
    if (whole) expected.set(name, whole);
  }
  if (head === "reward" && !base.parameters["score.weight"]) expected.set("score.weight", [1, config.hiddenSize]);
  return expected;
}
