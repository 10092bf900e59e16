import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { createdAt } from "./columns";
import { project, user } from "./identity";

/** An immutable dataset version. Its rows are the files under `<data>/snapshots/<contentHash>/`, written before this row. */
export const snapshot = sqliteTable(
  "snapshot",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    contentHash: text("content_hash").notNull(),
    rule: text("rule", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    trainPairs: integer("train_pairs").notNull(),
    testPairs: integer("test_pairs").notNull(),
    prompts: integer("prompts").notNull(),
    judgements: integer("judgements").notNull(),
    /** How many of them a rule made, not a person. */
    ruleJudgements: integer("rule_judgements").notNull().default(0),
    /** Single responses with a label, for KTO and SFT. */
    trainResponses: integer("train_responses").notNull().default(0),
    testResponses: integer("test_responses").notNull().default(0),
    /** Items left out, by reason. */
    excluded: text("excluded", { mode: "json" }).$type<Record<string, number>>().notNull(),
    note: text("note").notNull().default(""),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("snapshot_number").on(t.projectId, t.number)],
);
