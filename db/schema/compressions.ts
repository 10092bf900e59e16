import { sql } from "drizzle-orm";
import { index, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { CompressionReport, CompressionSettings } from "@/trainer/contracts/compression";
import { createdAt, leaseColumns, timestamp } from "./columns";
import { snapshot } from "./datasets";
import { project, user } from "./identity";

/** A fine-tuned model that is to become a delta on its base: the worker makes it, judges it and puts it into the registry. */
export const modelCompression = sqliteTable(
  "model_compression",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    sourceModelId: text("source_model_id").notNull(),
    baseModelId: text("base_model_id").notNull(),
    /** On whose texts the scales are distilled, and whose held-out part judges. */
    snapshotId: text("snapshot_id")
      .notNull()
      .references(() => snapshot.id),
    settings: text("settings", { mode: "json" }).$type<CompressionSettings>().notNull(),
    state: text("state", { enum: ["queued", "running", "finished", "failed", "cancelled"] }).notNull(),
    step: integer("step").notNull().default(0),
    totalSteps: integer("total_steps").notNull(),
    etaSeconds: real("eta_seconds"),
    report: text("report", { mode: "json" }).$type<CompressionReport>(),
    /** The delta, once it is in the registry. */
    modelId: text("model_id"),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [
    index("model_compression_source").on(t.sourceModelId, t.createdAt),
    index("model_compression_model").on(t.modelId),
    index("model_compression_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`),
  ],
);
