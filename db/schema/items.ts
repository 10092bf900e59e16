import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Message } from "@/trainer/contracts/message";
import { createdAt, timestamp } from "./columns";
import { project, user } from "./identity";

/** One uploaded file on its way in, and what became of each of its rows. */
export const importBatch = sqliteTable(
  "import_batch",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    fileName: text("file_name").notNull(),
    fileBytes: integer("file_bytes").notNull(),
    sha256: text("sha256").notNull(),
    format: text("format").notNull(),
    mapping: text("mapping", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** sha256 of the file's column names: the mapping chosen for one file is offered for the next that has the same. */
    columnsHash: text("columns_hash"),
    /** uploaded → queued → running → finished | failed; failed and uploaded may be queued (again). */
    state: text("state", { enum: ["uploaded", "queued", "running", "finished", "failed"] }).notNull(),
    rowsRead: integer("rows_read").notNull().default(0),
    itemsAdded: integer("items_added").notNull().default(0),
    itemsKnown: integer("items_known").notNull().default(0),
    judgementsAdded: integer("judgements_added").notNull().default(0),
    /** Single responses with a label. */
    responsesAdded: integer("responses_added").notNull().default(0),
    rowsRefused: integer("rows_refused").notNull().default(0),
    error: text("error"),
    createdBy: text("created_by").references(() => user.id),
    /** Who asked for the rows to be written. */
    startedBy: text("started_by").references(() => user.id),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
  },
  (t) => [index("import_batch_project").on(t.projectId, t.createdAt)],
);

export const uploadPurposes = ["import", "model"] as const;

/** A file that is on its way in: as many bytes as `<data>/uploads/<id>.part` has are there. Whole, it becomes an import of the same id. */
export const upload = sqliteTable(
  "upload",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** What becomes of it: an import, or a file of a model. */
    purpose: text("purpose", { enum: uploadPurposes }).notNull().default("import"),
    fileName: text("file_name").notNull(),
    fileBytes: integer("file_bytes").notNull(),
    /** What the sender says that tells this file from another of the same name and size. */
    fingerprint: text("fingerprint").notNull(),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
    touchedAt: timestamp("touched_at").notNull(),
  },
  (t) => [index("upload_project").on(t.projectId, t.createdBy)],
);

/** A row that was refused: line (1-based), field and reason, for a person. */
export const importProblem = sqliteTable(
  "import_problem",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    importId: text("import_id")
      .notNull()
      .references(() => importBatch.id, { onDelete: "cascade" }),
    line: integer("line").notNull(),
    field: text("field"),
    reason: text("reason").notNull(),
  },
  (t) => [index("import_problem_import").on(t.importId, t.line)],
);

/**
 * A prompt with two responses, a and b in stored order.
 *
 * The claim queue lives on the item so that a claim is a few index seeks however many items there are:
 * `openSlots` = overlap − live leases − counted votes; `sideBalance` = (times a was shown left) − (times b was) over the
 * same; `queueClass` says which side the next showing should have (server/domain/sides.ts); `queuePosition` grows whenever
 * the item becomes claimable again or changes class, so that each annotator only ever looks forward.
 */
export const item = sqliteTable(
  "item",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    importId: text("import_id").references(() => importBatch.id, { onDelete: "set null" }),
    externalId: text("external_id"),
    prompt: text("prompt", { mode: "json" }).$type<Message[]>().notNull(),
    /** sha256 of the prompt: splits go by it. */
    promptHash: text("prompt_hash").notNull(),
    /** sha256 of prompt and both responses in sorted order (and of the models, where others said the same): the same pair twice is one item. */
    contentHash: text("content_hash").notNull(),
    meta: text("meta", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
    openSlots: integer("open_slots").notNull(),
    votes: integer("votes").notNull().default(0),
    sideBalance: integer("side_balance").notNull().default(0),
    queueClass: integer("queue_class").notNull().default(0),
    queuePosition: integer("queue_position").notNull(),
    createdAt: createdAt(),
    retiredAt: timestamp("retired_at"),
  },
  (t) => [
    uniqueIndex("item_content").on(t.projectId, t.contentHash),
    uniqueIndex("item_external").on(t.projectId, t.externalId).where(sql`external_id is not null`),
    index("item_open").on(t.projectId, t.queueClass, t.queuePosition).where(sql`open_slots > 0 and retired_at is null`),
    index("item_list").on(t.projectId, t.createdAt, t.id),
  ],
);

/** `slot` is the stored order; which one a person saw left is on the assignment and the judgement. */
export const response = sqliteTable(
  "response",
  {
    id: text("id").primaryKey(),
    itemId: text("item_id")
      .notNull()
      .references(() => item.id, { onDelete: "cascade" }),
    slot: text("slot", { enum: ["a", "b"] }).notNull(),
    messages: text("messages", { mode: "json" }).$type<Message[]>().notNull(),
    /** Never sent to an annotator's browser. */
    sourceModel: text("source_model"),
    meta: text("meta", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [uniqueIndex("response_slot").on(t.itemId, t.slot)],
);

/** One response that somebody wanted or did not want, with nothing to compare it with (KTO's rows). Only files bring them. */
export const labelledResponse = sqliteTable(
  "labelled_response",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    importId: text("import_id").references(() => importBatch.id, { onDelete: "set null" }),
    externalId: text("external_id"),
    prompt: text("prompt", { mode: "json" }).$type<Message[]>().notNull(),
    promptHash: text("prompt_hash").notNull(),
    response: text("response", { mode: "json" }).$type<Message[]>().notNull(),
    /** sha256 of prompt and response: the same response twice is one. */
    contentHash: text("content_hash").notNull(),
    desirable: integer("desirable", { mode: "boolean" }).notNull(),
    sourceModel: text("source_model"),
    /** `import:<source>:<their id>`, where the file names somebody. */
    annotatorKey: text("annotator_key"),
    reason: text("reason"),
    meta: text("meta", { mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("labelled_response_content").on(t.projectId, t.contentHash)],
);
