import { and, eq, isNull, sql } from "drizzle-orm";
import type { Slot } from "@/server/domain/preference";
import {
  afterShowing,
  afterTakingBack,
  chooseLeft,
  claimOrder,
  neededSide,
  type QueueClass,
  queueClassOf,
} from "@/server/domain/sides";
import type { Message } from "@/trainer/contracts/message";
import type { DbTx } from "../client";
import { project } from "../schema/identity";
import { item } from "../schema/items";
import { assignment } from "../schema/tasks";
import * as statements from "./queue.statements";

export type Assignment = typeof assignment.$inferSelect;

interface Claimer {
  readonly projectId: string;
  readonly annotatorId: string;
}

/** How long a project's leases run. */
export const leaseSecondsOf = (tx: DbTx, projectId: string): number =>
  statements.leaseSeconds(tx).get({ projectId })?.seconds ?? 900;

/** How a project asks, and since when. */
export function getRules(tx: DbTx, projectId: string) {
  const rules = statements.rulesOf(tx).get({ projectId });
  if (!rules) throw new Error(`project ${projectId} is gone`);
  return rules;
}

/** How long somebody may change a vote of theirs, in minutes. */
export const changeMinutesOf = (tx: DbTx, projectId: string): number =>
  tx.select({ minutes: project.changeMinutes }).from(project).where(eq(project.id, projectId)).get()?.minutes ?? 0;

/** What an annotator has in hand. */
export const listLiveLeases = (tx: DbTx, claimer: Claimer, now: Date): Assignment[] =>
  statements.liveLeases(tx).all({ ...claimer, now: now.getTime() });

/** What an item says, and nothing else about it. */
export function findTexts(tx: DbTx, itemId: string): { prompt: Message[] } & Record<Slot, Message[]> {
  const responses = statements.responsesOf(tx).all({ itemId });
  const said = (slot: Slot) => responses.find((r) => r.slot === slot)?.messages ?? [];
  return { prompt: statements.promptOf(tx).get({ itemId })?.prompt ?? [], a: said("a"), b: said("b") };
}

/** Changes an item's open slots and side balance, and gives it a new place at the end of the queue of its new class. */
function requeue(
  tx: DbTx,
  projectId: string,
  itemId: string,
  slots: 1 | -1,
  balance: (before: number) => number,
): void {
  const current = statements.itemState(tx).get({ itemId });
  if (!current) return;
  const next = { balance: balance(current.balance), openSlots: current.openSlots + slots };
  const { position } = statements.takePosition(tx).get({ projectId });
  statements.placeItem(tx).run({ itemId, ...next, queueClass: queueClassOf(next), position });
}

function moveBalance(tx: DbTx, { projectId, annotatorId }: Claimer, change: (before: number) => number): void {
  const row = statements.sideBalance(tx).get({ projectId, annotatorId });
  if (row) statements.setSideBalance(tx).run({ projectId, annotatorId, balance: change(row.balance) });
}

/** Ends a live lease and gives its slot back to everybody. */
export function giveBack(
  tx: DbTx,
  lease: Assignment,
  state: "expired" | "released" | "skipped",
  now: Date,
  skipReason: string | null = null,
): void {
  tx.update(assignment).set({ state, endedAt: now, skipReason }).where(eq(assignment.id, lease.id)).run();
  const back = (balance: number) => afterTakingBack(balance, lease.leftSlot);
  requeue(tx, lease.projectId, lease.itemId, 1, back);
  moveBalance(tx, lease, back);
}

/** Takes a counted vote back from its item for good, and its showing: the slot opens for somebody else. */
export function withdraw(tx: DbTx, vote: Assignment): void {
  const { itemId, projectId, leftSlot } = vote;
  requeue(tx, projectId, itemId, 1, (balance) => afterTakingBack(balance, leftSlot));
  tx.update(item)
    .set({ votes: sql`${item.votes} - 1` })
    .where(eq(item.id, itemId))
    .run();
}

/** Takes a slot for a lease that had been given back; false when somebody else has it. */
export function retake(tx: DbTx, lease: Assignment): boolean {
  const open = tx
    .select({ slots: item.openSlots })
    .from(item)
    .where(and(eq(item.id, lease.itemId), isNull(item.retiredAt)))
    .get();
  if (!open || open.slots <= 0) return false;
  const on = (balance: number) => afterShowing(balance, lease.leftSlot);
  requeue(tx, lease.projectId, lease.itemId, -1, on);
  moveBalance(tx, lease, on);
  return true;
}

export function sweepExpired(tx: DbTx, projectId: string, now: Date): void {
  const expired = statements.expiredLeases(tx).all({ projectId, now: now.getTime() });
  for (const lease of expired) giveBack(tx, lease, "expired", now);
}

/** The next item of one class that this annotator has not been given, looking forward only. */
function nextInClass(tx: DbTx, claimer: Claimer, queueClass: QueueClass) {
  const key = { ...claimer, queueClass };
  const from = statements.cursorOf(tx).get(key)?.position ?? 0;
  const found = statements.itemAfter(tx).get({ ...key, from });
  // With nothing found everything up to here is this annotator's own or taken: what opens later gets a later place.
  const position = found?.position ?? statements.endOfQueue(tx).get({ projectId: claimer.projectId })?.end ?? 0;
  if (position > from) statements.moveCursor(tx).run({ ...key, position });
  return found?.id ?? null;
}

/** Which response stood left when this annotator had the item before, or null. */
const findSideShown = (tx: DbTx, itemId: string, annotatorId: string): Slot | null =>
  statements.sideShown(tx).get({ itemId, annotatorId })?.left ?? null;

/**
 * Leases one more item to an annotator, or null when there is none for them now. Runs inside the caller's immediate
 * transaction. The balance of sides gives way only when nobody else holds a lease: otherwise waiting may still mend it.
 */
export function leaseNext(
  tx: DbTx,
  claimer: Claimer,
  lease: { id: string; token: string; expiresAt: Date },
): Assignment | null {
  const { projectId, annotatorId } = claimer;
  const member = statements.memberAndSeed(tx).get({ projectId, annotatorId });
  if (!member) return null;
  const needed = neededSide(member.balance);
  const tryClasses = (classes: readonly QueueClass[]) => {
    for (const queueClass of classes) {
      const itemId = nextInClass(tx, claimer, queueClass);
      if (itemId) return { itemId, queueClass };
    }
    return null;
  };
  const found =
    tryClasses(claimOrder(needed, false)) ??
    (statements.leaseOfOthers(tx).get({ projectId, annotatorId }) ? null : tryClasses(claimOrder(needed, true)));
  if (!found) return null;
  // A pair comes back to a person the way round they saw it: a vote from an older page then still means what it said.
  const leftSlot: Slot =
    findSideShown(tx, found.itemId, annotatorId) ?? chooseLeft(found.queueClass, needed, member.seed, found.itemId);
  const on = (balance: number) => afterShowing(balance, leftSlot);
  requeue(tx, projectId, found.itemId, -1, on);
  moveBalance(tx, claimer, on);
  return statements.putLease(tx).get({ ...lease, projectId, annotatorId, itemId: found.itemId, leftSlot });
}
