import { RowGrouper } from "./grouping";
import type { ImportMapping, ReadRow, RowProblem } from "./mapping";
import { type ImportedResponse, readLabelled } from "./readLabelled";
import { type ImportedPair, readPair } from "./readPair";
import { unfold } from "./unfold";

/** What became of a row (or a part of it), by its line. */
export type RowOutcome = { readonly line: number } & (
  | { readonly pair: ImportedPair }
  | { readonly labelled: ImportedResponse }
  | RowProblem
);

/** How the rows that `unfold` makes of a layout are read. */
function mappingOfUnfolded(mapping: ImportMapping): ImportMapping {
  if (mapping.layout !== "scored_rows") return mapping;
  const pair = { responseA: "response_a", responseB: "response_b", modelA: "model_a", modelB: "model_b" };
  const labels = mapping.score ? [{ column: "preference", who: "file" }] : [];
  return { ...mapping, ...pair, meaning: "unordered", labels, labelValues: undefined, criteria: "criteria" };
}

/** Turns a file's rows, one after the other, into pairs, labelled responses and problems. */
export class RowReader {
  readonly #grouper: RowGrouper;
  readonly #own: ImportMapping;

  constructor(readonly mapping: ImportMapping) {
    this.#grouper = new RowGrouper(mapping);
    this.#own = mappingOfUnfolded(mapping);
  }

  push(read: ReadRow): RowOutcome[] {
    return this.#grouper.push(read).flatMap((row) => this.#read(row));
  }

  /** What is left at the end of the file. */
  flush(): RowOutcome[] {
    return this.#grouper.flush().flatMap((row) => this.#read(row));
  }

  #read(read: ReadRow): RowOutcome[] {
    const { line, part } = read;
    const told = ({ field, reason }: RowProblem): RowOutcome => ({
      line,
      field,
      reason: part === undefined ? reason : `${part}: ${reason}`,
    });
    if (read.row === null) return [told(read)];
    const flat = unfold(read.row, this.mapping);
    if ("problem" in flat) return [told(flat.problem)];
    return flat.rows.map((row) => {
      const result = this.mapping.layout === "unpaired" ? readLabelled(row, this.#own) : readPair(row, this.#own);
      return "problem" in result ? told(result.problem) : { line, ...result };
    });
  }
}
