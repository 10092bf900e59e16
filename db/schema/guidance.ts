import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { matches, type ReferencePair } from "@/server/domain/reference";
import { createdAt, timestamp } from "./columns";
import { project, user } from "./identity";
import { item } from "./items";

/** Guidelines as they were published; the newest are in force. Rows are only ever inserted. */
export const guidelineVersion = sqliteTable(
  "guideline_version",
  {
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** From 1. */
    version: integer("version").notNull(),
    text: text("text").notNull(),
    examples: text("examples", { mode: "json" }).$type<ReferencePair[]>().notNull().default([]),
    /** What is new in it. */
    change: text("change").notNull().default(""),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.version] })],
);

/** Who said that they have read which version, and when. */
export const guidelineReading = sqliteTable(
  "guideline_reading",
  {
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    /** By the clock of the page: without a network it is told later. */
    readAt: timestamp("read_at").notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.userId, t.version] })],
);

/** A pair that newcomers practise on. One that is changed is retired and replaced, so that answers keep what they answered. */
export const practicePair = sqliteTable(
  "practice_pair",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** They are asked in this order. */
    position: integer("position").notNull(),
    pair: text("pair", { mode: "json" }).$type<ReferencePair>().notNull(),
    /** The item it was taken from, if any. */
    itemId: text("item_id").references(() => item.id, { onDelete: "set null" }),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
    retiredAt: timestamp("retired_at"),
  },
  (t) => [index("practice_pair_project").on(t.projectId, t.position)],
);

/** What a newcomer said of a practice pair. No judgement: nothing that counts votes or makes data looks here. */
export const practiceAnswer = sqliteTable(
  "practice_answer",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    pairId: text("pair_id")
      .notNull()
      .references(() => practicePair.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** −3 … +3 in stored order; null when both are bad. */
    verdict: integer("verdict"),
    bothBad: integer("both_bad", { mode: "boolean" }).notNull(),
    /** Beside the right verdict, on the scale of that time. */
    match: text("match", { enum: matches }).notNull(),
    durationMs: integer("duration_ms").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("practice_answer_key").on(t.pairId, t.userId),
    index("practice_answer_person").on(t.projectId, t.userId),
  ],
);
