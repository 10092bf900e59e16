import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  findInvite,
  findInviteByHash,
  findMembership,
  findProject,
  type Invite,
  insertMember,
  listInvites as listRows,
} from "@/db/queries/projects.queries";
import { audit } from "@/db/schema/audit";
import { invite } from "@/db/schema/identity";
import { hashToken, newToken } from "../auth/token";
import { DomainError } from "../domain/errors";
import { inviteState } from "../domain/invites";
import type { Access } from "./access";

const dayMs = 86_400_000;

export function listInvites(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  return listRows(db, projectId).map((row) => {
    const { id, role, label, maxUses, uses, expiresAt, revokedAt, createdAt } = row;
    return { id, role, label, maxUses, uses, expiresAt, revokedAt, createdAt, state: inviteState(row, now) };
  });
}

export interface NewInvite {
  readonly role: "annotator" | "admin";
  readonly label: string;
  /** Null: any number of people. */
  readonly maxUses: number | null;
  /** Null: until revoked. */
  readonly expiresInDays: number | null;
}

/** The token is in the answer and nowhere else: the database keeps its hash. */
export function createInvite(
  db: Db,
  { projectId, userId, role: own }: Access<"admin">,
  { role, label, maxUses, expiresInDays }: NewInvite,
  now = new Date(),
): { id: string; token: string } {
  if (role === "admin" && own !== "owner") throw new DomainError("not_allowed", { needed: "owner", role: own });
  const [id, token] = [randomUUID(), newToken()];
  const expiresAt = expiresInDays === null ? null : new Date(now.getTime() + expiresInDays * dayMs);
  writeTx(db, (tx) => {
    tx.insert(invite)
      .values({ id, projectId, tokenHash: hashToken(token), role, label, maxUses, expiresAt, createdBy: userId })
      .run();
    tx.insert(audit)
      .values({ projectId, actorId: userId, action: "invite.created", subject: id, details: { role, label } })
      .run();
  });
  return { id, token };
}

export function revokeInvite(
  db: Db,
  { projectId, userId, role }: Access<"admin">,
  inviteId: string,
  now = new Date(),
): void {
  writeTx(db, (tx) => {
    const row = findInvite(tx, projectId, inviteId);
    if (!row) throw new DomainError("not_found", { what: "invite" });
    if (row.role === "admin" && role !== "owner") throw new DomainError("not_allowed", { needed: "owner", role });
    if (row.revokedAt) return;
    tx.update(invite).set({ revokedAt: now }).where(eq(invite.id, inviteId)).run();
    tx.insert(audit).values({ projectId, actorId: userId, action: "invite.revoked", subject: inviteId }).run();
  });
}

/** The invite that a token opens, in whatever state. */
export function getInvite(tx: DbTx, token: string): Invite {
  const row = findInviteByHash(tx, hashToken(token));
  if (!row) throw new DomainError("invite_invalid", { reason: "unknown" });
  return row;
}

/** What the holder of a link sees before they join. A member is shown the project even when the link is spent. */
export function previewInvite(db: DbTx, token: string, userId: string | null, now = new Date()) {
  const row = getInvite(db, token);
  const member = userId === null ? undefined : findMembership(db, row.projectId, userId);
  const alreadyMember = member !== undefined && member.revokedAt === null;
  const state = inviteState(row, now);
  if (!alreadyMember && state !== "open") throw new DomainError("invite_invalid", { reason: state });
  return { projectName: findProject(db, row.projectId)?.name ?? "", role: row.role, alreadyMember };
}

/**
 * Makes a person a member by an invite, in the caller's transaction: membership, use and audit row together. A member
 * stays what they are and costs no use; somebody who was removed is not let in again by a link.
 */
export function admit(tx: DbTx, row: Invite, userId: string, now: Date): void {
  const member = findMembership(tx, row.projectId, userId);
  if (member?.revokedAt) throw new DomainError("not_allowed", { reason: "removed" });
  if (member) return;
  const state = inviteState(row, now);
  if (state !== "open") throw new DomainError("invite_invalid", { reason: state });
  insertMember(tx, row, userId);
  tx.insert(audit)
    .values({
      projectId: row.projectId,
      actorId: userId,
      action: "member.joined",
      subject: userId,
      details: { inviteId: row.id, role: row.role },
    })
    .run();
}

/** Joins somebody who is signed in. */
export function acceptInvite(db: Db, token: string, userId: string, now = new Date()): { projectId: string } {
  return writeTx(db, (tx) => {
    const row = getInvite(tx, token);
    admit(tx, row, userId, now);
    return { projectId: row.projectId };
  });
}
