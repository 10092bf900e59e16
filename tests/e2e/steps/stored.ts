import { join } from "node:path";
import { and, eq, isNotNull, notInArray } from "drizzle-orm";
import { openDb } from "@/db/client";
import { user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";

export interface StoredVote {
  readonly email: string;
  readonly prompt: string;
  readonly left: "a" | "b" | null;
  /** −3 … +3 in stored order, negative for response a. */
  readonly verdict: number | null;
}

/** The votes that stand, oldest first, read from the file beside the running product. */
export function storedVotes(dataDir: string): StoredVote[] {
  const db = openDb(join(dataDir, "tiebreak.db"), { durability: "normal" });
  try {
    const superseded = db
      .select({ id: judgement.supersedesId })
      .from(judgement)
      .where(isNotNull(judgement.supersedesId));
    const rows = db
      .select({ email: user.email, prompt: item.prompt, left: judgement.leftSlot, verdict: judgement.verdict })
      .from(judgement)
      .innerJoin(user, eq(user.id, judgement.annotatorId))
      .innerJoin(item, eq(item.id, judgement.itemId))
      .where(and(eq(judgement.action, "judge"), notInArray(judgement.id, superseded)))
      .orderBy(judgement.createdAt)
      .all();
    return rows.map(({ prompt, ...vote }) => ({ ...vote, prompt: prompt[0]?.content ?? "" }));
  } finally {
    db.$client.close();
  }
}
