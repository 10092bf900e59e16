import { llama3Words, qwen2Words } from "../../data/tokenizing/knownPatterns";
import type { TokenizerJson } from "../../data/tokenizing/schema";
import type { BinaryFile } from "../binaryFile";
import { sentencePieceJson } from "../sentencePiece";
import type { GgufHeader, GgufValue } from "./header";

const byteLevel = (regex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: regex,
});
const split = (regex: string) => ({ type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false });
const sequence = (...pretokenizers: object[]) => ({ type: "Sequence", pretokenizers });

interface Kind {
  readonly pre_tokenizer: object;
  readonly normalizer?: object;
  readonly ignore_merges?: boolean;
}

const gpt2: Kind = { pre_tokenizer: byteLevel(true) };
const digits: Kind = { pre_tokenizer: sequence({ type: "Digits", individual_digits: true }, byteLevel(true)) };
const llama3: Kind = {
  pre_tokenizer: sequence(split(llama3Words), byteLevel(false)),
  ignore_merges: true,
};
const qwen2: Kind = {
  pre_tokenizer: sequence(split(qwen2Words), byteLevel(false)),
  normalizer: { type: "NFC" },
};

/** Byte-level tokenizers by what llama.cpp calls their pre-tokeniser. */
const kinds: Readonly<Record<string, Kind>> = {
  default: gpt2,
  "gpt-2": gpt2,
  smollm: digits,
  starcoder: digits,
  "llama-bpe": llama3,
  llama3,
  qwen2,
  "deepseek-r1-qwen": qwen2,
};

/** What llama.cpp says of a token. */
const [unknownType, controlType, userType, byteType] = [2, 3, 4, 6];

const strings = (value: GgufValue | undefined): string[] =>
  Array.isArray(value) && value.every((v) => typeof v === "string") ? value : [];
const numbers = (value: GgufValue | undefined): number[] =>
  Array.isArray(value) && value.every((v) => typeof v === "number") ? value : [];

/** A tokenizer.json, the tokens by id and the chat template out of a GGUF file's metadata. */
export function tokenizerOf(file: BinaryFile, { metadata }: GgufHeader) {
  const get = (key: string) => metadata.get(`tokenizer.ggml.${key}`);
  const tokens = strings(get("tokens"));
  if (tokens.length === 0) throw file.bad("holds no tokenizer");
  const types = numbers(get("token_type"));
  const template = metadata.get("tokenizer.chat_template");
  const chatTemplate = typeof template === "string" ? template : null;
  const model = get("model");
  const ofType = (type: number) => (_: unknown, id: number) => types[id] === type;
  if (model === "llama") {
    const pieces = tokens.map((text, id) => ({ text, score: numbers(get("scores"))[id] ?? 0 }));
    const json = sentencePieceJson(pieces, {
      special: (id) => types[id] === controlType || types[id] === unknownType,
      plain: (id) => types[id] !== byteType && types[id] !== controlType,
      unknown: tokens.find(ofType(unknownType)) ?? null,
      spaceInFront: get("add_space_prefix") !== false,
    });
    return { json, tokens, chatTemplate };
  }
  const pre = get("pre") ?? "default";
  const kind = typeof pre === "string" ? kinds[pre] : undefined;
  if (model !== "gpt2" || !kind)
    throw file.bad(`has a tokenizer ${String(model).slice(0, 40)}/${String(pre).slice(0, 40)}, which is not read`);
  return { json: byteLevelJson(tokens, types, strings(get("merges")), kind), tokens, chatTemplate };
}

function byteLevelJson(
  tokens: readonly string[],
  types: readonly number[],
  merges: string[],
  kind: Kind,
): TokenizerJson {
  const added = tokens.flatMap((content, id) =>
    types[id] === controlType || types[id] === userType
      ? [{ id, content, ...addedFlags, special: types[id] === controlType }]
      : [],
  );
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: kind.normalizer ?? null,
    pre_tokenizer: kind.pre_tokenizer,
    post_processor: null,
    decoder: byteLevel(true),
    model: {
      type: "BPE",
      ignore_merges: kind.ignore_merges ?? false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    } as TokenizerJson["model"],
  };
}

const addedFlags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
