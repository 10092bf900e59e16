import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { DbTx } from "@/db/client";
import {
  findByContent,
  findSubmissions,
  findTakenExternalIds,
  insertItems,
  type NewItem,
  type NewResponse,
  takeQueuePositions,
} from "@/db/queries/items.queries";
import { project } from "@/db/schema/identity";
import type { judgement } from "@/db/schema/tasks";
import type { Message } from "@/trainer/contracts/message";
import {
  canonicalJson,
  coinOf,
  contentHashOf,
  itemIdOf,
  promptHashOf,
  variantHashOf,
} from "../domain/imports/identity";
import type { RowProblem } from "../domain/imports/mapping";
import type { ImportedPair } from "../domain/imports/readPair";
import type { RowLabel } from "../domain/imports/rowLabels";

export interface ChunkContext {
  /** Null for pairs that come with the product. */
  readonly importId: string | null;
  readonly projectId: string;
  /** Tells this file's people from another file's. */
  readonly source: string;
  readonly responsesOrdered: boolean;
  readonly now: Date;
  /** What this run has met so far: rows that an interrupted run left behind count as added once. */
  readonly met: Set<string>;
}

export interface ImportContext extends ChunkContext {
  readonly importId: string;
}

export interface ChunkCounts {
  itemsAdded: number;
  itemsKnown: number;
  judgementsAdded: number;
  rowsRefused: number;
}

export type LineProblem = RowProblem & { readonly line: number };

interface KnownItem {
  readonly id: string;
  readonly importId: string | null;
  readonly a: Side;
  readonly b: Side;
}
interface Side {
  readonly text: string;
  readonly model: string | null;
}

interface Row {
  readonly line: number;
  readonly pair: ImportedPair;
  readonly a: Side;
  readonly b: Side;
  readonly contentHash: string;
  readonly variantHash: string | null;
}

const sideOf = (messages: readonly Message[], model: string | null): Side => ({ text: canonicalJson(messages), model });

function rowOf({ line, pair }: { line: number; pair: ImportedPair }): Row {
  const [a, b] = [sideOf(pair.a, pair.modelA), sideOf(pair.b, pair.modelB)];
  const contentHash = contentHashOf(pair.prompt, pair.a, pair.b);
  const named = a.model !== null && b.model !== null;
  const variantHash = named
    ? variantHashOf(contentHash, { text: a.text, model: a.model }, { text: b.text, model: b.model })
    : null;
  return { line, pair, a, b, contentHash, variantHash };
}

/** Known under another order of its responses. */
const isSwapped = (row: Row, known: KnownItem): boolean => row.a.text !== known.a.text;

/** Both name their models, and they differ: the same words, said by others. */
function fromOtherModels(row: Row, known: KnownItem): boolean {
  const [a, b] = isSwapped(row, known) ? [row.b, row.a] : [row.a, row.b];
  if (row.variantHash === null || known.a.model === null || known.b.model === null) return false;
  return a.model !== known.a.model || b.model !== known.b.model;
}

/** Writes one chunk's rows inside the caller's transaction; what is there already is left as it is. */
export function writeChunk(
  tx: DbTx,
  context: ChunkContext,
  pairs: readonly { line: number; pair: ImportedPair }[],
): ChunkCounts & { problems: LineProblem[] } {
  const rows = pairs.map(rowOf);
  const writer = new ChunkWriter(tx, context, rows);
  for (const row of rows) writer.add(row);
  return writer.finish();
}

class ChunkWriter {
  readonly #known: Map<string, KnownItem>;
  readonly #takenIds: Set<string>;
  readonly #items: NewItem[] = [];
  readonly #responses: NewResponse[] = [];
  readonly #judged: (RowLabel & { readonly line: number; readonly itemId: string })[] = [];
  readonly #problems: LineProblem[] = [];
  readonly #counts: ChunkCounts = { itemsAdded: 0, itemsKnown: 0, judgementsAdded: 0, rowsRefused: 0 };

