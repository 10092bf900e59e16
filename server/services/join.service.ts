import { randomUUID } from "node:crypto";
import { hashPassword, verifyPassword } from "better-auth/crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { findCredentials, findUserByEmail, putCredentials, type User } from "@/db/queries/identity.queries";
import { listProjectsOf } from "@/db/queries/projects.queries";
import { user } from "@/db/schema/identity";
import type { Credentials } from "../auth/credentials";
import { accountKey, forgive, inviteKey, limit, rateRules } from "../auth/rateLimit";
import { DomainError } from "../domain/errors";
import { inviteState } from "../domain/invites";
import { admit, getInvite } from "./invites.service";

export interface Joining extends Credentials {
  readonly token: string;
}

export interface Joined {
  readonly userId: string;
  readonly projectId: string;
}

/**
 * Lets a person in by an invite, with a new account or the one they have: account, password, membership and use of the
 * invite are one transaction, so a process that dies leaves all of it or none. The same call again succeeds; a user left
 * without a password by an older interruption gets it now.
 */
export async function join(db: Db, joining: Joining, now = new Date()): Promise<Joined> {
  limit(db, inviteKey(joining.token), rateRules.invite);
  // Hashing takes a while in which the same form, sent twice, may have made the account: then that one is looked at.
  const joined = (await attempt(db, joining, now)) ?? (await attempt(db, joining, now));
  if (!joined) throw new DomainError("conflict");
  return joined;
}

/** Null when the address's password changed between looking and writing. */
async function attempt(db: Db, joining: Joining, now: Date): Promise<Joined | null> {
  const known = await recognise(db, joining);
  // No hash is made for a link that lets nobody new in.
  if (known === null) refuseSpent(db, joining.token, now);
  const hash = known === null ? await hashPassword(joining.password) : null;
  return writeTx(db, (tx) => {
    const invite = getInvite(tx, joining.token);
    const person = findUserByEmail(tx, joining.email);
    const current = (person && findCredentials(tx, person.id)?.password) ?? null;
    if (current !== known) return null;
    if (known === null && person && !isAdrift(tx, person))
      throw new DomainError("email_taken", { email: joining.email });
    const userId = person?.id ?? insertUser(tx, joining);
    if (hash !== null) putCredentials(tx, userId, hash, randomUUID());
    admit(tx, invite, userId, now);
    return { userId, projectId: invite.projectId };
  });
}

/**
 * The stored hash that the password given here opens, or null when the address has no password yet. A wrong password is
 * `email_taken`, and counts as a wrong sign-in: an invite is no way to guess.
 */
async function recognise(db: Db, { token, email, password }: Joining): Promise<string | null> {
  getInvite(db, token);
  const person = findUserByEmail(db, email);
  const hash = person && findCredentials(db, person.id)?.password;
  if (!hash) return null;
  limit(db, accountKey(email), rateRules.account);
  if (!(await verifyPassword({ hash, password }))) throw new DomainError("email_taken", { email });
  forgive(db, accountKey(email));
  return hash;
}

function refuseSpent(db: Db, token: string, now: Date): void {
  const state = inviteState(getInvite(db, token), now);
  if (state !== "open") throw new DomainError("invite_invalid", { reason: state });
}

function insertUser(tx: DbTx, { name, email }: Joining): string {
  const id = randomUUID();
  tx.insert(user).values({ id, name, email }).run();
  return id;
}

/** A user without a password who has nothing that a stranger who knows the address could take over. */
const isAdrift = (tx: DbTx, { id, instanceRole }: User): boolean =>
  instanceRole === "member" && listProjectsOf(tx, id).length === 0;
