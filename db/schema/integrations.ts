import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ApiScope } from "@/server/domain/api/scopes";
import type { WebhookEventType } from "@/server/domain/webhooks";
import { createdAt, timestamp } from "./columns";
import { project, user } from "./identity";

/** A program's key to one project. Only the hash of the token is kept; it acts for the person who made it. */
export const apiToken = sqliteTable(
  "api_token",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    tokenHash: text("token_hash").notNull().unique(),
    /** Its first characters, by which people tell tokens apart. */
    hint: text("hint").notNull(),
    scopes: text("scopes", { mode: "json" }).$type<ApiScope[]>().notNull(),
    createdBy: text("created_by")
      .notNull()
      .references(() => user.id),
    createdAt: createdAt(),
    expiresAt: timestamp("expires_at").notNull(),
    lastUsedAt: timestamp("last_used_at"),
    revokedAt: timestamp("revoked_at"),
  },
  (t) => [index("api_token_project").on(t.projectId, t.createdAt)],
);

/** An address that is told what happens in a project. */
export const webhook = sqliteTable(
  "webhook",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    url: text("url").notNull(),
    events: text("events", { mode: "json" }).$type<WebhookEventType[]>().notNull(),
    /** Signs every message, so it cannot be kept as a hash. */
    secret: text("secret").notNull(),
    createdBy: text("created_by").references(() => user.id),
    createdAt: createdAt(),
    /** When the first of the failures in a row was; null after a success. */
    failingSince: timestamp("failing_since"),
    disabledAt: timestamp("disabled_at"),
    disabledReason: text("disabled_reason", { enum: ["failing", "gone", "switched_off"] }),
  },
  (t) => [index("webhook_project").on(t.projectId, t.createdAt)],
);

export interface WebhookAttempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
  /** The receiver's answer; null when there was none. */
  readonly status: number | null;
  readonly error: string | null;
}

/** The outbox: written in the transaction of what it tells of, sent by the worker, kept as the log. */
export const webhookDelivery = sqliteTable(
  "webhook_delivery",
  {
    /** The message's id, the same at every attempt. */
    id: text("id").primaryKey(),
    webhookId: text("webhook_id")
      .notNull()
      .references(() => webhook.id, { onDelete: "cascade" }),
    type: text("type").$type<WebhookEventType>().notNull(),
    /** The exact body that is signed and sent. */
    body: text("body").notNull(),
    state: text("state", { enum: ["pending", "delivered", "failed"] }).notNull(),
    attempts: text("attempts", { mode: "json" }).$type<WebhookAttempt[]>().notNull().default([]),
    /** Not before then; while one is under way, when another may begin. */
    nextAttemptAt: timestamp("next_attempt_at"),
    /** Attempts since it was made or sent again by hand. */
    round: integer("round").notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [
    index("webhook_delivery_log").on(t.webhookId, t.createdAt),
    index("webhook_delivery_due").on(t.nextAttemptAt).where(sql`state = 'pending'`),
  ],
);
