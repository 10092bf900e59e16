import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  type AdditionRow,
  findAddition,
  isBeingAdded,
  listAdditions,
  retryAddition,
} from "@/db/queries/additions.queries";
import { requestCancel } from "@/db/queries/lease.queries";
import { workerOnline } from "@/db/queries/runs.queries";
import { modelAddition } from "@/db/schema/additions";
import { DomainError } from "../domain/errors";
import { choicesOf, safePath } from "../domain/models/modelFiles";
import type { Access } from "./access";
import { additionFolder, requireRoom } from "./additionFiles";
import { type Hub, HubError, listHub } from "./hub";
import type { UploadStore } from "./imports.upload";
import { incomingFolder, listIncoming } from "./incoming";
import { takeModelUploads } from "./uploads.service";

const shown = 5;

const viewOf = ({ id, entry, source, state, stage, bytesDone, bytesTotal, modelId, error }: AdditionRow) => ({
  id,
  entry,
  source,
  state,
  stage,
  bytesDone,
  bytesTotal,
  modelId,
  error,
});

/** What lies ready to be added, and what became of what was asked for last. */
export function getIncoming(db: DbTx, { projectId }: Access<"admin">, dataDir: string, now = new Date()) {
  return {
    folder: incomingFolder(dataDir),
    entries: listIncoming(dataDir),
    additions: listAdditions(db, projectId, shown).map(viewOf),
    workerOnline: workerOnline(db, now),
  };
}

type NewAddition = Pick<typeof modelAddition.$inferInsert, "entry" | "source" | "plan" | "stage" | "bytesTotal">;

function insertAddition(tx: DbTx, { projectId, userId }: Access<"admin">, id: string, values: NewAddition) {
  if (isBeingAdded(tx, projectId, values.entry)) throw new DomainError("conflict", { what: "model addition" });
  tx.insert(modelAddition)
    .values({ id, projectId, userId, state: "queued", ...values })
    .run();
  return { additionId: id };
}

/** Asks the worker to add a model. Only what `getIncoming` lists: no other place on the server can be named. */
export function requestAddition(db: Db, access: Access<"admin">, entry: string, dataDir: string) {
  if (!listIncoming(dataDir).some(({ name }) => name === entry)) {
    throw new DomainError("not_found", { what: "incoming model" });
  }
  return writeTx(db, (tx) => insertAddition(tx, access, randomUUID(), { entry, source: "incoming" }));
}

interface UploadedModel {
  readonly name: string;
  readonly files: readonly { readonly uploadId: string; readonly path: string }[];
}

/** Asks the worker to add a model whose files have come in whole. */
export async function requestUploadAddition(
  store: UploadStore,
  access: Access<"admin">,
  dataDir: string,
  { name, files }: UploadedModel,
) {
  const places = files.map(({ uploadId, path }) => ({ uploadId, path: safePath(path) ?? "" }));
  if (places.some(({ path }) => path === "") || new Set(places.map(({ path }) => path)).size < places.length)
    throw new DomainError("invalid_input", { field: "files", problem: "two files, or none, belong in one place" });
  const { db } = store;
  if (isBeingAdded(db, access.projectId, name)) throw new DomainError("conflict", { what: "model addition" });
  const id = randomUUID();
  await takeModelUploads(store, access, places, additionFolder(dataDir, id));
  return writeTx(db, (tx) => insertAddition(tx, access, id, { entry: name, source: "upload", stage: "fetching" }));
}

interface Repository {
  readonly repo: string;
  readonly revision: string;
}

async function lookUp(hub: Hub, { repo, revision }: Repository) {
  try {
    return await listHub(hub, repo, revision);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { host } = new URL(hub.endpoint);
    const details = { reason: error.trouble, why: error.why, host, repo, token: hub.token !== null };
    throw new DomainError("hub_failed", details, { cause: error });
  }
}

/** What a hub's repository offers: ways to take a model out of it, with what each brings. */
export async function lookAtHub(_access: Access<"admin">, hub: Hub, repository: Repository) {
  const { commit, licence, files } = await lookUp(hub, repository);
  const choices = choicesOf(files).map(({ id, bytes, files: chosen }) => ({
    id,
    bytes,
    files: chosen.map(({ path, bytes }) => ({ path, bytes })),
  }));
  return { host: new URL(hub.endpoint).host, commit, licence, choices };
}

/** Asks the worker to fetch a model from the hub and to add it. The hub is asked again: a page is not believed about files. */
export async function requestHubAddition(
  db: Db,
  access: Access<"admin">,
  { hub, dataDir }: { readonly hub: Hub; readonly dataDir: string },
  { choice, ...repository }: Repository & { readonly choice: string },
) {
  const { repo } = repository;
  const { commit, files } = await lookUp(hub, repository);
  const chosen = choicesOf(files).find(({ id }) => id === choice);
  if (!chosen) throw new DomainError("not_found", { what: "hub file" });
  requireRoom(dataDir, chosen.bytes);
  const entry = choice === "folder" ? repo : `${repo}/${choice}`;
  const plan = { repo, commit, files: chosen.files };
  const values = { entry, source: "hub", plan, stage: "fetching", bytesTotal: chosen.bytes } as const;
  return writeTx(db, (tx) => insertAddition(tx, access, randomUUID(), values));
}

function getOwn(tx: DbTx, { projectId }: Access<"admin">, additionId: string): AdditionRow {
  const row = findAddition(tx, projectId, additionId);
  if (!row) throw new DomainError("not_found", { what: "model addition" });
  return row;
}

/** Stops an addition, or puts a failed one away; what it had brought goes. */
export function cancelAddition(db: Db, access: Access<"admin">, id: string, dataDir: string, now = new Date()): void {
  const ended = writeTx(db, (tx) => {
    const { state } = getOwn(tx, access, id);
    if (state === "failed") {
      tx.update(modelAddition).set({ state: "cancelled" }).where(eq(modelAddition.id, id)).run();
      return true;
    }
    if (!requestCancel(tx, "modelAddition", id, now)) throw new DomainError("conflict", { what: "model addition" });
    return getOwn(tx, access, id).state === "cancelled";
  });
  // What a worker holds the worker clears away.
  if (ended) rmSync(additionFolder(dataDir, id), { recursive: true, force: true });
}

/** Tries again what failed. Files that came in before are not fetched again. */
export function repeatAddition(db: Db, access: Access<"admin">, id: string): void {
  writeTx(db, (tx) => {
    const { state, projectId, entry } = getOwn(tx, access, id);
    if (state !== "failed" || isBeingAdded(tx, projectId, entry))
      throw new DomainError("conflict", { what: "model addition" });
    retryAddition(tx, id);
  });
}
