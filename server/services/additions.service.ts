import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { isBeingAdded, listAdditions } from "@/db/queries/additions.queries";
import { workerOnline } from "@/db/queries/runs.queries";
import { modelAddition } from "@/db/schema/additions";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { incomingFolder, listIncoming } from "./incoming";

const shown = 5;

/** What lies ready to be added, and what became of what was asked for last. */
export function getIncoming(db: DbTx, { projectId }: Access<"admin">, dataDir: string, now = new Date()) {
  return {
    folder: incomingFolder(dataDir),
    entries: listIncoming(dataDir),
    additions: listAdditions(db, projectId, shown).map(({ id, entry, state, modelId, error }) => ({
      id,
      entry,
      state,
      modelId,
      error,
    })),
    workerOnline: workerOnline(db, now),
  };
}

/** Asks the worker to add a model. Only what `getIncoming` lists: no other place on the server can be named. */
export function requestAddition(db: Db, { projectId, userId }: Access<"admin">, entry: string, dataDir: string) {
  if (!listIncoming(dataDir).some(({ name }) => name === entry)) {
    throw new DomainError("not_found", { what: "incoming model" });
  }
  return writeTx(db, (tx) => {
    if (isBeingAdded(tx, projectId, entry)) throw new DomainError("conflict", { what: "model addition" });
    const id = randomUUID();
    tx.insert(modelAddition).values({ id, projectId, userId, entry, state: "queued" }).run();
    return { additionId: id };
  });
}
