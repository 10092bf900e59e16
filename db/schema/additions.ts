import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { HubPlan } from "@/server/domain/models/hub";
import { modelSources } from "@/server/domain/models/modelFiles";
import { createdAt, leaseColumns, timestamp } from "./columns";
import { project, user } from "./identity";

/** A model that somebody asked to add: the worker checks it, makes a folder of it and puts it into the registry. */
export const modelAddition = sqliteTable(
  "model_addition",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    /** What the model is called: the file or folder in the data folder's `incoming`, an upload's name, a repository's id. */
    entry: text("entry").notNull(),
    source: text("source", { enum: modelSources }).notNull().default("incoming"),
    /** What to fetch from a hub. */
    plan: text("plan", { mode: "json" }).$type<HubPlan>(),
    /** How far it is: its files come in, or it is read. */
    stage: text("stage", { enum: ["fetching", "reading"] }),
    bytesDone: integer("bytes_done").notNull().default(0),
    bytesTotal: integer("bytes_total").notNull().default(0),
    state: text("state", { enum: ["queued", "running", "finished", "failed", "cancelled"] }).notNull(),
    modelId: text("model_id"),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [
    index("model_addition_project").on(t.projectId, t.createdAt),
    index("model_addition_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`),
  ],
);
