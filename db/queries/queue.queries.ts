import { and, asc, eq, gt, inArray, isNull, lte, notExists, sql } from "drizzle-orm";
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
import type { DbTx } from "../client";
import { membership, project } from "../schema/identity";
import { item } from "../schema/items";
import { assignment, claimCursor } from "../schema/tasks";

export type Assignment = typeof assignment.$inferSelect;

interface Claimer {
  readonly projectId: string;
  readonly annotatorId: string;
}

/** How many leases that ran out one claim clears away: a bound, so that a claim's cost has one too. */
const sweepAtMost = 20;

/** Changes an item's open slots and side balance, and gives it a new place at the end of the queue of its new class. */
function requeue(
  tx: DbTx,
  projectId: string,
  itemId: string,
  slots: 1 | -1,
  balance: (before: number) => number,
): void {
  const current = tx.select().from(item).where(eq(item.id, itemId)).get();
  if (!current) return;
  const next = { balance: balance(current.sideBalance), openSlots: current.openSlots + slots };
  const { position } = tx
    .update(project)
    .set({ queueSequence: sql`${project.queueSequence} + 1` })
    .where(eq(project.id, projectId))
    .returning({ position: project.queueSequence })
    .get() as { position: number };
  tx.update(item)
    .set({
      openSlots: next.openSlots,
      sideBalance: next.balance,
      queueClass: queueClassOf(next),
      queuePosition: position,
    })
    .where(eq(item.id, itemId))
    .run();
}

function moveBalance(tx: DbTx, { projectId, annotatorId }: Claimer, change: (before: number) => number): void {
  const where = and(eq(membership.projectId, projectId), eq(membership.userId, annotatorId));
  const row = tx.select({ balance: membership.sideBalance }).from(membership).where(where).get();
  if (row)
    tx.update(membership)
      .set({ sideBalance: change(row.balance) })
      .where(where)
      .run();
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
  const expired = tx
    .select()
    .from(assignment)
    .where(
      and(eq(assignment.projectId, projectId), eq(assignment.state, "leased"), lte(assignment.leaseExpiresAt, now)),
    )
    .orderBy(asc(assignment.leaseExpiresAt))
    .limit(sweepAtMost)
    .all();
  for (const lease of expired) giveBack(tx, lease, "expired", now);
}

const endOfQueue = (tx: DbTx, projectId: string): number =>
  tx.select({ end: project.queueSequence }).from(project).where(eq(project.id, projectId)).get()?.end ?? 0;

/** The next item of one class that this annotator has not been given, looking forward only. */
function nextInClass(tx: DbTx, { projectId, annotatorId }: Claimer, queueClass: QueueClass) {
  const cursorKey = and(
    eq(claimCursor.projectId, projectId),
    eq(claimCursor.annotatorId, annotatorId),
    eq(claimCursor.queueClass, queueClass),
  );
  const from = tx.select({ position: claimCursor.position }).from(claimCursor).where(cursorKey).get()?.position ?? 0;
  const mine = tx
    .select({ one: sql`1` })
    .from(assignment)
    .where(
      and(
        eq(assignment.itemId, item.id),
        eq(assignment.annotatorId, annotatorId),
        eq(assignment.purpose, "vote"),
        inArray(assignment.state, ["leased", "submitted", "skipped"]),
      ),
    );
  const found = tx
    .select({ id: item.id, position: item.queuePosition })
    .from(item)
    .where(
      and(
        eq(item.projectId, projectId),
        eq(item.queueClass, queueClass),
        gt(item.queuePosition, from),
        gt(item.openSlots, 0),
        isNull(item.retiredAt),
        notExists(mine),
      ),
    )
    .orderBy(asc(item.queuePosition))
    .limit(1)
    .get();
  // With nothing found everything up to here is this annotator's own or taken: what opens later gets a later place.
  const position = found?.position ?? endOfQueue(tx, projectId);
  if (position > from) {
    tx.insert(claimCursor)
      .values({ projectId, annotatorId, queueClass, position })
      .onConflictDoUpdate({
        target: [claimCursor.projectId, claimCursor.annotatorId, claimCursor.queueClass],
        set: { position },
      })
      .run();
  }
  return found?.id ?? null;
}

/** Which response stood left when this annotator had the item before, or null. */
function findSideShown(tx: DbTx, itemId: string, annotatorId: string): Slot | null {
  const before = and(
    eq(assignment.itemId, itemId),
    eq(assignment.annotatorId, annotatorId),
    eq(assignment.purpose, "vote"),
  );
  return tx.select({ left: assignment.leftSlot }).from(assignment).where(before).get()?.left ?? null;
}

function othersHoldLeases(tx: DbTx, { projectId, annotatorId }: Claimer): boolean {
  const live = and(
    eq(assignment.projectId, projectId),
    eq(assignment.state, "leased"),
    sql`${assignment.annotatorId} <> ${annotatorId}`,
  );
  return tx.select({ one: sql`1` }).from(assignment).where(live).limit(1).get() !== undefined;
}

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
  const member = tx
    .select({ balance: membership.sideBalance, seed: project.seed })
    .from(membership)
    .innerJoin(project, eq(project.id, membership.projectId))
    .where(and(eq(membership.projectId, projectId), eq(membership.userId, annotatorId)))
    .get();
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
    (othersHoldLeases(tx, claimer) ? null : tryClasses(claimOrder(needed, true)));
  if (!found) return null;
  // A pair comes back to a person the way round they saw it: a vote from an older page then still means what it said.
  const leftSlot: Slot =
    findSideShown(tx, found.itemId, annotatorId) ?? chooseLeft(found.queueClass, needed, member.seed, found.itemId);
  const on = (balance: number) => afterShowing(balance, leftSlot);
  requeue(tx, projectId, found.itemId, -1, on);
  moveBalance(tx, claimer, on);
  const fresh = {
    state: "leased" as const,
    leaseToken: lease.token,
    leaseExpiresAt: lease.expiresAt,
    leftSlot,
    endedAt: null,
    skipReason: null,
  };
  return tx
    .insert(assignment)
    .values({ id: lease.id, projectId, itemId: found.itemId, annotatorId, ...fresh })
    .onConflictDoUpdate({
      target: [assignment.itemId, assignment.annotatorId, assignment.purpose, assignment.occurrence],
      set: fresh,
    })
    .returning()
    .get();
}
