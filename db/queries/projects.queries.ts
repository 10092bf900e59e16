import { and, asc, count, desc, eq, gte, isNotNull, isNull, sql } from "drizzle-orm";
import { queueClassOf } from "@/server/domain/sides";
import type { DbTx } from "../client";
import { snapshot } from "../schema/datasets";
import { invite, membership, project, user } from "../schema/identity";
import { importBatch, item } from "../schema/items";
import { model, run } from "../schema/runs";
import { assignment, claimCursor, judgement } from "../schema/tasks";
import { standing } from "./items.queries";

export type Project = typeof project.$inferSelect;
export type Membership = typeof membership.$inferSelect;
export type Invite = typeof invite.$inferSelect;

export const findProject = (tx: DbTx, id: string): Project | undefined =>
  tx.select().from(project).where(eq(project.id, id)).get();

/** A person's projects, newest first. */
export const listProjectsOf = (tx: DbTx, userId: string) =>
  tx
    .select({ project, role: membership.role })
    .from(membership)
    .innerJoin(project, eq(project.id, membership.projectId))
    .where(and(eq(membership.userId, userId), isNull(membership.revokedAt), isNull(project.archivedAt)))
    .orderBy(desc(project.createdAt), asc(project.id))
    .all();

const one = (condition: ReturnType<typeof sql>) =>
  sql<number>`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`;

/** Items in use and the counted votes on them. */
export function tallyItems(tx: DbTx, projectId: string) {
  const { votes } = item;
  return tx
    .select({
      items: count(),
      complete: one(sql`${votes} >= ${project.overlap}`),
      votes: sql<number>`coalesce(sum(${votes}), 0)`,
    })
    .from(item)
    .innerJoin(project, eq(project.id, item.projectId))
    .where(and(eq(item.projectId, projectId), isNull(item.retiredAt)))
    .get() as { items: number; complete: number; votes: number };
}

/** Votes that a person gave and did not take back; those that came too late to count are theirs all the same. */
const said = (projectId: string) =>
  and(
    eq(judgement.projectId, projectId),
    eq(judgement.action, "judge"),
    eq(judgement.purpose, "vote"),
    isNotNull(judgement.annotatorId),
    sql`not exists (select 1 from judgement later where later.supersedes_id = ${judgement.id})`,
  );

export const countVotesOf = (tx: DbTx, projectId: string, userId: string, since: Date): number =>
  tx
    .select({ n: count() })
    .from(judgement)
    .where(and(said(projectId), eq(judgement.annotatorKey, userId), gte(judgement.createdAt, since)))
    .get()?.n ?? 0;

/** A person's middle time on a pair since then, in milliseconds, or null. */
export function paceOf(tx: DbTx, projectId: string, userId: string, since: Date): number | null {
  const times = tx
    .select({ ms: judgement.durationMs })
    .from(judgement)
    .where(
      and(
        said(projectId),
        eq(judgement.annotatorKey, userId),
        gte(judgement.createdAt, since),
        isNotNull(judgement.durationMs),
      ),
    )
    .orderBy(asc(judgement.durationMs))
    .all();
  return times[Math.floor((times.length - 1) / 2)]?.ms ?? null;
}

/** What a person said last, newest first, with the prompt it was about and when they judged the pair. */
export const listVotesOf = (tx: DbTx, projectId: string, userId: string, limit: number) =>
  tx
    .select({ vote: judgement, prompt: item.prompt, judgedAt: assignment.endedAt })
    .from(judgement)
    .innerJoin(item, eq(item.id, judgement.itemId))
    .leftJoin(assignment, eq(assignment.id, judgement.assignmentId))
    .where(and(said(projectId), eq(judgement.annotatorKey, userId)))
    .orderBy(desc(judgement.createdAt), sql`${judgement}.rowid desc`)
    .limit(limit)
    .all();

/** How many votes each person gave, since `today` and at all, and when the last. */
export const votesByPerson = (tx: DbTx, projectId: string, today: Date) =>
  tx
    .select({
      userId: judgement.annotatorKey,
      votes: count(),
      votesToday: one(sql`${judgement.createdAt} >= ${today.getTime()}`),
      lastVoteAt: sql<number>`max(${judgement.createdAt})`,
    })
    .from(judgement)
    .where(said(projectId))
    .groupBy(judgement.annotatorKey)
    .all();

/** Counted votes a UTC day since `from`; days without any are missing. */
export const votesByDay = (tx: DbTx, projectId: string, from: Date) => {
  const day = sql<string>`date(${judgement.createdAt} / 1000, 'unixepoch')`;
  return tx
    .select({ day, votes: count() })
    .from(judgement)
    .where(
      and(
        eq(judgement.projectId, projectId),
        isNotNull(judgement.annotatorId),
        standing(tx),
        gte(judgement.createdAt, from),
      ),
    )
    .groupBy(day)
    .all();
};

export const countLate = (tx: DbTx, projectId: string): number =>
  tx
    .select({ n: count() })
    .from(judgement)
    .where(and(said(projectId), eq(judgement.late, true)))
    .get()?.n ?? 0;

export const countSkipped = (tx: DbTx, projectId: string): number =>
  tx
    .select({ n: count() })
    .from(assignment)
    .where(and(eq(assignment.projectId, projectId), eq(assignment.state, "skipped")))
    .get()?.n ?? 0;

