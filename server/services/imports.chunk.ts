import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { DbTx } from "@/db/client";
import {
  externalIdTaken,
  insertItem,
  insertJudgement,
  insertLabelled,
  insertResponses,
  itemByContent,
  responseByContent,
  sidesOfItem,
  submissionSaid,
} from "@/db/queries/imports.statements";
import { takeQueuePositions } from "@/db/queries/items.queries";
import { project } from "@/db/schema/identity";
import { coinOf, itemIdOf, messagesText, variantHashOf } from "../domain/imports/identity";
import type { ImportedPair } from "../domain/imports/readPair";
import {
  type LineProblem,
  type PreparedPair,
  type PreparedResponse,
  type PreparedRow,
  type PreparedSide,
  preparePair,
} from "./imports.prepare";

export interface WriterContext {
  /** Null for pairs that come from no file. */
  readonly importId: string | null;
  readonly projectId: string;
  /** Tells this file's people from another file's. */
  readonly source: string;
  readonly responsesOrdered: boolean;
  readonly now: Date;
}

export interface WrittenCounts {
  items: number;
  judgements: number;
  responses: number;
}

/** Writes pairs that come from no file, inside the caller's transaction: their items, and how many of them are new. */
export function writePairs(
  tx: DbTx,
  context: Omit<WriterContext, "importId">,
  pairs: readonly ImportedPair[],
): { added: number; itemIds: string[] } {
  const writer = new ImportWriter(tx, { ...context, importId: null });
  writer.begin(pairs.length);
  const itemIds = pairs.flatMap((pair, i) => writer.add(preparePair(i + 1, pair, i)) ?? []);
  return { added: writer.report().counts.items, itemIds };
}

interface KnownItem {
  readonly id: string;
  readonly a: PreparedSide;
  readonly b: PreparedSide;
}

/** Known under another order of its responses. */
const isSwapped = (row: PreparedPair, known: KnownItem): boolean => row.a.text !== known.a.text;

/** The hash of a pair whose words are known from other named models; null when they are the same models' or nobody's. */
function variantOf(row: PreparedPair, known: KnownItem): string | null {
  const { a, b } = row;
  const [x, y] = isSwapped(row, known) ? [b, a] : [a, b];
  if (a.model === null || b.model === null || known.a.model === null || known.b.model === null) return null;
  if (x.model === known.a.model && y.model === known.b.model) return null;
  return variantHashOf(row.contentHash, { text: a.text, model: a.model }, { text: b.text, model: b.model });
}

/**
 * Writes an import's rows through one connection's prepared statements; what is there already is left as it is. `add` runs
 * inside the caller's transaction.
 */
export class ImportWriter {
  readonly #overlap: number;
  #firstPosition = 0;
  #counts: WrittenCounts = { items: 0, judgements: 0, responses: 0 };
  #problems: LineProblem[] = [];

  constructor(
    readonly tx: DbTx,
    readonly context: WriterContext,
  ) {
    const { projectId } = context;
    this.#overlap =
      tx.select({ overlap: project.overlap }).from(project).where(eq(project.id, projectId)).get()?.overlap ?? 1;
  }

  /** Takes places at the end of the project's queue for the rows to come. */
  begin(places: number): void {
    if (places > 0) this.#firstPosition = takeQueuePositions(this.tx, this.context.projectId, places);
  }

  /** The id of the item, or of the labelled response; null when the row was refused. */
  add(row: PreparedRow): string | null {
    return "a" in row ? this.#addPair(row) : this.#addResponse(row);
  }

  /** What was written since it was last asked, and what was wrong. */
  report(): { counts: WrittenCounts; problems: LineProblem[] } {
    const told = { counts: this.#counts, problems: this.#problems };
    this.#counts = { items: 0, judgements: 0, responses: 0 };
    this.#problems = [];
    return told;
  }

  #find(contentHash: string): KnownItem | null {
    const found = itemByContent(this.tx).get({ projectId: this.context.projectId, contentHash });
    if (!found) return null;
    const sides = sidesOfItem(this.tx).all({ itemId: found.id });
    const side = (slot: "a" | "b"): PreparedSide => {
      const one = sides.find((stored) => stored.slot === slot);
      if (!one) throw new Error(`item ${found.id} lacks a response`);
      return { text: messagesText(one.messages), model: one.model };
    };
    return { id: found.id, a: side("a"), b: side("b") };
  }

