import { and, eq, gt, isNotNull, lt, ne } from "drizzle-orm";
import type { DbTx } from "../client";
import { account, rateLimit, session, user } from "../schema/identity";

export type User = typeof user.$inferSelect;
export type Account = typeof account.$inferSelect;

/** better-auth's name for an account with a password. */
export const credentialProvider = "credential";

export function findRateLimit(tx: DbTx, key: string): { startedAt: number; count: number } | null {
  const row = tx.select().from(rateLimit).where(eq(rateLimit.key, key)).get();
  return row ? { startedAt: row.lastRequest, count: row.count } : null;
}

export function putRateLimit(tx: DbTx, key: string, { startedAt, count }: { startedAt: number; count: number }): void {
  tx.insert(rateLimit)
    .values({ id: key, key, count, lastRequest: startedAt })
    .onConflictDoUpdate({ target: rateLimit.key, set: { count, lastRequest: startedAt } })
    .run();
}

export const deleteRateLimit = (tx: DbTx, key: string): void => {
  tx.delete(rateLimit).where(eq(rateLimit.key, key)).run();
};

/** Drops windows that began before `start`: nothing asks for them any more. */
export const pruneRateLimits = (tx: DbTx, start: number): void => {
  tx.delete(rateLimit).where(lt(rateLimit.lastRequest, start)).run();
};

export const findUser = (tx: DbTx, id: string): User | undefined => tx.select().from(user).where(eq(user.id, id)).get();

export const findUserByEmail = (tx: DbTx, email: string): User | undefined =>
  tx.select().from(user).where(eq(user.email, email)).get();

/** The account a person signs in to with a password, if there is one. */
export const findCredentials = (tx: DbTx, userId: string): Account | undefined =>
  tx
    .select()
    .from(account)
    .where(and(eq(account.userId, userId), eq(account.providerId, credentialProvider), isNotNull(account.password)))
    .get();

/** Sets a person's password, whether they had one or not. */
export function putCredentials(tx: DbTx, userId: string, password: string, id: string): void {
  tx.insert(account)
    .values({ id, accountId: userId, providerId: credentialProvider, userId, password })
    .onConflictDoUpdate({ target: [account.providerId, account.accountId], set: { password, updatedAt: new Date() } })
    .run();
}

export const endOtherSessions = (tx: DbTx, userId: string, keep: string): void => {
  tx.delete(session)
    .where(and(eq(session.userId, userId), ne(session.id, keep)))
    .run();
};

/** Whether a session began at or after `moment`. */
export const sessionBeganSince = (tx: DbTx, id: string, moment: Date): boolean =>
  tx
    .select({ id: session.id })
    .from(session)
    .where(and(eq(session.id, id), gt(session.createdAt, new Date(moment.getTime() - 1))))
    .get() !== undefined;
