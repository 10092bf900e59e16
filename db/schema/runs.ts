import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ModelSource } from "@/server/domain/models/modelFiles";
import type { AddedModel } from "@/trainer/contracts/addition";
import type { SamplingInput } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import type { Preflight } from "@/trainer/contracts/preflight";
import { type RunConfigInput, snapshotRunKinds } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { createdAt, leaseColumns, timestamp } from "./columns";
import { snapshot } from "./datasets";
import { project, user } from "./identity";

/** One training job on a snapshot. Finished rows stay. */
export const run = sqliteTable(
  "run",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    snapshotId: text("snapshot_id")
      .notNull()
      .references(() => snapshot.id),
    kind: text("kind", { enum: snapshotRunKinds }).notNull(),
    baseModelId: text("base_model_id").notNull(),
    /** What was asked for; the folders in it are relative to the data folder. */
    config: text("config", { mode: "json" }).$type<RunConfigInput>().notNull(),
    state: text("state", { enum: ["queued", "running", "paused", "finished", "failed", "cancelled"] }).notNull(),
    pauseRequestedAt: timestamp("pause_requested_at"),
    step: integer("step").notNull().default(0),
    totalSteps: integer("total_steps"),
    etaSeconds: real("eta_seconds"),
    provider: text("provider"),
    metrics: text("metrics", { mode: "json" }).$type<Record<string, number>>(),
    intervals: text("intervals", { mode: "json" }).$type<Record<string, [number, number]>>(),
    error: text("error", { mode: "json" }).$type<{ code: string; message: string }>(),
    modelId: text("model_id"),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
    startedAt: timestamp("started_at"),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [
    index("run_project").on(t.projectId, t.createdAt),
    index("run_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`),
  ],
);

export const runEvent = sqliteTable(
  "run_event",
  {
    runId: text("run_id")
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    event: text("event", { mode: "json" }).$type<RunEvent>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.seq] })],
);

/** Of a model that was added: what it was called, where it came from and what it was found to be. */
type ModelOrigin = Omit<AddedModel, "kind"> & {
  readonly entry: string;
  /** None: from the data folder's `incoming`, as in the first version. */
  readonly source?: ModelSource;
  /** The commit of a hub's repository. */
  readonly commit?: string;
};

/** The registry. `path` is relative to the data folder, or `starter` for the model that ships with the product. */
export const model = sqliteTable(
  "model",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id").references(() => project.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: ["policy", "reward"] }).notNull(),
    name: text("name").notNull(),
    path: text("path").notNull(),
    baseModelId: text("base_model_id"),
    runId: text("run_id").references(() => run.id),
    snapshotId: text("snapshot_id").references(() => snapshot.id),
    parameters: integer("parameters").notNull(),
    bytes: integer("bytes").notNull(),
    /** Of a model that was added: what it was called and what it was found to be. */
    origin: text("origin", { mode: "json" }).$type<ModelOrigin>(),
    createdAt: createdAt(),
    deletedAt: timestamp("deleted_at"),
  },
  (t) => [index("model_project").on(t.projectId, t.createdAt)],
);

/** A playground question: several models answer it, a reward model scores the answers. */
export const generation = sqliteTable(
  "generation",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    prompt: text("prompt", { mode: "json" }).$type<Message[]>().notNull(),
    modelIds: text("model_ids", { mode: "json" }).$type<string[]>().notNull(),
    rewardModelId: text("reward_model_id"),
    sampling: text("sampling", { mode: "json" }).$type<SamplingInput>().notNull(),
    state: text("state", { enum: ["queued", "running", "finished", "failed", "cancelled"] }).notNull(),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [index("generation_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`)],
);

/** A look at what a run would do, made by the worker before anybody starts it. */
export const preflight = sqliteTable(
  "preflight",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    /** Of the run that would be; the folders in it are relative to the data folder. */
    config: text("config", { mode: "json" }).$type<RunConfigInput>().notNull(),
    state: text("state", { enum: ["queued", "running", "finished", "failed", "cancelled"] }).notNull(),
    result: text("result", { mode: "json" }).$type<Preflight>(),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [index("preflight_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`)],
);

/** What the worker streamed for a generation, in order. */
export const generationEvent = sqliteTable(
  "generation_event",
  {
    generationId: text("generation_id")
      .notNull()
      .references(() => generation.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    event: text("event", { mode: "json" }).$type<GenerationEvent>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.generationId, t.seq] })],
);

export type GenerationEvent =
  | { type: "text"; modelId: string; text: string }
  | { type: "end"; modelId: string; reason: "stop" | "length"; tokens: number; seconds: number }
  | { type: "score"; modelId: string; score: number }
  | { type: "failed"; message: string }
  | { type: "done" };

/** One row a worker process, renewed every few seconds: is anybody there to train and to answer? */
export const worker = sqliteTable("worker", {
  id: text("id").primaryKey(),
  pid: integer("pid").notNull(),
  startedAt: timestamp("started_at").notNull(),
  lastSeenAt: timestamp("last_seen_at").notNull(),
});