  #addPair(row: PreparedPair): string | null {
    const base = this.#find(row.contentHash);
    const variant = base && variantOf(row, base);
    const known = variant ? this.#find(variant) : base;
    if (known) {
      this.#judge(row, known.id, isSwapped(row, known), false);
      return known.id;
    }
    const { externalId } = row;
    const { projectId } = this.context;
    if (externalId !== null && externalIdTaken(this.tx).get({ projectId, externalId })) {
      const reason = `The id "${externalId.slice(0, 80)}" belongs to another pair of this project. Give the row an id of its own, or map no id column.`;
      this.#problems.push({ line: row.line, field: "id", reason });
      return null;
    }
    return this.#create(row, variant ?? row.contentHash);
  }

  #create(row: PreparedPair, contentHash: string): string {
    const { projectId, importId, responsesOrdered, now } = this.context;
    const { externalId, prompt, promptHash, meta } = row;
    // A file that always names the better response first must not give it the same side every time.
    const swap = responsesOrdered && coinOf(contentHash);
    const [a, b] = swap ? [row.b, row.a] : [row.a, row.b];
    const id = itemIdOf(projectId, contentHash);
    const place = { openSlots: this.#overlap, queuePosition: this.#firstPosition + row.place };
    const item = { id, projectId, importId, externalId, prompt, promptHash, contentHash, meta, ...place };
    insertItem(this.tx).run({ ...item, createdAt: now.getTime() });
    const models = { aModel: a.model, bModel: b.model };
    insertResponses(this.tx).run({ itemId: id, aId: `${id}a`, bId: `${id}b`, a: a.text, b: b.text, ...models });
    this.#counts.items += 1;
    this.#judge(row, id, swap, true);
    return id;
  }

  /** One person says one thing of an item: the first stays; a row that says otherwise is known, and told as a problem. */
  #judge({ line, labels }: PreparedPair, itemId: string, swapped: boolean, fresh: boolean): void {
    const { projectId, importId, source, now } = this.context;
    for (const [i, label] of labels.entries()) {
      const { who, bothBad, reason = null, at } = label;
      const turned = (verdict: number) => (verdict === 0 || !swapped ? verdict : -verdict);
      const verdict = label.verdict === null ? null : turned(label.verdict);
      const submissionId = `import:${itemId}:${source}:${who}`;
      // Nobody has said anything of a new item, but one row may name one person twice.
      const asked = !fresh || labels.slice(0, i).some((earlier) => earlier.who === who);
      const before = asked ? submissionSaid(this.tx).get({ submissionId }) : undefined;
      if (before) {
        if (before.verdict === verdict && before.bothBad === bothBad) continue;
        const problem = `"${who}" already said something else of this pair; the first word stays. Keep one of the two rows.`;
        this.#problems.push({ line, field: "label", reason: problem });
        continue;
      }
      const criteria = Object.entries(label.criteria ?? {}).map(([name, value]) => [name, turned(value)]);
      const annotatorKey = `import:${source}:${who}`;
      insertJudgement(this.tx).run({
        id: `${itemId}-${createHash("sha256").update(annotatorKey).digest("hex").slice(0, 16)}`,
        projectId,
        itemId,
        importId,
        annotatorKey,
        submissionId,
        verdict,
        bothBad: bothBad ? 1 : 0,
        criteria: JSON.stringify(Object.fromEntries(criteria)),
        reason,
        createdAt: (at ?? now).getTime(),
      });
      this.#counts.judgements += 1;
    }
  }

  /** A response that is known keeps its label. */
  #addResponse(row: PreparedResponse): string {
    const { projectId, importId, source, now } = this.context;
    const { line, who, at, model, desirable, ...stored } = row;
    const id = itemIdOf(projectId, row.contentHash);
    const known = responseByContent(this.tx).get({ projectId, contentHash: row.contentHash });
    if (known) {
      if (known.desirable !== desirable) {
        const reason = `The project knows this response as ${known.desirable ? "wanted" : "not wanted"}; that stays. Keep one of the two rows.`;
        this.#problems.push({ line, field: "label", reason });
      }
      return id;
    }
    insertLabelled(this.tx).run({
      ...stored,
      id,
      projectId,
      importId,
      desirable: desirable ? 1 : 0,
      sourceModel: model,
      annotatorKey: who === null ? null : `import:${source}:${who}`,
      createdAt: (at ?? now).getTime(),
    });
    this.#counts.responses += 1;
    return id;
  }
}
