import { type Db, type DbTx, writeTx } from "@/db/client";
import { listFlags, listSkips } from "@/db/queries/flags.queries";
import {
  countItems,
  findItem,
  findResponses,
  findStanding,
  type Item,
  type ItemFilter,
  listItemRows,
  listJudgements,
  setRetired,
  sidesOf,
  takeQueuePositions,
} from "@/db/queries/items.queries";
import { audit } from "@/db/schema/audit";
import type { Message } from "@/trainer/contracts/message";
import { isRuleKey } from "../domain/demo/disclosure";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { readCursor, writeCursor } from "./cursor";

export interface ItemRow {
  readonly id: string;
  readonly externalId: string | null;
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
  readonly votes: number;
  readonly overlap: number;
  /** What stands, imported judgements included; both-bad ones have no verdict. */
  readonly verdicts: number[];
  readonly state: Exclude<ItemFilter, "all" | "reported">;
  readonly createdAt: Date;
}

/** Characters of a text that a table shows. */
const excerptLength = 200;

const excerpt = (messages: readonly Message[]): string =>
  // Cut twice: the second time by character, so that none is halved.
  [
    ...messages
      .map((m) => m.content)
      .join("\n\n")
      .slice(0, 2 * excerptLength),
  ]
    .slice(0, excerptLength)
    .join("");

function stateOf(row: { votes: number; overlap: number; retiredAt: Date | null }, verdicts: readonly number[]) {
  if (row.retiredAt) return "retired";
  if (verdicts.some((v) => v < 0) && verdicts.some((v) => v > 0)) return "disputed";
  return row.votes >= row.overlap ? "complete" : "open";
}

interface ItemsRequest {
  readonly cursor: string | null;
  readonly state: ItemFilter;
  readonly search: string;
  readonly limit: number;
}

/** A page of items with all their text, newest first. */
export function listWholeItems(db: DbTx, { projectId }: Access<"admin">, request: ItemsRequest) {
  const query = { projectId, state: request.state, search: request.search.trim() };
  const after = request.cursor === null ? null : readCursor(request.cursor);
  const found = listItemRows(db, query, after, request.limit + 1);
  const page = found.slice(0, request.limit);
  const ids = page.map(({ id }) => id);
  const [responses, judged] = [findResponses(db, ids), findStanding(db, ids)];
  const items = page.map(({ retiredAt, ...row }) => {
    const verdicts = (judged.get(row.id) ?? []).flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
    const state: ItemRow["state"] = stateOf({ ...row, retiredAt }, verdicts);
    return { ...row, ...sidesOf(responses.get(row.id) ?? []), verdicts, state };
  });
  const last = page.at(-1);
  return { items, nextCursor: found.length > page.length && last ? writeCursor(last) : null };
}

export function listItems(
  db: Db,
  access: Access<"admin">,
  request: ItemsRequest,
): { items: ItemRow[]; nextCursor: string | null; total: number } {
  const { items, nextCursor } = listWholeItems(db, access, request);
  const query = { projectId: access.projectId, state: request.state, search: request.search.trim() };
  const rows = items.map(({ prompt, a, b, ...row }) => ({
    ...row,
    prompt: excerpt(prompt),
    a: excerpt(a.messages),
    b: excerpt(b.messages),
  }));
  return { items: rows, nextCursor, total: countItems(db, query) };
}

/** The name of somebody in a file: what is behind `import:<source>:` in their key. */
export const importedName = (annotatorKey: string): string => annotatorKey.replace(/^import:/, "").replace(":", ": ");

export function getItem(db: Db, { projectId }: Access<"admin">, itemId: string) {
  const { id, externalId, prompt, meta, votes, createdAt, retiredAt } = need(db, projectId, itemId);
  const { a, b } = sidesOf(findResponses(db, [id]).get(id) ?? []);
  const judgements = listJudgements(db, id).map(({ row, name, supersededBy }) => ({
    id: row.id,
    annotator: name ?? importedName(row.annotatorKey),
    purpose: row.purpose,
    action: row.action,
    verdict: row.verdict,
    bothBad: row.bothBad,
    reason: row.reason,
    criteria: row.criteria,
    leftSlot: row.leftSlot,
    durationMs: row.durationMs,
    late: row.late,
    byRule: isRuleKey(row.annotatorKey),
    imported: (row.importId !== null || row.annotatorId === null) && !isRuleKey(row.annotatorKey),
    superseded: supersededBy !== null,
    createdAt: row.createdAt,
  }));
  const flags = listFlags(db, id).map(({ flag, name, settledBy }) => ({
    id: flag.id,
    annotator: name,
    problem: flag.problem,
    note: flag.note,
    createdAt: flag.createdAt,
    settledAt: flag.resolvedAt,
    settledBy,
  }));
  const skips = listSkips(db, id);
  const side = ({ messages, sourceModel }: typeof a) => ({ messages, sourceModel });
  return {
    id,
    externalId,
    prompt,
    a: side(a),
    b: side(b),
    meta,
    votes,
    createdAt,
    retiredAt,
    judgements,
    flags,
    skips,
  };
}

function need(tx: DbTx, projectId: string, itemId: string): Item {
  const found = findItem(tx, projectId, itemId);
  if (!found) throw new DomainError("not_found", { what: "item" });
  return found;
}

/** Takes an item out of the claim queue and out of later snapshots. Votes that are under way are still kept. */
export function retireItem(db: Db, access: Access<"admin">, itemId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    if (need(tx, access.projectId, itemId).retiredAt) return;
    setRetired(tx, itemId, { retiredAt: now });
    note(tx, access, "item.retire", itemId);
  });
}

/** Brings an item back, at the end of the queue: annotators only look forward. */
export function restoreItem(db: Db, access: Access<"admin">, itemId: string): void {
  writeTx(db, (tx) => {
    if (!need(tx, access.projectId, itemId).retiredAt) return;
    setRetired(tx, itemId, { retiredAt: null, queuePosition: takeQueuePositions(tx, access.projectId, 1) });
    note(tx, access, "item.restore", itemId);
  });
}

function note(tx: DbTx, { projectId, userId }: Access<"admin">, action: string, subject: string): void {
  tx.insert(audit).values({ projectId, actorId: userId, action, subject }).run();
}
