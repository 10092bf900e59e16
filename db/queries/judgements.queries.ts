import { and, asc, desc, eq, getTableColumns, gt, gte, notExists, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { type DbTx, prepared } from "../client";
import { item } from "../schema/items";
import { assignment, judgement } from "../schema/tasks";

export type Judgement = typeof judgement.$inferSelect;
export type NewJudgement = typeof judgement.$inferInsert;

const later = alias(judgement, "later");

/** Nobody supersedes it. */
const isCurrent = (tx: DbTx) =>
  notExists(tx.select({ one: sql`1` }).from(later).where(eq(later.supersedesId, judgement.id)));

const at = sql.placeholder;

const bySubmission = prepared((tx) =>
  tx
    .select()
    .from(judgement)
    .where(eq(judgement.submissionId, at("submissionId")))
    .prepare(),
);

export const findBySubmission = (tx: DbTx, submissionId: string): Judgement | undefined =>
  bySubmission(tx).get({ submissionId });

const currentOf = prepared((tx) =>
  tx
    .select()
    .from(judgement)
    .where(and(eq(judgement.itemId, at("itemId")), eq(judgement.assignmentId, at("assignmentId")), isCurrent(tx)))
    .prepare(),
);

/** The newest row about an assignment: what it says now. By its item too, for there is the index. */
export const findCurrent = (tx: DbTx, { id, itemId }: { id: string; itemId: string }): Judgement | undefined =>
  currentOf(tx).get({ itemId, assignmentId: id });

/**
 * The vote of the pair that an annotator judged last, as it stands. Newest by when the pair was judged: a vote that was
 * changed later keeps its place.
 */
export const findLatestCounted = (tx: DbTx, projectId: string, annotatorId: string): Judgement | undefined =>
  tx
    .select(getTableColumns(judgement))
    .from(judgement)
    .innerJoin(assignment, eq(assignment.id, judgement.assignmentId))
    .where(
      and(
        eq(assignment.projectId, projectId),
        eq(assignment.annotatorId, annotatorId),
        eq(assignment.state, "submitted"),
        eq(judgement.action, "judge"),
        eq(judgement.purpose, "vote"),
        eq(judgement.late, false),
        isCurrent(tx),
      ),
    )
    .orderBy(desc(assignment.endedAt), sql`judgement.rowid desc`)
    .limit(1)
    .get();

/** One page of everything that was said in a project, oldest first; `after` is the last row of the page before. */
export function listJudgementPage(
  tx: DbTx,
  projectId: string,
  page: {
    readonly after: { readonly createdAt: Date; readonly id: string } | null;
    readonly itemId: string | undefined;
    readonly from: Date | undefined;
    readonly limit: number;
  },
) {
  const { after, itemId, from, limit } = page;
  const { createdAt, id } = judgement;
  const beyond = after && or(gt(createdAt, after.createdAt), and(eq(createdAt, after.createdAt), gt(id, after.id)));
  return tx
    .select({ row: judgement, supersededBy: later.id })
    .from(judgement)
    .leftJoin(later, eq(later.supersedesId, judgement.id))
    .where(
      and(
        eq(judgement.projectId, projectId),
        itemId === undefined ? undefined : eq(judgement.itemId, itemId),
        from && gte(createdAt, from),
        // Said twice: the index is found by the plain bound.
        after ? gte(createdAt, after.createdAt) : undefined,
        beyond ?? undefined,
      ),
    )
    .orderBy(asc(createdAt), asc(id))
    .limit(limit)
    .all();
}

/** A judgement of an annotator's own that stands, with when the pair was first judged; somebody else's is as good as none. */
export const findOwnStanding = (tx: DbTx, projectId: string, annotatorId: string, id: string) =>
  tx
    .select({ vote: judgement, judgedAt: assignment.endedAt })
    .from(judgement)
    .innerJoin(assignment, eq(assignment.id, judgement.assignmentId))
    .where(
      and(
        eq(judgement.id, id),
        eq(judgement.projectId, projectId),
        eq(judgement.annotatorId, annotatorId),
        eq(judgement.action, "judge"),
        eq(judgement.purpose, "vote"),
        isCurrent(tx),
      ),
    )
    .get();

export const insertJudgement = (tx: DbTx, row: NewJudgement): Judgement =>
  tx.insert(judgement).values(row).returning().get();

const addVotes = prepared((tx) =>
  tx
    .update(item)
    .set({ votes: sql`${item.votes} + ${at("by")}` })
    .where(eq(item.id, at("itemId")))
    .prepare(),
);

/** Keeps `item.votes`, the number of counted votes, in step. */
export function countVote(tx: DbTx, itemId: string, by: 1 | -1): void {
  addVotes(tx).run({ itemId, by });
}

const ownAssignment = prepared((tx) =>
  tx
    .select()
    .from(assignment)
    .where(
      and(
        eq(assignment.id, at("id")),
        eq(assignment.projectId, at("projectId")),
        eq(assignment.annotatorId, at("annotatorId")),
      ),
    )
    .prepare(),
);

/** An annotator's own assignment; somebody else's is as good as none. */
export const findAssignment = (tx: DbTx, projectId: string, annotatorId: string, id: string) =>
  ownAssignment(tx).get({ projectId, annotatorId, id });
