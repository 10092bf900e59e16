import { sql } from "drizzle-orm";
import type { DbTx } from "../client";
import { item, response } from "../schema/items";
import { model, run } from "../schema/runs";

/** How many things a model has been the beginning of. */
export interface Descent {
  /** Models in the registry that were trained from it. */
  readonly models: number;
  /** Runs that began from it, however they ended. */
  readonly runs: number;
  /** Pairs in which one of the answers is said to be its. */
  readonly pairs: number;
}

/** What comes from a model of a project: all of it stays when the model goes. */
export const descentOf = (tx: DbTx, projectId: string, { id, name }: { id: string; name: string }): Descent =>
  tx.get<Descent>(sql`select
    (select count(*) from ${model} where project_id = ${projectId} and base_model_id = ${id} and deleted_at is null) as models,
    (select count(*) from ${run} where project_id = ${projectId} and base_model_id = ${id}) as runs,
    (select count(distinct ${item.id}) from ${response} join ${item} on ${item.id} = ${response.itemId}
      where ${item.projectId} = ${projectId} and ${response.sourceModel} = ${name}) as pairs`);
