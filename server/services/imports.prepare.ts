import { contentHashOf, messagesText, promptHashOf, responseHashOf } from "../domain/imports/identity";
import type { RowProblem } from "../domain/imports/mapping";
import type { ImportedResponse } from "../domain/imports/readLabelled";
import type { ImportedPair } from "../domain/imports/readPair";
import type { RowOutcome } from "../domain/imports/readRow";
import type { RowLabel } from "../domain/imports/rowLabels";

export type LineProblem = RowProblem & { readonly line: number };

export interface PreparedSide {
  readonly text: string;
  readonly model: string | null;
}

/** A row as it is stored, with its hashes: what the process that writes need not work out. */
export interface PreparedPair {
  readonly line: number;
  readonly contentHash: string;
  readonly prompt: string;
  readonly promptHash: string;
  readonly a: PreparedSide;
  readonly b: PreparedSide;
  readonly externalId: string | null;
  readonly meta: string;
  readonly labels: readonly RowLabel[];
  /** Its place among the rows that come with it, in the file's order. */
  readonly place: number;
}

export interface PreparedResponse {
  readonly line: number;
  readonly contentHash: string;
  readonly prompt: string;
  readonly promptHash: string;
  readonly response: string;
  readonly desirable: boolean;
  readonly model: string | null;
  readonly externalId: string | null;
  readonly who: string | null;
  readonly reason: string | null;
  readonly at: Date | null;
  readonly meta: string;
}

export type PreparedRow = PreparedPair | PreparedResponse;

export function preparePair(line: number, pair: ImportedPair, place: number): PreparedPair {
  const [prompt, a, b] = [pair.prompt, pair.a, pair.b].map(messagesText) as [string, string, string];
  return {
    line,
    contentHash: contentHashOf(prompt, a, b),
    prompt,
    promptHash: promptHashOf(prompt),
    a: { text: a, model: pair.modelA },
    b: { text: b, model: pair.modelB },
    externalId: pair.externalId,
    meta: JSON.stringify(pair.meta),
    labels: pair.labels,
    place,
  };
}

function prepareResponse(line: number, labelled: ImportedResponse): PreparedResponse {
  const { desirable, model, externalId, who, reason, at } = labelled;
  const [prompt, response] = [messagesText(labelled.prompt), messagesText(labelled.response)];
  const hashes = { contentHash: responseHashOf(prompt, response), promptHash: promptHashOf(prompt) };
  const meta = JSON.stringify(labelled.meta);
  return { line, ...hashes, prompt, response, desirable, model, externalId, who, reason, at, meta };
}

/** Some of a file's rows on their way into the database. */
export interface ImportPiece {
  readonly rows: readonly PreparedRow[];
  readonly problems: readonly LineProblem[];
  /** How many places the rows to come ask for, when a new set of them begins; else 0. */
  readonly places: number;
}

/** Rows, and characters of them, that are put into order together. */
const windowRows = 50_000;
const windowCharacters = 32 * 1024 * 1024;
const pieceRows = 250;

const charactersOf = (row: PreparedRow): number =>
  row.prompt.length + row.meta.length + ("a" in row ? row.a.text.length + row.b.text.length : row.response.length);

/**
 * Collects rows and hands them on, tens of thousands at a time, in the order of their content's hash, which is the order of
 * every index that they go into: written as they stand in the file, each row would touch a dozen pages of its own.
 * Rows of the same content stay in the file's order. A row whose id an earlier one of the window has comes at the end, in the
 * file's order: the first one has it.
 */
export class ImportWindow {
  #rows: PreparedRow[] = [];
  #last: PreparedRow[] = [];
  #problems: LineProblem[] = [];
  #ids = new Set<string>();
  #characters = 0;
  #places = 0;

  /** True when it is full. */
  add(outcome: RowOutcome): boolean {
    if ("reason" in outcome) this.#problems.push(outcome);
    else {
      const row =
        "pair" in outcome
          ? preparePair(outcome.line, outcome.pair, this.#places++)
          : prepareResponse(outcome.line, outcome.labelled);
      this.#characters += charactersOf(row);
      const { externalId } = row;
      if (externalId !== null && this.#ids.has(externalId)) this.#last.push(row);
      else this.#rows.push(row);
      if (externalId !== null) this.#ids.add(externalId);
    }
    const { length } = this.#rows;
    return length + this.#problems.length >= windowRows || this.#characters >= windowCharacters;
  }

  /** Hands over all that it holds. */
  *take(): Generator<ImportPiece> {
    const rows = this.#rows.sort((x, y) =>
      x.contentHash < y.contentHash ? -1 : x.contentHash > y.contentHash ? 1 : 0,
    );
    for (const row of this.#last) rows.push(row);
    const [problems, places] = [this.#problems, this.#places];
    this.#rows = [];
    this.#last = [];
    this.#problems = [];
    this.#ids = new Set();
    this.#characters = 0;
    this.#places = 0;
    const pieces = Math.ceil(Math.max(rows.length, problems.length) / pieceRows);
    for (let i = 0; i < pieces; i++) {
      const part = <T>(all: readonly T[]) => all.slice(i * pieceRows, (i + 1) * pieceRows);
      yield { rows: part(rows), problems: part(problems), places: i === 0 ? places : 0 };
    }
  }
}
