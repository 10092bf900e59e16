import { and, asc, desc, eq, isNull, lt, or } from "drizzle-orm";
import type { DbTx } from "../client";
import { user } from "../schema/identity";
import { apiToken } from "../schema/integrations";

export type ApiToken = typeof apiToken.$inferSelect;

/** A project's tokens with who made each, newest first. */
export const listTokenRows = (tx: DbTx, projectId: string) =>
  tx
    .select({ token: apiToken, madeBy: user.name })
    .from(apiToken)
    .innerJoin(user, eq(user.id, apiToken.createdBy))
    .where(eq(apiToken.projectId, projectId))
    .orderBy(desc(apiToken.createdAt), asc(apiToken.id))
    .all();

export const findToken = (tx: DbTx, projectId: string, id: string): ApiToken | undefined =>
  tx
    .select()
    .from(apiToken)
    .where(and(eq(apiToken.id, id), eq(apiToken.projectId, projectId)))
    .get();

export const findTokenByHash = (tx: DbTx, tokenHash: string): ApiToken | undefined =>
  tx.select().from(apiToken).where(eq(apiToken.tokenHash, tokenHash)).get();

/** Notes a use, at most once in `everyMs`: a program that calls all the time does not write all the time. */
export function noteTokenUse(tx: DbTx, id: string, now: Date, everyMs: number): void {
  const stale = or(isNull(apiToken.lastUsedAt), lt(apiToken.lastUsedAt, new Date(now.getTime() - everyMs)));
  tx.update(apiToken)
    .set({ lastUsedAt: now })
    .where(and(eq(apiToken.id, id), stale))
    .run();
}
