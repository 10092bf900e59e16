import { readFileSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { compressionOf } from "@/db/queries/compressions.queries";
import { descentOf } from "@/db/queries/descent.queries";
import { listAncestors, listChildren } from "@/db/queries/lineage.queries";
import { findModel, findModelById, findUser, listModelViews, type Model } from "@/db/queries/models.queries";
import { audit } from "@/db/schema/audit";
import { model } from "@/db/schema/runs";
import { adapterSchema } from "@/trainer/contracts/adapter";
import { adapterKindEntries } from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import { answerBytes, parametersOf, stateBytes } from "@/trainer/contracts/trainingCost";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import {
  adapterConfigName,
  adapterKindIn,
  deltaConfigName,
  type ModelPlaces,
  measureModelFolder,
  modelFolder,
  readModelShape,
  starterModelId,
  starterPath,
} from "./modelFolder";
import { shapeOf } from "./modelShapes";

/** Lists the model that ships with the product in the registry, for every project. The second time changes nothing. */
export function ensureStarterModel(db: Db, starterDir: string): void {
  const { parameters, bytes } = measureModelFolder(starterDir);
  db.insert(model)
    .values({
      id: starterModelId,
      projectId: null,
      kind: "policy",
      name: "Tiebreak starter 2M",
      path: starterPath,
      parameters,
      bytes,
    })
    .onConflictDoUpdate({ target: model.id, set: { parameters, bytes } })
    .run();
}

const everything = { kind: "sft", adapter: adapterSchema.parse({}) } as const;

/** Bytes that a model takes at the least: to answer, and to train all of it. Activations come on top. */
const memoryFor = (parameters: number, shape: ModelShape | null) => ({
  answer: answerBytes(parameters),
  train: shape ? stateBytes(parametersOf(shape, everything)) : stateBytes({ trained: parameters, frozen: 0 }),
  machine: totalmem(),
});

/** What the registry itself says of a model. */
const toRow = ({
  model: m,
  baseModelName,
  snapshotNumber,
  metrics,
  report,
}: ReturnType<typeof listModelViews>[number]) => ({
  id: m.id,
  kind: m.kind,
  name: m.name,
  parameters: m.parameters,
  bytes: m.bytes,
  createdAt: m.createdAt,
  baseModelName,
  runId: m.runId,
  snapshotNumber,
  metrics,
  starter: m.id === starterModelId,
  /** Of a delta: how large the model before it is. */
  compressed: report && { fullBytes: report.bytes.full },
});

/** The registry as it is in the database: no file is looked at. */
export const listModelRows = (db: DbTx, { projectId }: Access<"admin">) => listModelViews(db, projectId).map(toRow);

export function listModels(db: DbTx, { projectId }: Access<"admin">, places: ModelPlaces) {
  const models = listModelViews(db, projectId).map((view) => {
    const shape = shapeOf(db, view.model, places);
    const memory = memoryFor(view.model.parameters, shape);
    const adapter = adapterKindIn(modelFolder(view.model.path, places), view.config);
    const whole = readModelShape(modelFolder(view.model.path, places)) !== null;
    const { origin, baseModelId } = view.model;
    // `whole`: it has all its weights, and is no adapter or delta. `shape`: for what training it would take
    // (trainer/contracts/trainingCost.ts). `adapter`: what it is beside a base, null for a whole model.
    return { ...toRow(view), origin, baseModelId, memory, shape, adapter, whole };
  });
  return { models };
}

function getModel(tx: DbTx, projectId: string, modelId: string): Model {
  const found = findModel(tx, projectId, modelId);
  if (!found) throw new DomainError("not_found", { what: "model" });
  return found;
}

/** A model of the project's own; the starter belongs to nobody and stays as it is. */
function getOwnModel(tx: DbTx, projectId: string, modelId: string): Model {
  const found = getModel(tx, projectId, modelId);
  if (found.projectId !== projectId) throw new DomainError("model_in_use", { reason: "starter" });
  return found;
}

export function renameModel(db: Db, { projectId }: Access<"admin">, modelId: string, name: string): void {
  writeTx(db, (tx) => {
    getOwnModel(tx, projectId, modelId);
    tx.update(model).set({ name }).where(eq(model.id, modelId)).run();
  });
}

/** Where a model comes from, step by step, and which models came from it. */
export function getLineage(db: DbTx, { projectId }: Access<"admin">, modelId: string) {
  const descent = descentOf(db, projectId, getModel(db, projectId, modelId));
  return { line: listAncestors(db, projectId, modelId), children: listChildren(db, projectId, modelId), descent };
}

/** What a removed model leaves behind: for the question before it goes. */
export function getModelRemoval(db: DbTx, { projectId }: Access<"admin">, modelId: string) {
  const found = getOwnModel(db, projectId, modelId);
  return { bytes: found.bytes, ...descentOf(db, projectId, found) };
}

/** An adapter is nothing without the weights that it stands beside. */
function adapterOn(tx: DbTx, projectId: string, modelId: string, dataDir: string): "adapter" | null {
  const children = listChildren(tx, projectId, modelId).flatMap(({ id }) => findModel(tx, projectId, id) ?? []);
  const places = { dataDir, starterDir: dataDir };
  return children.some(({ path }) => adapterKindIn(modelFolder(path, places)) !== null) ? "adapter" : null;
}

/** Takes a model out of the registry, then its files off the disk; a crash in between leaves files that nobody lists. */
export function removeModel(db: Db, access: Access<"admin">, modelId: string, dataDir: string, now = new Date()): void {
  const removed = writeTx(db, (tx) => {
    const found = getOwnModel(tx, access.projectId, modelId);
    const reason = findUser(tx, modelId) ?? adapterOn(tx, access.projectId, modelId, dataDir);
    if (reason) throw new DomainError("model_in_use", { reason });
    tx.update(model).set({ deletedAt: now }).where(eq(model.id, modelId)).run();
    const { projectId, userId: actorId } = access;
    const details = { name: found.name, kind: found.kind, runId: found.runId, bytes: found.bytes };
    tx.insert(audit).values({ projectId, actorId, action: "model.removed", subject: modelId, details }).run();
    return found;
  });
  rmSync(modelFolder(removed.path, { dataDir, starterDir: dataDir }), { recursive: true, force: true });
}

/** A name for a file or a folder that every system takes. */
const safeName = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "model";

/** A file of a zip, or what is written into it instead. */
interface ZipEntry {
  readonly path: string;
  readonly inZip: string;
  readonly content?: string;
}

/**
 * The files of a model as they go into its zip: one folder named like the model. An adapter's or a delta's says what its base is
 * called, not where on this server it lies.
 */
export async function modelFiles(db: DbTx, { projectId }: Access<"admin">, modelId: string, places: ModelPlaces) {
  const found = getModel(db, projectId, modelId);
  const folder = modelFolder(found.path, places);
  const names = await readdir(folder).catch(() => {
    throw new DomainError("not_found", { what: "model files", folder: dirname(found.path) });
  });
  const name = safeName(found.name);
  const base = baseOf(db, found);
  const files = names.map((file): ZipEntry => {
    const path = join(folder, file);
    const entry = { path, inZip: `${name}/${safeName(file)}` };
    if ((file !== adapterConfigName && file !== deltaConfigName) || !base) return entry;
    const config = { ...JSON.parse(readFileSync(path, "utf8")), base_model_name_or_path: safeName(base.name) };
    return { ...entry, content: `${JSON.stringify(config, null, 2)}\n` };
  });
  return { name, files };
}

/** What an adapter or a delta stands on. */
function baseOf(tx: DbTx, { id, baseModelId }: Model): Model | undefined {
  const base = compressionOf(tx, id)?.baseModelId ?? baseModelId;
  return base === null ? undefined : findModelById(tx, base);
}

/** What is merged into one set of weights: the folder of the adapter or the delta, and its base's. */
export function mergeOf(db: DbTx, { projectId }: Access<"admin">, modelId: string, places: ModelPlaces) {
  const found = getModel(db, projectId, modelId);
  const folder = modelFolder(found.path, places);
  const kind = adapterKindIn(folder);
  const base = baseOf(db, found);
  if ((kind === null && !compressionOf(db, modelId)) || !base) throw new DomainError("not_found", { what: "adapter" });
  if (kind !== null && !adapterKindEntries[kind].merges) {
    throw new DomainError("invalid_input", {
      field: "merged",
      problem: "what stands before a text merges into no weights",
    });
  }
  return { name: `${safeName(found.name)}-merged`, folder, baseFolder: modelFolder(base.path, places) };
}
