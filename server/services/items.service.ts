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
  readonly state: Exclude<ItemFilter, "all">;
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

const cursorOf = ({ createdAt, id }: { createdAt: Date; id: string }): string => `${createdAt.getTime()}:${id}`;

function readCursor(cursor: string): { createdAt: Date; id: string } {
  const match = /^(\d{1,15}):(.+)$/.exec(cursor);
  if (!match) throw new DomainError("invalid_input", { field: "cursor", problem: "is none that this list gave out" });
  return { createdAt: new Date(Number(match[1])), id: match[2] as string };
}

function stateOf(row: { votes: number; overlap: number; retiredAt: Date | null }, verdicts: readonly number[]) {
  if (row.retiredAt) return "retired";
  if (verdicts.some((v) => v < 0) && verdicts.some((v) => v > 0)) return "disputed";
  return row.votes >= row.overlap ? "complete" : "open";
}

export function listItems(
  db: Db,
  { projectId }: Access<"admin">,
  request: { cursor: string | null; state: ItemFilter; search: string; limit: number },
): { items: ItemRow[]; nextCursor: string | null; total: number } {
  const query = { projectId, state: request.state, search: request.search.trim() };
  const after = request.cursor === null ? null : readCursor(request.cursor);
  const found = listItemRows(db, query, after, request.limit + 1);
  const page = found.slice(0, request.limit);
  const ids = page.map(({ id }) => id);
  const [responses, judged] = [findResponses(db, ids), findStanding(db, ids)];
  const items = page.map(({ prompt, retiredAt, ...row }): ItemRow => {
    const { a, b } = sidesOf(responses.get(row.id) ?? []);
    const verdicts = (judged.get(row.id) ?? []).flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
    const state = stateOf({ ...row, retiredAt }, verdicts);
    return { ...row, prompt: excerpt(prompt), a: excerpt(a.messages), b: excerpt(b.messages), verdicts, state };
  });
  const last = page.at(-1);
  const nextCursor = found.length > page.length && last ? cursorOf(last) : null;
  return { items, nextCursor, total: countItems(db, query) };
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
  const flags = listFlags(db, id).map(({ flag, name }) => ({
    id: flag.id,
    annotator: name,
    problem: flag.problem,
    note: flag.note,
    createdAt: flag.createdAt,
    resolved: flag.resolvedAt !== null,
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
