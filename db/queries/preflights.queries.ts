import { and, eq, lt } from "drizzle-orm";
import type { DbTx } from "../client";
import { preflight } from "../schema/runs";
import { type FinalState, finish, type Held } from "./lease.queries";

export type PreflightRow = typeof preflight.$inferSelect;

export const findPreflight = (tx: DbTx, projectId: string, id: string): PreflightRow | undefined =>
  tx
    .select()
    .from(preflight)
    .where(and(eq(preflight.projectId, projectId), eq(preflight.id, id)))
    .get();

/** What somebody asked for before and no longer waits for. */
export const dropWaitingPreflights = (tx: DbTx, userId: string, now: Date): void => {
  tx.update(preflight)
    .set({ state: "cancelled", finishedAt: now })
    .where(and(eq(preflight.userId, userId), eq(preflight.state, "queued")))
    .run();
};

/** Looks ahead that ended before `before`: nobody goes back to them. */
export const prunePreflights = (tx: DbTx, before: Date): void => {
  tx.delete(preflight).where(lt(preflight.finishedAt, before)).run();
};

/** Ends a look ahead with what was seen or why nothing was. */
export function finishPreflight(
  tx: DbTx,
  held: Held,
  state: FinalState,
  told: Pick<PreflightRow, "result" | "error">,
  now: Date,
): void {
  if (finish(tx, held, state, now)) tx.update(preflight).set(told).where(eq(preflight.id, held.id)).run();
}
