import { randomUUID } from "node:crypto";
import type { Db, DbTx } from "@/db/client";
import { writeTx } from "@/db/client";
import { findModel } from "@/db/queries/models.queries";
import { dropWaitingScorings, findScoring, pruneScorings } from "@/db/queries/scorings.queries";
import { scoring } from "@/db/schema/inference";
import type { AnswersToScore } from "@/trainer/contracts/inference";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";

/** Refuses a model that the project does not have or that cannot do this. */
export function checkModel(tx: DbTx, projectId: string, modelId: string, kind: "policy" | "reward"): string {
  const found = findModel(tx, projectId, modelId);
  if (found?.kind !== kind) throw new DomainError("not_found", { what: "model" });
  return found.name;
}

/** As long as a page may still show what was found. */
const keptMs = 86_400_000;

/** Asks the worker what models say of answers. What the same person still waits for is dropped. */
export function requestScoring(
  db: Db,
  { projectId, userId }: Access<"admin">,
  asked: AnswersToScore & { readonly modelIds: readonly string[]; readonly rewardModelId: string | null },
  now = new Date(),
): { scoringId: string } {
  const { modelIds, rewardModelId, ...request } = asked;
  return writeTx(db, (tx) => {
    for (const id of modelIds) checkModel(tx, projectId, id, "policy");
    if (rewardModelId !== null) checkModel(tx, projectId, rewardModelId, "reward");
    dropWaitingScorings(tx, userId, now);
    pruneScorings(tx, new Date(now.getTime() - keptMs));
    const id = randomUUID();
    const models = { modelIds: [...new Set(modelIds)], rewardModelId };
    tx.insert(scoring)
      .values({ id, projectId, userId, request, ...models, state: "queued", createdAt: now })
      .run();
    return { scoringId: id };
  });
}

export function getScoring(db: DbTx, { projectId }: Access<"admin">, scoringId: string) {
  const found = findScoring(db, projectId, scoringId);
  if (!found) throw new DomainError("not_found", { what: "scoring" });
  const { state, result, error } = found;
  return { state, result, error };
}
