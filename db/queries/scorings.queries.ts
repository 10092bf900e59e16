import { and, eq, lt } from "drizzle-orm";
import type { DbTx } from "../client";
import { scoring } from "../schema/inference";
import { type FinalState, finish, type Held } from "./lease.queries";

export type ScoringRow = typeof scoring.$inferSelect;

export const findScoring = (tx: DbTx, projectId: string, id: string): ScoringRow | undefined =>
  tx
    .select()
    .from(scoring)
    .where(and(eq(scoring.projectId, projectId), eq(scoring.id, id)))
    .get();

/** What somebody asked for before and no longer waits for. */
export const dropWaitingScorings = (tx: DbTx, userId: string, now: Date): void => {
  tx.update(scoring)
    .set({ state: "cancelled", finishedAt: now })
    .where(and(eq(scoring.userId, userId), eq(scoring.state, "queued")))
    .run();
};

/** Scorings that ended before `before`: nobody goes back to them. */
export const pruneScorings = (tx: DbTx, before: Date): void => {
  tx.delete(scoring).where(lt(scoring.finishedAt, before)).run();
};

/** Ends a scoring with what was found or why nothing was. */
export function finishScoring(
  tx: DbTx,
  held: Held,
  state: FinalState,
  told: Pick<ScoringRow, "result" | "error">,
  now: Date,
): void {
  if (finish(tx, held, state, now)) tx.update(scoring).set(told).where(eq(scoring.id, held.id)).run();
}