export function countProducts(tx: DbTx, projectId: string) {
  const of = (n: { n: number } | undefined) => n?.n ?? 0;
  return {
    snapshots: of(tx.select({ n: count() }).from(snapshot).where(eq(snapshot.projectId, projectId)).get()),
    runs: of(tx.select({ n: count() }).from(run).where(eq(run.projectId, projectId)).get()),
    models: of(
      tx
        .select({ n: count() })
        .from(model)
        .where(and(eq(model.projectId, projectId), isNull(model.deletedAt)))
        .get(),
    ),
    imports: of(
      tx
        .select({ n: count() })
        .from(importBatch)
        .where(and(eq(importBatch.projectId, projectId), eq(importBatch.state, "finished")))
        .get(),
    ),
  };
}

/**
 * Brings every item's place in the claim queue in step with a new overlap. Live leases and counted votes stay as they
 * are: where they are more than the overlap now wants, `openSlots` goes below zero and nothing opens until they are not.
 */
export function resizeOverlap(tx: DbTx, projectId: string, overlap: number): void {
  const leases = tx
    .select({ n: count() })
    .from(assignment)
    .where(and(sql`${assignment.itemId} = "item"."id"`, eq(assignment.state, "leased")));
  tx.update(project).set({ overlap }).where(eq(project.id, projectId)).run();
  tx.update(item)
    .set({ openSlots: sql`${overlap} - ${item.votes} - (${leases})` })
    .where(eq(item.projectId, projectId))
    .run();
  const kinds = tx
    .selectDistinct({ balance: item.sideBalance, openSlots: item.openSlots })
    .from(item)
    .where(eq(item.projectId, projectId))
    .all();
  for (const kind of kinds) {
    tx.update(item)
      .set({ queueClass: queueClassOf(kind) })
      .where(and(eq(item.projectId, projectId), eq(item.sideBalance, kind.balance), eq(item.openSlots, kind.openSlots)))
      .run();
  }
  // Items may have opened or changed class behind somebody's cursor: everybody looks from the start once.
  tx.delete(claimCursor).where(eq(claimCursor.projectId, projectId)).run();
}

export const findMembership = (tx: DbTx, projectId: string, userId: string): Membership | undefined =>
  tx
    .select()
    .from(membership)
    .where(and(eq(membership.projectId, projectId), eq(membership.userId, userId)))
    .get();

export function setMembership(
  tx: DbTx,
  { projectId, userId }: Pick<Membership, "projectId" | "userId">,
  change: Partial<Pick<Membership, "role" | "revokedAt">>,
): void {
  tx.update(membership)
    .set(change)
    .where(and(eq(membership.projectId, projectId), eq(membership.userId, userId)))
    .run();
}

export const countOwners = (tx: DbTx, projectId: string): number =>
  tx
    .select({ n: count() })
    .from(membership)
    .where(and(eq(membership.projectId, projectId), eq(membership.role, "owner"), isNull(membership.revokedAt)))
    .get()?.n ?? 0;

/** Everybody who belongs or belonged to a project, in order of joining. */
export const listMembers = (tx: DbTx, projectId: string) =>
  tx
    .select({ member: membership, name: user.name, email: user.email, inviteLabel: invite.label })
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .leftJoin(invite, eq(invite.id, membership.inviteId))
    .where(eq(membership.projectId, projectId))
    .orderBy(asc(membership.createdAt), asc(membership.userId))
    .all();

/** Whether a person belongs to any project where `ownerId` is not an owner. */
export const belongsElsewhere = (tx: DbTx, userId: string, ownerId: string): boolean =>
  tx
    .select({ one: sql`1` })
    .from(membership)
    .where(
      and(
        eq(membership.userId, userId),
        isNull(membership.revokedAt),
        sql`not exists (select 1 from membership mine where mine.project_id = ${membership.projectId}
          and mine.user_id = ${ownerId} and mine.role = 'owner' and mine.revoked_at is null)`,
      ),
    )
    .limit(1)
    .get() !== undefined;

export const listLiveLeases = (tx: DbTx, projectId: string, annotatorId: string) =>
  tx
    .select()
    .from(assignment)
    .where(
      and(eq(assignment.projectId, projectId), eq(assignment.annotatorId, annotatorId), eq(assignment.state, "leased")),
    )
    .all();

export const listInvites = (tx: DbTx, projectId: string): Invite[] =>
  tx.select().from(invite).where(eq(invite.projectId, projectId)).orderBy(desc(invite.createdAt), asc(invite.id)).all();

export const findInvite = (tx: DbTx, projectId: string, id: string): Invite | undefined =>
  tx
    .select()
    .from(invite)
    .where(and(eq(invite.id, id), eq(invite.projectId, projectId)))
    .get();

export const findInviteByHash = (tx: DbTx, tokenHash: string): Invite | undefined =>
  tx.select().from(invite).where(eq(invite.tokenHash, tokenHash)).get();

/** A person joins by an invite: the membership and the use of the invite, in the caller's one transaction. */
export function insertMember(tx: DbTx, { id, projectId, role }: Invite, userId: string): void {
  tx.insert(membership).values({ projectId, userId, role, inviteId: id }).run();
  tx.update(invite)
    .set({ uses: sql`${invite.uses} + 1` })
    .where(eq(invite.id, id))
    .run();
}
