import { findModelById } from "@/db/queries/models.queries";
import { modelFolder } from "../services/modelFolder";
import type { WorkerContext } from "./context";
import type { PlacedModel } from "./protocol";

export const removedModel = "One of the models was removed before its turn came. Choose another one.";

/** Where these models lie, in their order; null when one of them was removed. */
export function placeModels(context: WorkerContext, ids: readonly string[]): PlacedModel[] | null {
  const placed = ids.flatMap((id) => {
    const found = findModelById(context.db, id);
    if (!found || found.deletedAt) return [];
    const base = found.baseModelId === null ? undefined : findModelById(context.db, found.baseModelId);
    return [
      { id, folder: modelFolder(found.path, context), ...(base && { baseFolder: modelFolder(base.path, context) }) },
    ];
  });
  return placed.length === ids.length ? placed : null;
}
