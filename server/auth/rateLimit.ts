import { createHash } from "node:crypto";
import { type Db, writeTx } from "@/db/client";
import { deleteRateLimit, findRateLimit, pruneRateLimits, putRateLimit } from "@/db/queries/identity.queries";
import { DomainError } from "../domain/errors";

export interface RateRule {
  readonly max: number;
  readonly windowSeconds: number;
}

/** One window of one key: when it began and how many have been let through since. */
export interface RateWindow {
  readonly startedAt: number;
  readonly count: number;
}

export const rateRules = {
  /** Any one path of sign-in from one address: a classroom behind one router passes, a program that guesses does not. */
  address: { max: 300, windowSeconds: 60 },
  /** Wrong passwords for one account, wherever they come from. */
  account: { max: 10, windowSeconds: 15 * 60 },
  /** Joins by one invite. */
  invite: { max: 100, windowSeconds: 10 * 60 },
} as const satisfies Record<string, RateRule>;

const longestWindowMs = Math.max(...Object.values(rateRules).map((rule) => rule.windowSeconds)) * 1000;

/** Counts one more request in its window, or says how long to wait. Windows start with their first request. */
export function countRequest(
  before: RateWindow | null,
  rule: RateRule,
  now: number,
): { next: RateWindow; retryAfterSeconds: number | null } {
  const end = before ? before.startedAt + rule.windowSeconds * 1000 : now;
  if (!before || now >= end) return { next: { startedAt: now, count: 1 }, retryAfterSeconds: null };
  if (before.count >= rule.max) return { next: before, retryAfterSeconds: Math.ceil((end - now) / 1000) };
  return { next: { ...before, count: before.count + 1 }, retryAfterSeconds: null };
}

/** Counts a request against `key`; null when it may go on, else the seconds to wait. */
export function consume(db: Db, key: string, rule: RateRule, now = Date.now()): number | null {
  return writeTx(db, (tx) => {
    const before = findRateLimit(tx, key);
    const { next, retryAfterSeconds } = countRequest(before, rule, now);
    if (next !== before) putRateLimit(tx, key, next);
    if (next.count === 1) pruneRateLimits(tx, now - longestWindowMs);
    return retryAfterSeconds;
  });
}

/** `consume` for services and route handlers. */
export function limit(db: Db, key: string, rule: RateRule): void {
  const retryAfterSeconds = consume(db, key, rule);
  if (retryAfterSeconds !== null) throw new DomainError("too_many_requests", { retryAfterSeconds });
}

/** A sign-in that succeeded takes the wrong ones before it off the account. */
export const forgive = (db: Db, key: string): void => writeTx(db, (tx) => deleteRateLimit(tx, key));

const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
export const accountKey = (email: string): string => `account|${digest(email.trim().toLowerCase())}`;
export const inviteKey = (token: string): string => `invite|${digest(token)}`;
export const addressKey = (address: string, path: string): string => `${address}|${path}`;
