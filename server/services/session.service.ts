import { randomUUID } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  deleteLinks,
  endOtherSessions,
  findCredentials,
  findUsedReset,
  findUserByEmail,
  putCredentials,
  sessionBeganSince,
} from "@/db/queries/identity.queries";
import { user } from "@/db/schema/identity";
import type { Credentials } from "../auth/credentials";
import { DomainError } from "../domain/errors";

const resetCountsForMs = 3_600_000;

export const needsCredentials = (tx: DbTx, userId: string): boolean => findCredentials(tx, userId) === undefined;

/** Somebody with a password needs a reset link, used within the hour and by this very session, to choose another. */
function mayChoosePassword(tx: DbTx, userId: string, sessionId: string, now: Date): boolean {
  if (needsCredentials(tx, userId)) return true;
  const used = findUsedReset(tx, userId, new Date(now.getTime() - resetCountsForMs));
  return Boolean(used?.usedAt && sessionBeganSince(tx, sessionId, used.usedAt));
}

/** Sets name, address and password at once, ends the person's other sessions, and voids their links. */
export async function setCredentials(
  db: Db,
  who: { userId: string; sessionId: string },
  { name, email, password }: Credentials,
  now = new Date(),
): Promise<void> {
  const { userId, sessionId } = who;
  const check = (tx: DbTx) => {
    if (!mayChoosePassword(tx, userId, sessionId, now)) throw new DomainError("not_allowed", { reason: "link_needed" });
    const other = findUserByEmail(tx, email);
    if (other && other.id !== userId) throw new DomainError("email_taken", { email });
  };
  // Before the slow hash, so that it is not done for nothing; and again when it counts.
  check(db);
  const hash = await hashPassword(password);
  writeTx(db, (tx) => {
    check(tx);
    tx.update(user).set({ name, email }).where(eq(user.id, userId)).run();
    putCredentials(tx, userId, hash, randomUUID());
    endOtherSessions(tx, userId, sessionId);
    deleteLinks(tx, userId);
  });
}
