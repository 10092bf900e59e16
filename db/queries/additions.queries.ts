import { and, desc, eq, gt, inArray, or } from "drizzle-orm";
import type { DbTx } from "../client";
import { modelAddition } from "../schema/additions";

export type AdditionRow = typeof modelAddition.$inferSelect;

export const getAddition = (tx: DbTx, id: string): AdditionRow =>
  tx.select().from(modelAddition).where(eq(modelAddition.id, id)).get() as AdditionRow;

export const findAddition = (tx: DbTx, projectId: string, id: string): AdditionRow | undefined =>
  tx
    .select()
    .from(modelAddition)
    .where(and(eq(modelAddition.id, id), eq(modelAddition.projectId, projectId)))
    .get();

/** A failed one waits again, as if it had never been tried. */
export const retryAddition = (tx: DbTx, id: string): void => {
  tx.update(modelAddition)
    .set({ state: "queued", error: null, finishedAt: null, cancelRequestedAt: null, attempts: 0, stage: "fetching" })
    .where(eq(modelAddition.id, id))
    .run();
};

/** Those whose files are still needed: under way, or failed since then. */
export const additionsWithFiles = (tx: DbTx, failedSince: Date): Set<string> =>
  new Set(
    tx
      .select({ id: modelAddition.id })
      .from(modelAddition)
      .where(
        or(
          inArray(modelAddition.state, ["queued", "running"]),
          and(eq(modelAddition.state, "failed"), gt(modelAddition.finishedAt, failedSince)),
        ),
      )
      .all()
      .map(({ id }) => id),
  );

/** The newest of a project. */
export const listAdditions = (tx: DbTx, projectId: string, count: number): AdditionRow[] =>
  tx
    .select()
    .from(modelAddition)
    .where(eq(modelAddition.projectId, projectId))
    .orderBy(desc(modelAddition.createdAt), desc(modelAddition.id))
    .limit(count)
    .all();

/** The same entry is being added to the project already. */
export const isBeingAdded = (tx: DbTx, projectId: string, entry: string): boolean =>
  tx
    .select({ id: modelAddition.id })
    .from(modelAddition)
    .where(
      and(
        eq(modelAddition.projectId, projectId),
        eq(modelAddition.entry, entry),
        inArray(modelAddition.state, ["queued", "running"]),
      ),
    )
    .get() !== undefined;
