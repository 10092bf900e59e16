import { and, asc, count, eq, isNull, notExists, sql } from "drizzle-orm";
import { type DbTx, prepared } from "../client";
import { practiceAnswer, practicePair } from "../schema/guidance";
import { user } from "../schema/identity";
import { judgement } from "../schema/tasks";

export type PracticePair = typeof practicePair.$inferSelect;
export type PracticeAnswer = typeof practiceAnswer.$inferSelect;

const at = sql.placeholder;

const anyVote = prepared((tx) =>
  tx
    .select({ one: sql`1` })
    .from(judgement)
    .where(and(eq(judgement.projectId, at("projectId")), eq(judgement.annotatorKey, at("userId"))))
    .limit(1)
    .prepare(),
);

/** Whether a person has ever judged a real pair of the project. */
export const hasVoted = (tx: DbTx, projectId: string, userId: string): boolean =>
  anyVote(tx).get({ projectId, userId }) !== undefined;

export const countAnswers = (tx: DbTx, projectId: string, userId: string): number =>
  tx
    .select({ n: count() })
    .from(practiceAnswer)
    .where(and(eq(practiceAnswer.projectId, projectId), eq(practiceAnswer.userId, userId)))
    .get()?.n ?? 0;

const inUse = (projectId: string) => and(eq(practicePair.projectId, projectId), isNull(practicePair.retiredAt));

/** The pairs in use that a person has not answered, in their order. */
export const listUnanswered = (tx: DbTx, projectId: string, userId: string): PracticePair[] =>
  tx
    .select()
    .from(practicePair)
    .where(
      and(
        inUse(projectId),
        notExists(
          tx
            .select({ one: sql`1` })
            .from(practiceAnswer)
            .where(and(eq(practiceAnswer.pairId, practicePair.id), eq(practiceAnswer.userId, userId))),
        ),
      ),
    )
    .orderBy(asc(practicePair.position))
    .all();

export const listPracticePairs = (tx: DbTx, projectId: string): PracticePair[] =>
  tx.select().from(practicePair).where(inUse(projectId)).orderBy(asc(practicePair.position)).all();

export const findPracticePair = (tx: DbTx, projectId: string, id: string): PracticePair | undefined =>
  tx
    .select()
    .from(practicePair)
    .where(and(eq(practicePair.id, id), inUse(projectId)))
    .get();

export const findAnswer = (tx: DbTx, pairId: string, userId: string): PracticeAnswer | undefined =>
  tx
    .select()
    .from(practiceAnswer)
    .where(and(eq(practiceAnswer.pairId, pairId), eq(practiceAnswer.userId, userId)))
    .get();

export const insertAnswer = (tx: DbTx, row: typeof practiceAnswer.$inferInsert): PracticeAnswer =>
  tx.insert(practiceAnswer).values(row).returning().get();

export const insertPracticePair = (tx: DbTx, row: typeof practicePair.$inferInsert): void => {
  tx.insert(practicePair).values(row).run();
};

export const movePracticePair = (tx: DbTx, id: string, position: number): void => {
  tx.update(practicePair).set({ position }).where(eq(practicePair.id, id)).run();
};

export const retirePracticePair = (tx: DbTx, id: string, now: Date): void => {
  tx.update(practicePair).set({ retiredAt: now }).where(eq(practicePair.id, id)).run();
};

/** Every answer in a project with the person's name, oldest first. */
export const listAnswers = (tx: DbTx, projectId: string) =>
  tx
    .select({ answer: practiceAnswer, name: user.name })
    .from(practiceAnswer)
    .innerJoin(user, eq(user.id, practiceAnswer.userId))
    .where(eq(practiceAnswer.projectId, projectId))
    .orderBy(asc(practiceAnswer.createdAt), sql`${practiceAnswer}.rowid`)
    .all();
