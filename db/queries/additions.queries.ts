import { and, desc, eq, inArray } from "drizzle-orm";
import type { DbTx } from "../client";
import { modelAddition } from "../schema/additions";

export type AdditionRow = typeof modelAddition.$inferSelect;

export const getAddition = (tx: DbTx, id: string): AdditionRow =>
  tx.select().from(modelAddition).where(eq(modelAddition.id, id)).get() as AdditionRow;

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
