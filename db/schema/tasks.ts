import { sql } from "drizzle-orm";
import {
  type AnySQLiteColumn,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { problemKinds } from "@/server/domain/judging";
import { createdAt, timestamp } from "./columns";
import { project, user } from "./identity";
import { importBatch, item } from "./items";

const purpose = () => text("purpose", { enum: ["vote", "repeat", "gold", "practice", "review"] });

/** A leased claim of an item by an annotator. One row a (item, annotator, purpose, occurrence), reused when a lease ran out. */
export const assignment = sqliteTable(
  "assignment",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    itemId: text("item_id")
      .notNull()
      .references(() => item.id, { onDelete: "cascade" }),
    annotatorId: text("annotator_id")
      .notNull()
      .references(() => user.id),
    purpose: purpose().notNull().default("vote"),
    occurrence: integer("occurrence").notNull().default(1),
    /** leased → submitted | skipped | expired | released; expired and released rows may be leased again; undo: submitted → leased. */
    state: text("state", { enum: ["leased", "submitted", "skipped", "expired", "released"] }).notNull(),
    leaseToken: text("lease_token").notNull(),
    leaseExpiresAt: timestamp("lease_expires_at").notNull(),
    leftSlot: text("left_slot", { enum: ["a", "b"] }).notNull(),
    skipReason: text("skip_reason"),
    createdAt: createdAt(),
    endedAt: timestamp("ended_at"),
  },
  (t) => [
    uniqueIndex("assignment_key").on(t.itemId, t.annotatorId, t.purpose, t.occurrence),
    index("assignment_live").on(t.projectId, t.leaseExpiresAt).where(sql`state = 'leased'`),
    index("assignment_mine").on(t.projectId, t.annotatorId, t.state, t.endedAt),
  ],
);

/**
 * What one annotator said about one item. Rows are only ever inserted: a later row names the one it supersedes, and the
 * current judgement of a key is the row that nobody supersedes. `undo` rows carry no verdict.
 */
export const judgement = sqliteTable(
  "judgement",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    itemId: text("item_id")
      .notNull()
      .references(() => item.id, { onDelete: "cascade" }),
    /** A member, or null when the row came in with a file. */
    annotatorId: text("annotator_id").references(() => user.id),
    /** `annotatorId`, or `import:<source>:<their id>`: the person as far as keys and agreement are concerned. */
    annotatorKey: text("annotator_key").notNull(),
    assignmentId: text("assignment_id").references(() => assignment.id, { onDelete: "set null" }),
    importId: text("import_id").references(() => importBatch.id, { onDelete: "set null" }),
    purpose: purpose().notNull().default("vote"),
    occurrence: integer("occurrence").notNull().default(1),
    action: text("action", { enum: ["judge", "undo"] })
      .notNull()
      .default("judge"),
    supersedesId: text("supersedes_id").references((): AnySQLiteColumn => judgement.id),
    /** −3 … +3; negative prefers response a, in stored order. Null for undo and when both are bad. */
    verdict: integer("verdict"),
    bothBad: integer("both_bad", { mode: "boolean" }).notNull().default(false),
    criteria: text("criteria", { mode: "json" }).$type<Record<string, number>>().notNull().default({}),
    reason: text("reason"),
    leftSlot: text("left_slot", { enum: ["a", "b"] }),
    durationMs: integer("duration_ms"),
    /** The newest version of the guidelines that the annotator had read. */
    guidelineVersion: integer("guideline_version"),
    /** Made by the client: a repeated submission returns the stored row. */
    submissionId: text("submission_id").notNull().unique(),
    /** The lease had run out and somebody else took the slot: kept and shown, not counted. */
    late: integer("late", { mode: "boolean" }).notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("judgement_supersedes").on(t.supersedesId).where(sql`supersedes_id is not null`),
    uniqueIndex("judgement_first")
      .on(t.itemId, t.annotatorKey, t.purpose, t.occurrence)
      .where(sql`supersedes_id is null`),
    index("judgement_item").on(t.itemId),
    index("judgement_annotator").on(t.projectId, t.annotatorKey, t.createdAt),
    index("judgement_list").on(t.projectId, t.createdAt, t.id),
  ],
);

/** A problem with an item that an annotator reported, until somebody has seen to it. */
export const itemFlag = sqliteTable(
  "item_flag",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    itemId: text("item_id")
      .notNull()
      .references(() => item.id, { onDelete: "cascade" }),
    annotatorId: text("annotator_id")
      .notNull()
      .references(() => user.id),
    problem: text("problem", { enum: problemKinds }).notNull(),
    note: text("note"),
    /** Made by the client: a report sent again is the same one. */
    submissionId: text("submission_id").notNull().unique(),
    createdAt: createdAt(),
    resolvedAt: timestamp("resolved_at"),
    resolvedBy: text("resolved_by").references(() => user.id),
  },
  (t) => [
    index("item_flag_item").on(t.itemId),
    index("item_flag_open").on(t.projectId, t.createdAt).where(sql`resolved_at is null`),
  ],
);

/** How far an annotator has come in each queue class; see `item.queuePosition`. */
export const claimCursor = sqliteTable(
  "claim_cursor",
  {
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    annotatorId: text("annotator_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    queueClass: integer("queue_class").notNull(),
    position: integer("position").notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.annotatorId, t.queueClass] })],
);
