import { sql } from "drizzle-orm";
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
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
    /** The file or folder in the data folder's `incoming`. */
    entry: text("entry").notNull(),
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
