import { sql } from "drizzle-orm";
import { index, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AnswersToScore, SamplingInput, ScoredAnswer } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import { createdAt, leaseColumns, timestamp } from "./columns";
import { project, user } from "./identity";

const states = ["queued", "running", "finished", "failed", "cancelled"] as const;

/** A question to the worker: how likely models find answers, token by token, and what a reward model says of them. */
export const scoring = sqliteTable(
  "scoring",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    request: text("request", { mode: "json" }).$type<AnswersToScore>().notNull(),
    modelIds: text("model_ids", { mode: "json" }).$type<string[]>().notNull(),
    rewardModelId: text("reward_model_id"),
    state: text("state", { enum: states }).notNull(),
    /** In the order of the request's answers. */
    result: text("result", { mode: "json" }).$type<ScoredAnswer[]>(),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [index("scoring_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`)],
);

/**
 * Pairs that models are to make of a list of prompts, in the background. `promptsDone` prompts are through: their pairs
 * were written in the transaction that counted them, so whoever goes on after a crash begins with the next one.
 */
export const pairBatch = sqliteTable(
  "pair_batch",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id),
    prompts: text("prompts", { mode: "json" }).$type<Message[][]>().notNull(),
    promptCount: integer("prompt_count").notNull(),
    modelIds: text("model_ids", { mode: "json" }).$type<string[]>().notNull(),
    /** As they were called when it was asked for: a model that is gone keeps its name here. */
    modelNames: text("model_names", { mode: "json" }).$type<string[]>().notNull(),
    perPrompt: integer("per_prompt").notNull(),
    sampling: text("sampling", { mode: "json" }).$type<SamplingInput>().notNull(),
    state: text("state", { enum: states }).notNull(),
    promptsDone: integer("prompts_done").notNull().default(0),
    pairsAdded: integer("pairs_added").notNull().default(0),
    /** The project had them already. */
    pairsKnown: integer("pairs_known").notNull().default(0),
    /** Two equal answers, or an empty one: nobody could choose. */
    pairsLeftOut: integer("pairs_left_out").notNull().default(0),
    etaSeconds: real("eta_seconds"),
    error: text("error"),
    createdAt: createdAt(),
    finishedAt: timestamp("finished_at"),
    ...leaseColumns,
  },
  (t) => [
    index("pair_batch_project").on(t.projectId, t.createdAt),
    index("pair_batch_queue").on(t.state, t.createdAt).where(sql`state in ('queued', 'running')`),
  ],
);
