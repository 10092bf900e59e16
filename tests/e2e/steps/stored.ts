import { join } from "node:path";
import { and, eq, isNotNull, notInArray } from "drizzle-orm";
import { type Db, openDb } from "@/db/client";
import { user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { assignment, itemFlag, judgement } from "@/db/schema/tasks";

export interface StoredVote {
  readonly email: string;
  readonly prompt: string;
  readonly left: "a" | "b" | null;
  /** −3 … +3 in stored order, negative for response a. */
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly reason: string | null;
  /** By name, in stored order. */
  readonly criteria: Readonly<Record<string, number>>;
  readonly guidelineVersion: number | null;
}

/** Reads the database beside the running product. */
function reading<T>(dataDir: string, read: (db: Db) => T): T {
  const db = openDb(join(dataDir, "tiebreak.db"), { durability: "normal" });
  try {
    return read(db);
  } finally {
    db.$client.close();
  }
}

/** The votes that stand, oldest first. */
export function storedVotes(dataDir: string): StoredVote[] {
  return reading(dataDir, (db) => {
    const superseded = db
      .select({ id: judgement.supersedesId })
      .from(judgement)
      .where(isNotNull(judgement.supersedesId));
    const rows = db
      .select({
        ...{ email: user.email, prompt: item.prompt, left: judgement.leftSlot, verdict: judgement.verdict },
        ...{ bothBad: judgement.bothBad, reason: judgement.reason, criteria: judgement.criteria },
        guidelineVersion: judgement.guidelineVersion,
      })
      .from(judgement)
      .innerJoin(user, eq(user.id, judgement.annotatorId))
      .innerJoin(item, eq(item.id, judgement.itemId))
      .where(and(eq(judgement.action, "judge"), notInArray(judgement.id, superseded)))
      .orderBy(judgement.createdAt)
      .all();
    return rows.map(({ prompt, ...vote }) => ({ ...vote, prompt: prompt[0]?.content ?? "" }));
  });
}

/** Why pairs were skipped, and what was reported, in the order of their being given out. */
export const storedSkipsAndReports = (dataDir: string) =>
  reading(dataDir, (db) => ({
    skips: db
      .select({ reason: assignment.skipReason })
      .from(assignment)
      .where(eq(assignment.state, "skipped"))
      .all()
      .map(({ reason }) => reason),
    reports: db.select({ problem: itemFlag.problem, note: itemFlag.note }).from(itemFlag).all(),
  }));
