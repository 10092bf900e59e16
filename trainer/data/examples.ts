import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { TrainerError } from "../contracts/error";
import {
  type CompletionExample,
  completionExampleSchema,
  type PreferenceExample,
  preferenceExampleSchema,
} from "../contracts/example";

export type Split = "train" | "test";

interface Line {
  readonly file: string;
  readonly line: number;
  readonly json: unknown;
}

/** Pairs of one split of a dataset; an error names file, line and field. */
export const readPreferences = (folder: string, split: Split): PreferenceExample[] =>
  readLines(folder, split).map((line) => parse(preferenceExampleSchema, line));

/**
 * Single answers of one split: lines with a `completion`, and of lines that are pairs the chosen answer, with `both` also
 * the rejected one as an undesirable answer and the labelled responses of `<split>-responses.jsonl`.
 */
export function readCompletions(folder: string, split: Split, both: boolean): CompletionExample[] {
  const responses = `${split}-responses` as const;
  const more = both && existsSync(join(folder, `${responses}.jsonl`)) ? readLines(folder, responses) : [];
  return [...readLines(folder, split), ...more].flatMap((line) => {
    const { json } = line;
    if (typeof json === "object" && json !== null && "completion" in json) {
      const example = parse(completionExampleSchema, line);
      return both || example.label ? [example] : [];
    }
    const { id, promptId, prompt, chosen, rejected } = parse(preferenceExampleSchema, line);
    const desirable = { id: `${id}-chosen`, promptId, prompt, completion: chosen, label: true };
    const undesirable = { id: `${id}-rejected`, promptId, prompt, completion: rejected, label: false };
    return both ? [desirable, undesirable] : [desirable];
  });
}

const promptExampleSchema = preferenceExampleSchema.pick({ promptId: true, prompt: true });

/** The prompts of one split, one for each line, whatever else is in it. */
export const readPrompts = (folder: string, split: Split): z.infer<typeof promptExampleSchema>[] =>
  readLines(folder, split).map((line) => parse(promptExampleSchema, line));

/** What is said in one split, whatever kind of lines it has: prompts, each with an answer where the line has one, with both where it has two. */
export function readTexts(folder: string, split: Split): Omit<CompletionExample, "id" | "label">[] {
  return readLines(folder, split).flatMap((line) => {
    const { json } = line;
    const has = (field: string) => typeof json === "object" && json !== null && field in json;
    if (has("completion")) return [parse(completionExampleSchema, line)];
    if (!has("chosen")) return [{ ...parse(promptExampleSchema, line), completion: [] }];
    const { promptId, prompt, chosen, rejected } = parse(preferenceExampleSchema, line);
    return [chosen, rejected].map((completion) => ({ promptId, prompt, completion }));
  });
}

function readLines(folder: string, split: Split | `${Split}-responses`): Line[] {
  const file = join(folder, `${split}.jsonl`);
  if (!existsSync(file))
    throw new TrainerError(
      "bad_dataset",
      `${file} is missing. A dataset is a folder with train.jsonl and test.jsonl.`,
      { file },
    );
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((text, i): Line[] => {
      if (text.trim() === "") return [];
      const at = { file, line: i + 1 };
      try {
        return [{ ...at, json: JSON.parse(text) }];
      } catch {
        throw bad(at, "the whole line", "it is not JSON");
      }
    });
}

function parse<T>(schema: z.ZodType<T>, line: Line): T {
  const parsed = schema.safeParse(line.json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw bad(line, issue?.path.join(".") || "the whole line", issue?.message ?? "it is not an example");
}

const bad = ({ file, line }: Pick<Line, "file" | "line">, field: string, problem: string) =>
  new TrainerError("bad_dataset", `${file}, line ${line}, ${field}: ${problem}.`, { file, line, field });
