import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { BaseWeights } from "../contracts/adapter";
import type { AddedModel } from "../contracts/addition";
import { TrainerError } from "../contracts/error";
import { withFile } from "./binaryFile";
import { checksum } from "./checksum";
import { readGgufHeader } from "./gguf/header";
import { readGguf } from "./gguf/model";
import { loadLlama2c } from "./llama2c";
import { loadModelFolder, type ModelFolder, parameterCount, saveModelFolder } from "./modelFolder";
import { inFullPrecision } from "./nf4/model";
import { weightFiles } from "./weights";

const isGguf = (path: string): boolean => extname(path).toLowerCase() === ".gguf";

/** Loads a .gguf file, a .bin of llama2.c with its tokenizer file, or a Hugging Face folder, this in 4 bits if they are wanted. */
export function loadAnyModel(path: string, tokenizer?: string, weights: BaseWeights = "full"): ModelFolder {
  if (isGguf(path)) return readGguf(path);
  if (extname(path).toLowerCase() !== ".bin") return loadModelFolder(path, weights);
  if (tokenizer) return loadLlama2c(path, tokenizer);
  throw new TrainerError("bad_config", "A .bin of llama2.c needs its tokenizer file: --tokenizer FILE.");
}

/** Saves a model from elsewhere with a card that says what it is. */
export function saveForeign(folder: string, from: string, model: ModelFolder, dtype: "F32" | "F16"): string {
  const count = (parameterCount(model.parameters) / 1e6).toFixed(1);
  const what = `${model.config.family}, ${count} million parameters`;
  saveModelFolder(folder, model, `# ${basename(from)}\n\nFrom ${basename(from)}: ${what}.\n`, dtype);
  return what;
}

const isFile = (path: string): boolean => statSync(path).isFile();

/** `license:` of a card's front matter, or a GGUF file's general.license. */
function licenceOf(path: string): string | null {
  if (isGguf(path)) {
    const licence = withFile(path, (file) => readGgufHeader(file).metadata.get("general.license"));
    return typeof licence === "string" ? licence.slice(0, 100) : null;
  }
  const card = join(path, "README.md");
  const [, front] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(existsSync(card) ? readFileSync(card, "utf8") : "") ?? [];
  return /^license:\s*["']?([^"'\r\n]{1,100})/m.exec(front ?? "")?.[1]?.trim() ?? null;
}

/** Checks a model by loading it whole and saves it as a folder of its own, in full precision. */
export function addModel(from: string, folder: string, tokenizer?: string): AddedModel {
  const model = inFullPrecision(loadAnyModel(from, tokenizer));
  saveForeign(folder, from, model, "F32");
  return {
    kind: model.head === "reward" ? "reward" : "policy",
    family: model.config.family,
    context: model.config.maxPositions,
    licence: licenceOf(from),
    sha256: checksum(isFile(from) ? [from] : weightFiles(from)),
  };
}
