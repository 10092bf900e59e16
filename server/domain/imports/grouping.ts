import { canonicalJson } from "./identity";
import type { ImportMapping, ImportRow, ReadRow } from "./mapping";
import { attributeNames, attributesOf } from "./pairing";

/** More responses to one prompt than a person wrote; n of them make n²/2 pairs. */
export const mostResponses = 64;

interface Group {
  readonly key: string;
  readonly first: Extract<ReadRow, { row: ImportRow }>;
  readonly entries: ImportRow[];
}

/**
 * Joins consecutive rows that hold one response each to the same prompt (the layout `scored_rows`, HelpSteer2's) into one
 * row with the list `responses`, which stands for the first row's line. Rows of other layouts pass through.
 */
export class RowGrouper {
  #group: Group | null = null;

  constructor(readonly mapping: ImportMapping) {}

  push(read: ReadRow): ReadRow[] {
    if (this.mapping.layout !== "scored_rows" || read.row === null) return [read];
    const key = `${read.part ?? ""} ${canonicalJson(read.row[this.mapping.prompt ?? ""])}`;
    const group = this.#group;
    if (group?.key === key && group.entries.length < mostResponses) {
      group.entries.push(this.#entryOf(read.row));
      return [];
    }
    const done = this.flush();
    this.#group = { key, first: read, entries: [this.#entryOf(read.row)] };
    return done;
  }

  /** What is left at the end of the file. */
  flush(): ReadRow[] {
    const group = this.#group;
    this.#group = null;
    if (!group) return [];
    const { line, part, row } = group.first;
    const at = { line, ...(part === undefined ? {} : { part }) };
    if (group.entries.length < 2) {
      const reason = "Only this row has this prompt, so there is nothing to compare its response with.";
      return [{ ...at, row: null, field: this.mapping.prompt, reason }];
    }
    const { prompt, responseA, modelA, score } = this.mapping;
    const own = new Set([responseA, modelA, score, ...attributeNames].filter((name) => name && name !== prompt));
    const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !own.has(name)));
    return [{ ...at, row: { ...rest, responses: group.entries } }];
  }

  #entryOf(row: ImportRow): ImportRow {
    const { responseA, modelA, score } = this.mapping;
    return {
      text: row[responseA],
      model: modelA ? row[modelA] : null,
      score: score ? row[score] : null,
      attributes: attributesOf(row),
    };
  }
}
