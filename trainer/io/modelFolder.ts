import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BaseWeights } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import { Tokenizer } from "../data/tokenizer";
import type { TokenizerJson } from "../data/tokenizing/schema";
import type { ModelConfig } from "../models/config";
import { configJson, idsSchema, parseConfig } from "../models/configJson";
import { parameterShapes } from "../models/initialise";
import { allProjections } from "../models/names";
import { writeFolderAtomically } from "./atomic";
import { fileTensors, quantizationConfig } from "./nf4/model";
import { type Nf4Origin, numbersOf } from "./nf4/stored";
import { type Parameters, safetensorsPieces } from "./safetensors";
import { readWeights } from "./weights";

type Head = "causal" | "reward";

/** A model as a Hugging Face folder holds it. */
export interface ModelFolder {
  readonly config: ModelConfig;
  readonly head: Head;
  readonly parameters: Parameters;
  /** What weights that came in 4 bits had been before. */
  readonly nf4Origin?: Nf4Origin;
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: string | null;
  readonly bosToken: string;
  readonly eosToken: string;
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file))
    throw new TrainerError(
      "bad_model",
      `${file} is missing. A model is a Hugging Face folder with config.json, tokenizer.json and model.safetensors.`,
      { file },
    );
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TrainerError("bad_model", `${file} is not JSON. Get the file again.`, { file }, { cause });
  }
}

const optionalJson = (file: string): Record<string, unknown> => (existsSync(file) ? readJson(file) : {});

const tokenText = (token: unknown): string =>
  typeof token === "string"
    ? token
    : typeof token === "object" && token !== null && "content" in token
      ? String(token.content)
      : "";

/** The template in a file of its own, in tokenizer_config.json, or there the one named "default" of several. */
function chatTemplateOf(folder: string, tokenizerConfig: Readonly<Record<string, unknown>>): string | null {
  const file = join(folder, "chat_template.jinja");
  if (existsSync(file)) return readFileSync(file, "utf8");
  const { chat_template: template } = tokenizerConfig;
  if (typeof template === "string") return template;
  const named = Array.isArray(template) ? (template as { readonly name?: unknown; readonly template?: unknown }[]) : [];
  const found = named.find((entry) => entry?.name === "default")?.template;
  return typeof found === "string" ? found : null;
}

/** A model but for its weights. */
export type ModelDescription = Omit<ModelFolder, "parameters">;

/** What a folder says of its model beside the weights; `tokenizer` is taken where the folder has none of its own. */
export function readDescription(folder: string, tokenizer: Tokenizer | null = null): ModelDescription {
  const configFile = join(folder, "config.json");
  const json = readJson(configFile);
  const config = parseConfig(json, configFile);
  const head: Head = String((json.architectures as string[] | undefined)?.[0]).endsWith("SequenceClassification")
    ? "reward"
    : "causal";
  const tokenizerConfig = optionalJson(join(folder, "tokenizer_config.json"));
  const named = { ...optionalJson(join(folder, "special_tokens_map.json")), ...tokenizerConfig };
  const generation = idsSchema.safeParse(optionalJson(join(folder, "generation_config.json")).eos_token_id);
  const endIds = [...new Set([...config.endIds, ...(generation.data ?? [])])];
  return {
    config: { ...config, endIds },
    head,
    tokenizer: tokenizer ?? new Tokenizer(readJson(join(folder, "tokenizer.json")) as unknown as TokenizerJson),
    chatTemplate: chatTemplateOf(folder, tokenizerConfig),
    bosToken: tokenText(named.bos_token),
    eosToken: tokenText(named.eos_token),
  };
}

/**
 * Loads a folder; checks that every parameter is there with the shape that config.json promises. In `nf4` the projections'
 * weights are in 4 bits, as they are anyway where the folder has them so.
 */
export function loadModelFolder(folder: string, weights: BaseWeights = "full"): ModelFolder {
  const description = readDescription(folder);
  const { config, head } = description;
  const expected: Record<string, number[]> = {
    ...parameterShapes(config),
    ...(head === "reward" && { "score.weight": [1, config.hiddenSize] }),
  };
  if (head === "reward") delete expected["lm_head.weight"];
  const { parameters, origin } = readWeights(folder, expected, {
    projections: allProjections(config),
    transposed: config.family === "gpt2",
    quantise: weights === "nf4",
  });
  return { ...description, parameters, ...(origin && { nf4Origin: origin }) };
}

/** Saves a model so that transformers loads it; the folder appears whole or not at all. */
export function saveModelFolder(folder: string, model: ModelFolder, card: string, dtype: "F32" | "F16"): void {
  writeFolderAtomically(folder, {
    ...descriptionFiles(model, dtype, quantizationConfig(model)),
    "model.safetensors": safetensorsPieces(fileTensors(model), dtype),
    "README.md": card,
  });
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A folder's files but for weights and card; config.json says `more`. */
export function descriptionFiles(
  model: ModelDescription,
  dtype: "F32" | "F16",
  more: object = {},
): Record<string, string> {
  const { config, head, tokenizer, chatTemplate, bosToken, eosToken } = model;
  return {
    "config.json": pretty({ ...configJson(config, head, dtype === "F16" ? "float16" : "float32"), ...more }),
    "generation_config.json": pretty({
      bos_token_id: config.bosId,
      eos_token_id: config.endIds.length > 1 ? config.endIds : config.eosId,
      pad_token_id: config.eosId,
    }),
    "tokenizer.json": pretty(tokenizer.json),
    "tokenizer_config.json": pretty({
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: bosToken,
      eos_token: eosToken,
      pad_token: eosToken,
      model_max_length: config.maxPositions,
      clean_up_tokenization_spaces: false,
      ...(chatTemplate !== null && { chat_template: chatTemplate }),
    }),
  };
}

/** Numbers in the model, however many bits each has. */
export const parameterCount = (parameters: Parameters): number =>
  Object.entries(parameters).reduce((sum, [name, { data }]) => sum + (numbersOf(parameters, name) ?? data.length), 0);

/** Bytes that the parameters take. */
export const parameterBytes = (parameters: Parameters): number =>
  Object.values(parameters).reduce((sum, { data }) => sum + data.byteLength, 0);
