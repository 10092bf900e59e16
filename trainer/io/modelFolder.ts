import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import { Tokenizer, type TokenizerJson } from "../data/tokenizer";
import type { LlamaConfig } from "../models/config";
import { configJson, parseConfig } from "../models/configJson";
import { parameterShapes } from "../models/initialise";
import { writeFolderAtomically } from "./atomic";
import { type Parameters, safetensorsPieces } from "./safetensors";
import { readWeights } from "./weights";

type Head = "causal" | "reward";

/** A model as a Hugging Face folder holds it. */
export interface ModelFolder {
  readonly config: LlamaConfig;
  readonly head: Head;
  readonly parameters: Parameters;
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

const tokenText = (token: unknown): string =>
  typeof token === "string"
    ? token
    : typeof token === "object" && token !== null && "content" in token
      ? String(token.content)
      : "";

/** Loads a folder; checks that every parameter is there with the shape that config.json promises. */
export function loadModelFolder(folder: string): ModelFolder {
  const configFile = join(folder, "config.json");
  const json = readJson(configFile);
  const config = parseConfig(json, configFile);
  const head: Head = String((json.architectures as string[] | undefined)?.[0]).endsWith("SequenceClassification")
    ? "reward"
    : "causal";
  const expected: Record<string, number[]> = {
    ...parameterShapes(config),
    ...(head === "reward" && { "score.weight": [1, config.hiddenSize] }),
  };
  if (head === "reward") delete expected["lm_head.weight"];
  const tokenizerConfig = readJson(join(folder, "tokenizer_config.json"));
  return {
    config,
    head,
    parameters: readWeights(folder, expected),
    tokenizer: new Tokenizer(readJson(join(folder, "tokenizer.json")) as unknown as TokenizerJson),
    chatTemplate: typeof tokenizerConfig.chat_template === "string" ? tokenizerConfig.chat_template : null,
    bosToken: tokenText(tokenizerConfig.bos_token),
    eosToken: tokenText(tokenizerConfig.eos_token),
  };
}

/** Saves a model so that transformers loads it; the folder appears whole or not at all. */
export function saveModelFolder(folder: string, model: ModelFolder, card: string, dtype: "F32" | "F16"): void {
  const { config, head, tokenizer, chatTemplate, bosToken, eosToken } = model;
  const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  writeFolderAtomically(folder, {
    "config.json": pretty(configJson(config, head, dtype === "F16" ? "float16" : "float32")),
    "generation_config.json": pretty({
      bos_token_id: config.bosId,
      eos_token_id: config.eosId,
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
    "model.safetensors": safetensorsPieces(model.parameters, dtype),
    "README.md": card,
  });
}

export const parameterCount = (parameters: Parameters): number =>
  Object.values(parameters).reduce((sum, { data }) => sum + data.length, 0);
