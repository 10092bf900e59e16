import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../contracts/error";
import { type PreferenceExample, preferenceExampleSchema } from "../contracts/example";
import { float32, type HostArray, int32 } from "../runtime/tree";
import { bucketOf } from "./batches";
import { encodeCompletion, encodePrompt, type TextCodec } from "./text";

/** A pair as token ids; the completions end with the end-of-text token unless they were cut. */
export interface TokenPair {
  readonly promptId: string;
  readonly promptText: PreferenceExample["prompt"];
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  readonly probability: number;
  readonly strength: number;
}

/** Reads one split of a snapshot folder; an error names file, line and field. */
export function readPreferences(folder: string, split: "train" | "test"): PreferenceExample[] {
  const file = join(folder, `${split}.jsonl`);
  if (!existsSync(file))
    throw new TrainerError(
      "bad_dataset",
      `${file} is missing. A dataset is a folder with train.jsonl and test.jsonl.`,
      { file },
    );
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((text, i) => (text.trim() === "" ? [] : [parseLine(text, file, i + 1)]));
}

function parseLine(text: string, file: string, line: number): PreferenceExample {
  const bad = (field: string, problem: string) =>
    new TrainerError("bad_dataset", `${file}, line ${line}, ${field}: ${problem}.`, { file, line, field });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad("the whole line", "it is not JSON");
  }
  const parsed = preferenceExampleSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw bad(issue?.path.join(".") || "the whole line", issue?.message ?? "it is not a preference");
}

/** Tokenises; completions are cut at `maxLength`, pairs whose prompt alone fills it or whose answers are equal are dropped and counted. */
export function tokenisePairs(examples: readonly PreferenceExample[], codec: TextCodec, maxLength: number) {
  const dropped: Record<string, number> = {};
  const pairs = examples.flatMap((example): TokenPair[] => {
    const prompt = encodePrompt(codec, example.prompt);
    const room = maxLength - prompt.length;
    const chosen = encodeCompletion(codec, example.prompt, example.chosen).slice(0, Math.max(0, room));
    const rejected = encodeCompletion(codec, example.prompt, example.rejected).slice(0, Math.max(0, room));
    const reason =
      room <= 0
        ? "prompt_too_long"
        : prompt.length === 0
          ? "empty_prompt"
          : chosen.join() === rejected.join()
            ? "same_answers"
            : null;
    if (reason) {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      return [];
    }
    const { promptId, probability, strength } = example;
    return [{ promptId, promptText: example.prompt, prompt, chosen, rejected, probability, strength }];
  });
  return { pairs, dropped };
}

export const pairLength = ({ prompt, chosen, rejected }: TokenPair): number =>
  prompt.length + Math.max(chosen.length, rejected.length);

/**
 * A batch of pairs: `ids` [2B, T], chosen rows first; `rows`, `targets`, `mask` [2B, C]: where in the flattened hidden
 * states each completion token is predicted from, the token, and whether it is real; `last` [2B]: each sequence's last
 * token; `probability`, `strength`, `weight` [B], weight 0 for rows that only fill the batch. Padding is by length, never by id.
 */
export function collatePairs(
  pairs: readonly TokenPair[],
  batchSize: number,
): { batch: Record<string, HostArray>; tokens: number } {
  const sequences = (["chosen", "rejected"] as const).flatMap((side) =>
    Array.from({ length: batchSize }, (_, i) => {
      const pair = (pairs[i] ?? pairs[0]) as TokenPair;
      return { prompt: pair.prompt, completion: pair[side] };
    }),
  );
  const T = bucketOf(Math.max(...sequences.map((s) => s.prompt.length + s.completion.length)));
  const C = bucketOf(Math.max(...sequences.map((s) => s.completion.length)));
  const n = sequences.length;
  const [ids, rows, targets, last] = [
    new Int32Array(n * T),
    new Int32Array(n * C),
    new Int32Array(n * C),
    new Int32Array(n),
  ];
  const mask = new Float32Array(n * C);
  let tokens = 0;
  sequences.forEach(({ prompt, completion }, s) => {
    ids.set([...prompt, ...completion], s * T);
    last[s] = s * T + prompt.length + completion.length - 1;
    completion.forEach((token, j) => {
      rows[s * C + j] = s * T + prompt.length + j - 1;
      targets[s * C + j] = token;
      mask[s * C + j] = 1;
    });
    if (s % batchSize < pairs.length) tokens += prompt.length + completion.length;
  });
  const perPair = (value: (pair: TokenPair) => number) =>
    float32(
      Array.from({ length: batchSize }, (_, i) => value((pairs[i] ?? pairs[0]) as TokenPair)),
      [batchSize],
    );
  const weight = float32(
    Array.from({ length: batchSize }, (_, i) => (i < pairs.length ? 1 : 0)),
    [batchSize],
  );
  return {
    batch: {
      ids: int32(ids, [n, T]),
      rows: int32(rows, [n, C]),
      targets: int32(targets, [n, C]),
      mask: float32(mask, [n, C]),
      last: int32(last, [n]),
      probability: perPair((p) => p.probability),
      strength: perPair((p) => p.strength),
      weight,
    },
    tokens,
  };
}
