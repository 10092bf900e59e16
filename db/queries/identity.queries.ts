import { and, asc, desc, eq, gt, isNotNull, isNull, lt, ne } from "drizzle-orm";
import type { DbTx } from "../client";
import { account, rateLimit, session, signInLink, user } from "../schema/identity";

export type User = typeof user.$inferSelect;
export type Account = typeof account.$inferSelect;

/** better-auth's name for an account with a password. */
const credentialProvider = "credential";

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

export type SignInLink = typeof signInLink.$inferSelect;

/** Makes a one-time link; those made before for the same person and not used are void from now on. */
export function insertLink(tx: DbTx, row: typeof signInLink.$inferInsert): void {
  tx.delete(signInLink)
    .where(and(eq(signInLink.userId, row.userId), isNull(signInLink.usedAt)))
    .run();
  tx.insert(signInLink).values(row).run();
}

export const findLink = (tx: DbTx, tokenHash: string): SignInLink | undefined =>
  tx.select().from(signInLink).where(eq(signInLink.tokenHash, tokenHash)).get();

export const useLink = (tx: DbTx, id: string, usedAt: Date): void => {
  tx.update(signInLink).set({ usedAt }).where(eq(signInLink.id, id)).run();
};

/** The reset link that a person used since `since`, if any. */
export const findUsedReset = (tx: DbTx, userId: string, since: Date): SignInLink | undefined =>
  tx
    .select()
    .from(signInLink)
    .where(and(eq(signInLink.userId, userId), eq(signInLink.purpose, "reset"), gt(signInLink.usedAt, since)))
    .orderBy(desc(signInLink.usedAt))
    .limit(1)
    .get();

/** A person chose a password: no link of theirs, used or not, does anything more. */
export const deleteLinks = (tx: DbTx, userId: string): void => {
  tx.delete(signInLink).where(eq(signInLink.userId, userId)).run();
};

/** The instance's first administrator. */
export const findFirstAdmin = (tx: DbTx): User | undefined =>
  tx
    .select()
    .from(user)
    .where(eq(user.instanceRole, "admin"))
    .orderBy(asc(user.createdAt), asc(user.id))
    .limit(1)
    .get();

export const anybodyThere = (tx: DbTx): boolean => tx.select({ id: user.id }).from(user).limit(1).get() !== undefined;