  constructor(
    readonly tx: DbTx,
    readonly context: ChunkContext,
    rows: readonly Row[],
  ) {
    const { projectId } = context;
    const hashes = rows.flatMap((row) => [row.contentHash, ...(row.variantHash ? [row.variantHash] : [])]);
    const found = findByContent(tx, projectId, [...new Set(hashes)]);
    this.#known = new Map(
      found.map(({ id, contentHash, importId, a, b }) => [
        contentHash,
        { id, importId, a: sideOf(a.messages, a.sourceModel), b: sideOf(b.messages, b.sourceModel) },
      ]),
    );
    const ids = rows.flatMap((row) => row.pair.externalId ?? []);
    this.#takenIds = findTakenExternalIds(tx, projectId, [...new Set(ids)]);
  }

  add(row: Row): void {
    const base = this.#known.get(row.contentHash);
    const hash = base && fromOtherModels(row, base) ? (row.variantHash as string) : row.contentHash;
    const known = this.#known.get(hash);
    if (known) {
      this.#meet(known);
      this.#judge(row, known.id, isSwapped(row, known));
      return;
    }
    const { externalId } = row.pair;
    if (externalId !== null && this.#takenIds.has(externalId)) {
      const reason = `The id "${externalId.slice(0, 80)}" belongs to another pair of this project. Give the row an id of its own, or map no id column.`;
      this.#problems.push({ line: row.line, field: "id", reason });
      this.#counts.rowsRefused += 1;
      return;
    }
    if (externalId !== null) this.#takenIds.add(externalId);
    this.#create(row, hash);
  }

  /** Counts an item that is there: added by this import before it was interrupted, or known. */
  #meet({ id, importId }: KnownItem): void {
    const own = importId !== null && importId === this.context.importId;
    if (own && !this.context.met.has(id)) this.#counts.itemsAdded += 1;
    else this.#counts.itemsKnown += 1;
    this.context.met.add(id);
  }

  #create(row: Row, contentHash: string): void {
    const { projectId, importId, responsesOrdered, now } = this.context;
    const { prompt, externalId, meta } = row.pair;
    // A file that always names the better response first must not give it the same side every time.
    const swap = responsesOrdered && coinOf(contentHash);
    const id = itemIdOf(projectId, contentHash);
    const [a, b] = swap ? [row.b, row.a] : [row.a, row.b];
    const [messagesA, messagesB] = swap ? [row.pair.b, row.pair.a] : [row.pair.a, row.pair.b];
    this.#items.push({
      id,
      projectId,
      importId,
      externalId,
      prompt: [...prompt],
      promptHash: promptHashOf(prompt),
      contentHash,
      meta,
      openSlots: 0,
      queuePosition: 0,
      createdAt: now,
    });
    this.#responses.push(
      { id: `${id}a`, itemId: id, slot: "a", messages: messagesA, sourceModel: a.model },
      { id: `${id}b`, itemId: id, slot: "b", messages: messagesB, sourceModel: b.model },
    );
    this.#known.set(contentHash, { id, importId, a, b });
    this.context.met.add(id);
    this.#counts.itemsAdded += 1;
    this.#judge(row, id, swap);
  }

  #judge(row: Row, itemId: string, swapped: boolean): void {
    for (const label of row.pair.labels) {
      const { verdict } = label;
      const stored = verdict === null || verdict === 0 || !swapped ? verdict : -verdict;
      this.#judged.push({ ...label, line: row.line, itemId, verdict: stored });
    }
  }

  finish(): ChunkCounts & { problems: LineProblem[] } {
    const { tx, context } = this;
    const overlap =
      tx.select({ overlap: project.overlap }).from(project).where(eq(project.id, context.projectId)).get()?.overlap ??
      1;
    if (this.#items.length > 0) {
      const first = takeQueuePositions(tx, context.projectId, this.#items.length);
      for (const [i, row] of this.#items.entries())
        Object.assign(row, { openSlots: overlap, queuePosition: first + i });
    }
    insertItems(tx, { items: this.#items, responses: this.#responses, judgements: this.#newJudgements() });
    return { ...this.#counts, problems: this.#problems };
  }

  /** One person says one thing of an item: the first stays; a row that says otherwise is known, and told as a problem. */
  #newJudgements(): (typeof judgement.$inferInsert)[] {
    const { projectId, importId, source, met, now } = this.context;
    const submissionOf = (itemId: string, who: string) => `import:${itemId}:${source}:${who}`;
    const stored = findSubmissions(this.tx, [
      ...new Set(this.#judged.map(({ itemId, who }) => submissionOf(itemId, who))),
    ]);
    const fresh: (typeof judgement.$inferInsert)[] = [];
    for (const { line, itemId, who, verdict, bothBad, reason = null, at } of this.#judged) {
      const submissionId = submissionOf(itemId, who);
      const before = stored.get(submissionId);
      if (!before) {
        const annotatorKey = `import:${source}:${who}`;
        const key = { projectId, itemId, importId, annotatorKey, submissionId };
        fresh.push({ id: randomUUID(), ...key, verdict, bothBad, reason, createdAt: at ?? now });
        stored.set(submissionId, { submissionId, verdict, bothBad, importId });
      } else if (before.verdict !== verdict || before.bothBad !== bothBad) {
        const problem = `"${who}" already said something else of this pair; the first word stays. Keep one of the two rows.`;
        this.#problems.push({ line, field: "label", reason: problem });
      } else if (before.importId === importId && !met.has(submissionId)) {
        this.#counts.judgementsAdded += 1;
      }
      met.add(submissionId);
    }
    this.#counts.judgementsAdded += fresh.length;
    return fresh;
  }
}
