import { float32, type HostArray, int32 } from "../runtime/tree";
import { bucketOf } from "./batches";

/** A prompt and an answer to it as token ids; the completion ends with the end-of-text token unless it was cut. */
export interface TokenSequence {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
}

/**
 * A batch of n sequences: `ids` [n, T]; `rows`, `targets`, `mask` [n, C]: where in the flattened hidden states each
 * completion token is predicted from, the token, and whether it is real; `last` [n]: each sequence's last token; `length`
 * [n]: tokens in the completion. Padding is by length, never by id.
 */
export function collateSequences(sequences: readonly TokenSequence[]): Record<string, HostArray> {
  const T = bucketOf(Math.max(...sequences.map((s) => s.prompt.length + s.completion.length)));
  const n = sequences.length;
  const ids = new Int32Array(n * T);
  const last = new Int32Array(n);
  sequences.forEach(({ prompt, completion }, s) => {
    ids.set([...prompt, ...completion], s * T);
    last[s] = s * T + prompt.length + completion.length - 1;
  });
  const completions = sequences.map(({ prompt, completion }, s) => ({
    tokens: completion,
    first: s * T + prompt.length - 1,
  }));
  return {
    ids: int32(ids, [n, T]),
    last: int32(last, [n]),
    length: float32(
      sequences.map((s) => s.completion.length),
      [n],
    ),
    ...scored(completions),
  };
}

/** Also scores the prompts of the first `count` sequences: `promptRows`, `promptTargets`, `promptMask` [count, P]. */
export function collatePrompts(sequences: readonly TokenSequence[], count: number, T: number) {
  // Nothing predicts the first token.
  const prompts = sequences.slice(0, count).map(({ prompt }, s) => ({ tokens: prompt.slice(1), first: s * T }));
  const { rows, targets, mask } = scored(prompts);
  return { promptRows: rows, promptTargets: targets, promptMask: mask };
}

/** Runs of tokens as padded arrays; `first` is the flattened place that a run's first token is predicted from. */
function scored(runs: readonly { readonly tokens: readonly number[]; readonly first: number }[]) {
  const n = runs.length;
  const C = bucketOf(Math.max(...runs.map(({ tokens }) => tokens.length)));
  const [rows, targets, mask] = [new Int32Array(n * C), new Int32Array(n * C), new Float32Array(n * C)];
  runs.forEach(({ tokens, first }, s) => {
    tokens.forEach((token, j) => {
      rows[s * C + j] = first + j;
      targets[s * C + j] = token;
      mask[s * C + j] = 1;
    });
  });
  return { rows: int32(rows, [n, C]), targets: int32(targets, [n, C]), mask: float32(mask, [n, C]) };
}

/** The items of a batch filled up with its first one to `size`, so that every batch of a run has one shape. */
export const filled = <T>(items: readonly T[], size: number): T[] =>
  Array.from({ length: size }, (_, i) => items[i] ?? (items[0] as T));

/** One share of `total` for each real item and nothing for those that fill the batch: [size]. Over a whole step they sum to 1. */
export const shares = (real: number, size: number, total: number): HostArray =>
  float32(
    Array.from({ length: size }, (_, i) => (i < real ? 1 / total : 0)),
    [size],
  );

export const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
