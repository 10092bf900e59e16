import { z } from "zod";
import { TrainerError } from "../../contracts/error";

/** A tokenizer.json: only what says how text becomes tokens. */
export interface TokenizerJson {
  readonly version: "1.0";
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly string[])[];
  };
  readonly [other: string]: unknown;
}

const id = z.number().int().nonnegative().max(16_777_215);

const addedSchema = z.object({
  id,
  content: z.string().min(1).max(1000),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(true),
  special: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof addedSchema>;

const bpeSchema = z.object({
  type: z.literal("BPE").default("BPE"),
  vocab: z.record(z.string(), id),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  unk_token: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  dropout: z.union([z.null(), z.literal(0)]).optional(),
  continuing_subword_prefix: z.union([z.null(), z.literal("")]).optional(),
  end_of_word_suffix: z.union([z.null(), z.literal("")]).optional(),
});
export type BpeJson = z.infer<typeof bpeSchema>;

/** A normaliser, pre-tokeniser or decoder. */
export type Component = { readonly type: string } & Readonly<Record<string, unknown>>;
const componentSchema = z.looseObject({ type: z.string() });

const tokenizerSchema = z.object({
  added_tokens: z.array(addedSchema).max(100_000).default([]),
  normalizer: componentSchema.nullish(),
  pre_tokenizer: componentSchema.nullish(),
  decoder: componentSchema.nullish(),
  model: bpeSchema,
});

/** Reads tokenizer.json; an error names the field. */
export function parseTokenizerJson(json: unknown) {
  const parsed = tokenizerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrainerError(
    "bad_model",
    `tokenizer.json: ${issue?.path.join(".") || "the whole file"}: ${issue?.message}. BPE tokenizers are read, byte-level and SentencePiece's.`,
  );
}

const deepest = 8;

/** The parts of a component, sequences taken apart, in order. */
export function flattened(component: Component | null | undefined, list: string, depth = 0): Component[] {
  if (!component) return [];
  if (component.type !== "Sequence") return [component];
  const parts = z.array(componentSchema).safeParse(component[list]);
  if (!parts.success || depth === deepest) {
    throw new TrainerError(
      "bad_model",
      `tokenizer.json: a Sequence without ${list}, or nested deeper than ${deepest}.`,
    );
  }
  return parts.data.flatMap((part) => flattened(part, list, depth + 1));
}

/** The regular expressions that a normaliser or a pre-tokeniser has. */
export const patternsOf = (components: readonly Component[]): string[] =>
  components.flatMap(({ pattern }) =>
    typeof pattern === "object" && pattern !== null && "Regex" in pattern ? [String(pattern.Regex)] : [],
  );

/** A component's settings by a schema; an error names the component. */
export function settings<T>(component: Component, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(component);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrainerError(
    "bad_model",
    `tokenizer.json: ${component.type}: ${issue?.path.join(".")}: ${issue?.message}.`,
  );
}

export const unknownComponent = (kind: string, { type }: Component): TrainerError =>
  new TrainerError("bad_model", `tokenizer.json: the ${kind} ${type.slice(0, 60)} is not read.`);
