import { type Db, type DbTx, writeTx } from "@/db/client";
import { findUser } from "@/db/queries/identity.queries";
import {
  belongsElsewhere,
  countOwners,
  findMembership,
  listLiveLeases,
  listMembers,
  type Membership,
  setMembership,
  votesByPerson,
} from "@/db/queries/projects.queries";
import { giveBack } from "@/db/queries/queue.queries";
import { audit } from "@/db/schema/audit";
import { DomainError } from "../domain/errors";
import type { ProjectRole } from "../domain/roles";
import type { Access } from "./access";
import { startOfDay } from "./projects.service";
import { createLink } from "./signInLinks.service";

export function listPeople(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  const counts = new Map(votesByPerson(db, projectId, startOfDay(now)).map((row) => [row.userId, row]));
  return listMembers(db, projectId).map(({ member, name, email, inviteLabel }) => {
    const counted = counts.get(member.userId);
    return {
      userId: member.userId,
      name,
      email,
      role: member.role,
      votes: counted?.votes ?? 0,
      votesToday: counted?.votesToday ?? 0,
      lastVoteAt: counted ? new Date(counted.lastVoteAt) : null,
      joinedAt: member.createdAt,
      revokedAt: member.revokedAt,
      inviteLabel,
    };
  });
}

export function getMember(tx: DbTx, projectId: string, userId: string): Membership {
  const member = findMembership(tx, projectId, userId);
  if (!member) throw new DomainError("not_found", { what: "person" });
  return member;
}

/** A project never loses its last owner: nobody could make another. */
export function keepAnOwner(tx: DbTx, member: Membership): void {
  if (member.role === "owner" && member.revokedAt === null && countOwners(tx, member.projectId) <= 1)
    throw new DomainError("conflict", { reason: "last_owner" });
}

/** Administrators take care of annotators; owners of everybody. */
function mayManage({ role }: Access<"admin">, member: Membership): void {
  if (role !== "owner" && member.role !== "annotator") throw new DomainError("not_allowed", { needed: "owner", role });
}

const note = (
  tx: DbTx,
  access: Pick<Access, "projectId" | "userId">,
  action: string,
  subject: string,
  details: Record<string, unknown> = {},
): void => {
  tx.insert(audit).values({ projectId: access.projectId, actorId: access.userId, action, subject, details }).run();
};

export function setRole(db: Db, access: Access<"owner">, userId: string, role: ProjectRole): void {
  writeTx(db, (tx) => {
    const member = getMember(tx, access.projectId, userId);
    if (member.revokedAt) throw new DomainError("not_found", { what: "person" });
    if (member.role === role) return;
    keepAnOwner(tx, member);
    setMembership(tx, member, { role });
    note(tx, access, "member.role", userId, { from: member.role, to: role });
  });
}

/** Ends a membership; the pairs they hold go back to everybody at once, their votes stay. */
export function removePerson(db: Db, access: Access<"admin">, userId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    const member = getMember(tx, access.projectId, userId);
    mayManage(access, member);
    keepAnOwner(tx, member);
    if (member.revokedAt) return;
    for (const lease of listLiveLeases(tx, access.projectId, userId)) giveBack(tx, lease, "released", now);
    setMembership(tx, member, { revokedAt: now });
    note(tx, access, "member.removed", userId, { role: member.role });
  });
}

export function restorePerson(db: Db, access: Access<"admin">, userId: string): void {
  writeTx(db, (tx) => {
    const member = getMember(tx, access.projectId, userId);
    mayManage(access, member);
    if (!member.revokedAt) return;
    setMembership(tx, member, { revokedAt: null });
    note(tx, access, "member.restored", userId, { role: member.role });
  });
}

/**
 * A link with which a member chooses a new password. It opens their whole account, so an owner gets one only for people
 * who have nothing beyond the owner's own projects; an instance administrator for anybody in the project.
 */
export function createResetLink(
  db: Db,
  access: Access<"owner">,
  userId: string,
  now = new Date(),
): { token: string; expiresAt: Date } {
  return writeTx(db, (tx) => {
    const member = getMember(tx, access.projectId, userId);
    if (member.revokedAt) throw new DomainError("not_found", { what: "person" });
    if (findUser(tx, access.userId)?.instanceRole !== "admin") {
      if (findUser(tx, userId)?.instanceRole === "admin")
        throw new DomainError("not_allowed", { reason: "instance_admin" });
      if (userId !== access.userId && belongsElsewhere(tx, userId, access.userId))
        throw new DomainError("not_allowed", { reason: "other_projects" });
    }
    const link = createLink(tx, { userId, purpose: "reset", createdBy: access.userId }, now);
    note(tx, access, "reset_link.created", userId);
    return link;
  });
}
