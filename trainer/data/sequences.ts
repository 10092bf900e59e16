import { float32, type HostArray, int32 } from "../runtime/tree";
import { type Demand, fitShape, packRows, type Shape } from "./shapes";

/** A prompt and an answer to it as token ids; the completion ends with the end-of-text token unless it was cut. */
export interface TokenSequence {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
  /** Sequences of one group have the same prompt and may share it. */
  readonly group?: number;
}

/** A prompt once, with all the answers to it that a batch has; `sequence` is an answer's number in the batch. */
export interface Document {
  readonly prompt: readonly number[];
  readonly answers: readonly { readonly tokens: readonly number[]; readonly sequence: number }[];
}

/** How a batch is laid out. */
export interface LayoutOptions {
  /** Several documents in one row. */
  readonly pack: boolean;
  /** Answers to one prompt share its tokens. */
  readonly sharePrompt: boolean;
  /** Log-probabilities only where an answer's tokens are; otherwise everywhere. */
  readonly completionsOnly: boolean;
}

export const defaultLayout: LayoutOptions = { pack: true, sharePrompt: true, completionsOnly: true };

/** Sequences as documents; those of one group share theirs. */
export function documentsOf(sequences: readonly TokenSequence[], { sharePrompt }: LayoutOptions): Document[] {
  const documents: { prompt: readonly number[]; answers: Document["answers"][number][] }[] = [];
  const byGroup = new Map<number, (typeof documents)[number]>();
  sequences.forEach(({ prompt, completion, group }, sequence) => {
    const answer = { tokens: completion, sequence };
    const known = sharePrompt && group !== undefined ? byGroup.get(group) : undefined;
    if (known) known.answers.push(answer);
    else {
      const document = { prompt, answers: [answer] };
      documents.push(document);
      if (group !== undefined) byGroup.set(group, document);
    }
  });
  return documents;
}

const tokensOf = ({ prompt, answers }: Document): number =>
  answers.reduce((sum, { tokens }) => sum + tokens.length, prompt.length);

/** The first token of a text has nothing that predicts it. */
const unpredicted = (prompt: readonly number[]): number => (prompt.length === 0 ? 1 : 0);

/** What documents need of a shape; `promptsOf` is how many of the first sequences have their prompts scored too. */
export function demandOf(documents: readonly Document[], promptsOf: number): Demand {
  const sum = (of: (document: Document) => number) => documents.reduce((total, d) => total + of(d), 0);
  return {
    lengths: documents.map(tokensOf),
    scored: sum(({ prompt, answers }) =>
      answers.reduce((n, { tokens }) => n + Math.max(0, tokens.length - unpredicted(prompt)), 0),
    ),
    promptScored: sum(({ prompt, answers }) =>
      answers.some((a) => a.sequence < promptsOf) ? Math.max(0, prompt.length - 1) : 0,
    ),
  };
}

/** Places to score: from which hidden state, which token, for which sequence (−1: none). */
class Scored {
  private used = 0;
  private readonly rows: Int32Array;
  private readonly targets: Int32Array;
  private readonly sequence: Int32Array;

  constructor(size: number) {
    [this.rows, this.targets, this.sequence] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    this.sequence.fill(-1);
  }

  add(row: number, target: number, sequence: number): void {
    this.rows[this.used] = row;
    this.targets[this.used] = target;
    this.sequence[this.used] = sequence;
    this.used += 1;
  }

  arrays() {
    const size = [this.rows.length];
    return { rows: int32(this.rows, size), targets: int32(this.targets, size), sequence: int32(this.sequence, size) };
  }
}

export interface CollateOptions {
  readonly layout?: LayoutOptions;
  /** The batch's own smallest when left out. */
  readonly shape?: Shape | undefined;
  /** Places kept for each document, its own tokens when left out. */
  readonly room?: readonly number[];
  /** Score the prompts of the first so many sequences too. */
  readonly promptsOf?: number;
}

/**
 * A batch of n sequences, laid out in R rows of T places. `ids`, `positions`, `block`, `parent` [R, T]: the tokens, their
 * places in their sequence, and who sees whom (models/transformer.ts, Layout): an answer sees itself and its prompt. `rows`,
 * `targets`, `sequence` [C]: the flattened place that each scored token is predicted from, the token, and its sequence.
 * `last` [n]: place of each sequence's last token; `length` [n]: tokens of its completion. Nothing goes by a token's id.
 */
export function collateSequences(
  sequences: readonly TokenSequence[],
  { layout = defaultLayout, shape, room, promptsOf = 0 }: CollateOptions = {},
): Record<string, HostArray> {
  const documents = documentsOf(sequences, layout);
  const demand = demandOf(documents, promptsOf);
  const own = () => fitShape([], demand, { pack: layout.pack, limit: 1, attentionCost: 0, worth: 0 });
  const { rows: R, length: T, scored: C, promptScored: P } = shape ?? own();
  const lengths = room ?? demand.lengths;
  const { rowOf, rows } = layout.pack
    ? packRows(lengths, T)
    : { rowOf: lengths.map((_, i) => i), rows: lengths.length };
  if (rows > R || demand.scored > C || demand.promptScored > P) throw new Error("the batch does not fit its shape");
  const grid = () => new Int32Array(R * T);
  const [ids, positions] = [grid(), grid()];
  const [block, parent] = [grid().fill(-1), grid().fill(-1)];
  const last = new Int32Array(sequences.length);
  const scored = new Scored(layout.completionsOnly ? C : R * T);
  const promptScored = new Scored(P);
  const free = Array.from({ length: R }, (_, row) => row * T);
  let blocks = 0;

  /** Writes tokens of one block and gives the place of the first. */
  const put = (at: number, tokens: readonly number[], position: number, above: number | null): number => {
    const own = blocks++;
    ids.set(tokens, at);
    positions.set(
      tokens.map((_, i) => position + i),
      at,
    );
    block.fill(own, at, at + tokens.length);
    parent.fill(above ?? own, at, at + tokens.length);
    return own;
  };

  documents.forEach(({ prompt, answers }, i) => {
    const row = rowOf[i] as number;
    const start = free[row] as number;
    const above = put(start, prompt, 0, null);
    const end = start + prompt.length;
    let at = end;
    for (const { tokens, sequence } of answers) {
      put(at, tokens, prompt.length, above);
      const from = (j: number) => (j === 0 ? end - 1 : at + j - 1);
      tokens.forEach((token, j) => {
        if (j >= unpredicted(prompt)) scored.add(from(j), token, sequence);
      });
      last[sequence] = Math.max(start, tokens.length > 0 ? at + tokens.length - 1 : end - 1);
      at += tokens.length;
    }
    const asked = answers.find((a) => a.sequence < promptsOf);
    for (const [j, token] of prompt.slice(1).entries()) if (asked) promptScored.add(start + j, token, asked.sequence);
    free[row] = start + (lengths[i] as number);
  });

  const n = sequences.length;
  const prompts = promptScored.arrays();
  return {
    ids: int32(ids, [R, T]),
    positions: int32(positions, [R, T]),
    block: int32(block, [R, T]),
    parent: int32(parent, [R, T]),
    last: int32(last, [n]),
    length: float32(
      sequences.map((s) => s.completion.length),
      [n],
    ),
    ...scored.arrays(),
    ...(promptsOf > 0 && {
      promptRows: prompts.rows,
      promptTargets: prompts.targets,
      promptSequence: prompts.sequence,
    }),
  };
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
