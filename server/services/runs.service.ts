import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { and, eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { findModel, listPolicies, type Model } from "@/db/queries/models.queries";
import {
  findRunView,
  listRunEvents,
  listRunViews,
  type RunView,
  runsAhead,
  workerOnline,
} from "@/db/queries/runs.queries";
import { snapshot } from "@/db/schema/datasets";
import { project } from "@/db/schema/identity";
import { run } from "@/db/schema/runs";
import { adapterSchema } from "@/trainer/contracts/adapter";
import { type AdapterKind, adapterKindOf } from "@/trainer/contracts/adapterKinds";
import {
  examplesOf,
  type PresetConfig,
  type PresetName,
  pairsFor,
  plannedSteps,
  presetConfig,
  presetNames,
} from "@/trainer/contracts/preset";
import { isOnline, type RunConfigInput, runConfigSchema, type SnapshotRunKind } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { configIssues, type Settings, unknownSetting } from "@/trainer/contracts/settings";
import { DomainError } from "../domain/errors";
import { thinEvents } from "../domain/thinEvents";
import { type Access, authorize } from "./access";
import { type ModelPlaces, starterModelId } from "./modelFolder";
import { shapeOf } from "./modelShapes";
import { rewardChoices, rewardSources } from "./rewards";
import { estimateSeconds, snapshotLengths } from "./runs.estimate";

export interface RunRequest {
  readonly snapshotId: string;
  readonly kind: SnapshotRunKind;
  readonly preset: PresetName;
  readonly baseModelId?: string | undefined;
  readonly settings?: Settings | undefined;
  readonly rewardId?: string | undefined;
}

/** A paused run may go on. */
export const isFinal = (state: RunView["run"]["state"]): boolean => !["queued", "running", "paused"].includes(state);

/** What lists and pages show of a run. */
function toRow(
  { run: r, snapshotNumber, judgements, ruleJudgements, baseModelName }: RunView,
  ahead: ReadonlyMap<string, number>,
) {
  return {
    id: r.id,
    kind: r.kind,
    state: r.state,
    step: r.step,
    totalSteps: r.totalSteps,
    etaSeconds: r.state === "running" ? r.etaSeconds : null,
    provider: r.provider,
    metrics: r.metrics,
    intervals: r.intervals,
    error: r.error,
    snapshotNumber,
    judgements,
    ruleJudgements,
    snapshotId: r.snapshotId,
    baseModelName,
    modelId: r.modelId,
    createdAt: r.createdAt,
    startedAt: r.startedAt,
    finishedAt: r.finishedAt,
    attempts: r.attempts,
    cancelRequested: r.cancelRequestedAt !== null,
    pauseRequested: r.pauseRequestedAt !== null,
    /** Runs that come before one that waits. */
    ahead: ahead.get(r.id) ?? null,
  };
}

export function getRunView(tx: DbTx, projectId: string, runId: string): RunView {
  const found = findRunView(tx, projectId, runId);
  if (!found) throw new DomainError("not_found", { what: "run" });
  return found;
}

/** A snapshot that a run of this kind can learn from, and how many pairs it is worth to it. */
function getSnapshot(tx: DbTx, projectId: string, { snapshotId, kind }: Pick<RunRequest, "snapshotId" | "kind">) {
  const where = and(eq(snapshot.projectId, projectId), eq(snapshot.id, snapshotId));
  const found = tx.select().from(snapshot).where(where).get();
  if (!found) throw new DomainError("not_found", { what: "snapshot" });
  const pairs = pairsFor(kind, found);
  if (pairs === 0) throw new DomainError("snapshot_empty", { snapshotId });
  return { ...found, pairs };
}

/** The model a run starts from: the one named, the project's own choice, or the one that ships with the product. */
function getBaseModel(tx: DbTx, projectId: string, wanted: string | undefined): Model {
  const chosen = tx.select({ id: project.baseModelId }).from(project).where(eq(project.id, projectId)).get()?.id;
  const found = findModel(tx, projectId, wanted ?? chosen ?? starterModelId);
  if (found?.kind !== "policy") throw new DomainError("not_found", { what: "model" });
  return found;
}

/** Preset and settings of a request, as the run's schema wants them. */
function requestedConfig({ kind, preset, settings = {} }: RunRequest, pairs: number): PresetConfig {
  const unknown = unknownSetting(kind, settings);
  if (unknown !== null) throw new DomainError("invalid_input", { field: unknown, problem: "no such setting" });
  const config = presetConfig(kind, preset, pairs, settings);
  const [wrong] = configIssues(config);
  if (wrong) throw new DomainError("invalid_input", { field: wrong.path, problem: wrong.issue.message });
  return config;
}

export interface PlanPlaces extends ModelPlaces {
  readonly snapshotsDir: string;
}

/** What a run with these settings would do, before anybody starts it. */
export function planRun(db: DbTx, { projectId }: Access<"admin">, request: RunRequest, places: PlanPlaces) {
  const { trainPairs, pairs, contentHash } = getSnapshot(db, projectId, request);
  const baseModel = getBaseModel(db, projectId, request.baseModelId);
  const lengths = snapshotLengths(places.snapshotsDir, contentHash);
  const shape = shapeOf(db, baseModel, places);
  const config = requestedConfig(request, pairs);
  const examples = examplesOf(request.kind, pairs);
  const steps = plannedSteps(config, examples);
  return {
    config,
    steps,
    pairs: trainPairs,
    presets: presetNames.map((name) => {
      const { kind: _, ...preset } = presetConfig(request.kind, name, pairs);
      return { name, ...preset, steps: plannedSteps(preset, examples) };
    }),
    /** What may score answers, the usual choice first. */
    rewards: rewardChoices(db, projectId),
    baseModels: listPolicies(db, projectId).map(({ id, name, parameters }) => ({ id, name, parameters })),
    estimatedSeconds: estimateSeconds(db, { config, steps }, baseModel, { shape, lengths }),
    /** Characters of its texts; null where the snapshot's files are gone. */
    lengths,
  };
}

/** A run's whole configuration. Its folders are relative to the data folder, so that the folder can move. */
export function runConfig(
  id: string,
  what: { readonly contentHash: string; readonly baseModel: Model; readonly config: PresetConfig },
): RunConfigInput {
  const folders = { baseModel: what.baseModel.path, dataset: `snapshots/${what.contentHash}`, output: `runs/${id}` };
  const config = { ...what.config, ...folders } as RunConfigInput;
  const checked = runConfigSchema.safeParse(config);
  if (checked.success) return config;
  const issue = checked.error.issues[0];
  throw new DomainError("invalid_input", { field: issue?.path.join(".") ?? "", problem: issue?.message ?? "" });
}

/** What a request comes to: snapshot, model and settings. */
export function resolveRequest(tx: DbTx, projectId: string, request: RunRequest) {
  const { contentHash, pairs } = getSnapshot(tx, projectId, request);
  const baseModel = getBaseModel(tx, projectId, request.baseModelId);
  const rewarded = isOnline(request.kind) ? rewardSources(tx, projectId, request.rewardId) : {};
  const config = { ...requestedConfig(request, pairs), ...rewarded };
  return { snapshotId: request.snapshotId, contentHash, baseModel, config };
}

/** Puts a run into the queue. */
function insertRun(
  tx: DbTx,
  access: Access<"admin">,
  what: { snapshotId: string; contentHash: string; baseModel: Model; config: PresetConfig },
): string {
  const id = randomUUID();
  const config = runConfig(id, what);
  tx.insert(run)
    .values({
      id,
      projectId: access.projectId,
      snapshotId: what.snapshotId,
      kind: what.config.kind,
      baseModelId: what.baseModel.id,
      config,
      state: "queued",
      createdBy: access.userId,
      createdAt: new Date(),
    })
    .run();
  return id;
}

/** Queues a run; without a worker it waits for one. */
export function createRun(db: Db, access: Access<"admin">, request: RunRequest): { runId: string } {
  return writeTx(db, (tx) => {
    return { runId: insertRun(tx, access, resolveRequest(tx, access.projectId, request)) };
  });
}

/** The same run once more, from the beginning. */
export function rerun(db: Db, access: Access<"admin">, runId: string): { runId: string } {
  return writeTx(db, (tx) => {
    const { run: before, contentHash } = getRunView(tx, access.projectId, runId);
    const baseModel = getBaseModel(tx, access.projectId, before.baseModelId);
    const config = before.config as PresetConfig;
    return { runId: insertRun(tx, access, { snapshotId: before.snapshotId, contentHash, baseModel, config }) };
  });
}

export function listRuns(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  const ahead = runsAhead(db);
  const runs = listRunViews(db, projectId).map((view) => toRow(view, ahead));
  return { runs, workerOnline: workerOnline(db, now) };
}

/** The most events that a card looks at; a run has one a step and a few more. */
const cardEvents = 100_000;
/** The most steps that it tells. */
const cardSteps = 1000;

/** What a run's card tells: the run, the rule of its snapshot and all that its events say. Any member with the link may read it. */
export function getRunCard(db: DbTx, access: Access | Access<"admin">, runId: string) {
  const run = getRun(db, access, runId);
  const rule = db.select({ rule: snapshot.rule }).from(snapshot).where(eq(snapshot.id, run.snapshotId)).get()?.rule;
  return { run, rule: rule ?? null, events: thinEvents(listRunEvents(db, runId, 0, cardEvents), cardSteps) };
}

function adapterOfRun(config: RunConfigInput): AdapterKind | null {
  if (!("adapter" in config) || !config.adapter) return null;
  const kind = adapterKindOf(adapterSchema.parse(config.adapter));
  return kind === "full" ? null : kind;
}

export function getRun(db: DbTx, { projectId }: Access | Access<"admin">, runId: string, now = new Date()) {
  const view = getRunView(db, projectId, runId);
  const {
    baseModel: _b,
    dataset: _d,
    output: _o,
    ...config
  } = view.run.config as RunConfigInput & Record<"baseModel" | "dataset", string>;
  const made = view.run.modelId ? findModel(db, projectId, view.run.modelId) : undefined;
  const { snapshotNumber: number, trainPairs, testPairs, contentHash } = view;
  return {
    ...toRow(view, runsAhead(db)),
    config: config as PresetConfig,
    dataset: { number, trainPairs, testPairs, contentHash },
    /** `adapter`: which one the run trains; null where it trains all weights. */
    adapter: adapterOfRun(view.run.config),
    model: made ? { id: made.id, name: made.name, bytes: made.bytes } : null,
    workerOnline: workerOnline(db, now),
  };
}

/** Stored events behind `after`, oldest first. */
export function pageOfEvents(
  db: DbTx,
  { projectId }: Access<"admin">,
  { runId, after, limit }: { readonly runId: string; readonly after: number; readonly limit: number },
): { seq: number; event: RunEvent }[] {
  getRunView(db, projectId, runId);
  return listRunEvents(db, runId, after, limit);
}

const pollMs = 300;
const eventsAtOnce = 500;

/** A run's stored events after `after` and then those to come, until the run has ended and all are told. */
export async function* followRun(
  db: DbTx,
  { projectId, userId }: Access<"admin">,
  { runId, after }: { readonly runId: string; readonly after: number },
  signal?: AbortSignal,
): AsyncGenerator<{ seq: number; event: RunEvent }> {
  let seen = after;
  while (!signal?.aborted) {
    // A stream lasts long: a role taken away meanwhile ends it.
    authorize(db, userId, projectId, "admin");
    // The state first: events are written before it becomes final.
    const { state } = getRunView(db, projectId, runId).run;
    const rows = listRunEvents(db, runId, seen, eventsAtOnce);
    for (const row of rows) {
      yield row;
      seen = row.seq;
    }
    if (rows.length === eventsAtOnce) continue;
    if (isFinal(state)) return;
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}
