import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { dropWaitingPreflights, findPreflight, prunePreflights } from "@/db/queries/preflights.queries";
import { preflight } from "@/db/schema/runs";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { type RunRequest, resolveRequest, runConfig } from "./runs.service";

/** A page that is still open may ask again for what it was told. */
const keptMs = 24 * 3600 * 1000;

/** Asks the worker to look at what a run would do. What the same person still waits for is dropped, and old looks go. */
export function requestPreflight(
  db: Db,
  { projectId, userId }: Access<"admin">,
  request: RunRequest,
  now = new Date(),
) {
  return writeTx(db, (tx) => {
    const id = randomUUID();
    const config = runConfig(id, resolveRequest(tx, projectId, request));
    dropWaitingPreflights(tx, userId, now);
    prunePreflights(tx, new Date(now.getTime() - keptMs));
    tx.insert(preflight).values({ id, projectId, userId, config, state: "queued" }).run();
    return { preflightId: id };
  });
}

export function getPreflight(db: DbTx, { projectId }: Access<"admin">, id: string) {
  const found = findPreflight(db, projectId, id);
  if (!found) throw new DomainError("not_found", { what: "preflight" });
  const { state, result, error } = found;
  return { state, result, error };
}
