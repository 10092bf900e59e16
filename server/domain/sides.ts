import { createHash } from "node:crypto";
import type { Slot } from "./preference";

/**
 * Which answer is shown left. Balance = (times a was left) − (times b was left), kept per annotator and per item.
 * Wanted: |balance| ≤ 1 per annotator always, and per item when all its votes are in.
 */
export interface SideState {
  readonly balance: number;
  readonly openSlots: number;
}

const step = (slot: Slot): 1 | -1 => (slot === "a" ? 1 : -1);

/** Showing `left` now still lets the item end within one: what is left of its slots can make up for it. */
export const sideAllowed = ({ balance, openSlots }: SideState, left: Slot): boolean =>
  Math.abs(balance + step(left)) - (openSlots - 1) <= 1;

/** Classes of the claim queue, by what the next showing of an item should be. */
export const queueClasses = { free: 0, leansA: 1, leansB: 2, forcedA: 3, forcedB: 4 } as const;
export type QueueClass = (typeof queueClasses)[keyof typeof queueClasses];

export function queueClassOf(state: SideState): QueueClass {
  const [a, b] = [sideAllowed(state, "a"), sideAllowed(state, "b")];
  if (a && !b) return queueClasses.forcedA;
  if (b && !a) return queueClasses.forcedB;
  if (state.balance === 0) return queueClasses.free;
  return state.balance < 0 ? queueClasses.leansA : queueClasses.leansB;
}

/** The side an annotator needs next, or null when either will do. */
export const neededSide = (annotatorBalance: number): Slot | null =>
  annotatorBalance === 0 ? null : annotatorBalance > 0 ? "b" : "a";

/**
 * The classes an annotator may claim from, best first: items that need just this side, then those that lean to it, then
 * balanced ones, then those that lean away. Items that need the other side come last and only when `lastResort`: then the
 * annotator's balance gives way by one rather than the item's.
 */
export function claimOrder(needed: Slot | null, lastResort: boolean): QueueClass[] {
  const { free, leansA, leansB, forcedA, forcedB } = queueClasses;
  if (needed === null) return [forcedA, forcedB, leansA, leansB, free];
  const order: QueueClass[] = needed === "a" ? [forcedA, leansA, free, leansB] : [forcedB, leansB, free, leansA];
  return lastResort ? [...order, needed === "a" ? forcedB : forcedA] : order;
}

/** A coin for an item, the same on every machine: sha256 of the project's seed and the item's id. */
const coin = (seed: number, itemId: string): Slot =>
  (createHash("sha256").update(`${seed}:${itemId}`).digest()[0] as number) & 1 ? "a" : "b";

/** The answer shown left when an item of this class goes to an annotator with this need. */
export function chooseLeft(queueClass: QueueClass, needed: Slot | null, seed: number, itemId: string): Slot {
  const { forcedA, forcedB, leansA, leansB } = queueClasses;
  if (queueClass === forcedA) return "a";
  if (queueClass === forcedB) return "b";
  if (needed !== null) return needed;
  if (queueClass === leansA) return "a";
  if (queueClass === leansB) return "b";
  return coin(seed, itemId);
}

/** Both balances after a showing. */
export const afterShowing = (balance: number, left: Slot): number => balance + step(left);
/** Both balances after a showing was taken back (expired, released, skipped). */
export const afterTakingBack = (balance: number, left: Slot): number => balance - step(left);
