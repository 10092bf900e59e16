import type { DbTx } from "@/db/client";
import { findModelById, type Model } from "@/db/queries/models.queries";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import { type ModelPlaces, modelFolder, readModelShape } from "./modelFolder";

/** The shape of a model, of an adapter that of what it stands on; null where the files tell none. */
export function shapeOf(tx: DbTx, { path, baseModelId }: Model, places: ModelPlaces): ModelShape | null {
  const own = readModelShape(modelFolder(path, places));
  const base = own === null && baseModelId !== null ? findModelById(tx, baseModelId) : undefined;
  return base ? shapeOf(tx, base, places) : own;
}
