import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { disclosures } from "@/server/domain/demo/disclosure";
import { createdAt, timestamp, updatedAt } from "./columns";

export const user = sqliteTable("user", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email").notNull().unique(),
  emailVerified: integer("email_verified", { mode: "boolean" }).notNull().default(false),
  image: text("image"),
  /** `admin` may create projects and sees the machine; everyone else only the projects they belong to. */
  instanceRole: text("instance_role", { enum: ["admin", "member"] })
    .notNull()
    .default("member"),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const session = sqliteTable(
  "session",
  {
    id: text("id").primaryKey(),
    expiresAt: timestamp("expires_at").notNull(),
    token: text("token").notNull().unique(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
  },
  (t) => [index("session_user").on(t.userId)],
);

export const account = sqliteTable(
  "account",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id").notNull(),
    providerId: text("provider_id").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: timestamp("access_token_expires_at"),
    refreshTokenExpiresAt: timestamp("refresh_token_expires_at"),
    scope: text("scope"),
    password: text("password"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("account_user").on(t.userId), uniqueIndex("account_provider").on(t.providerId, t.accountId)],
);

export const verification = sqliteTable(
  "verification",
  {
    id: text("id").primaryKey(),
    identifier: text("identifier").notNull(),
    value: text("value").notNull(),
    expiresAt: timestamp("expires_at").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("verification_identifier").on(t.identifier)],
);

export const rateLimit = sqliteTable("rate_limit", {
  id: text("id").primaryKey(),
  key: text("key").notNull().unique(),
  count: integer("count").notNull(),
  lastRequest: integer("last_request").notNull(),
});

/** One-time links: `setup` signs the first admin in, `reset` lets a person choose a new password. Only the hash is kept. */
export const signInLink = sqliteTable(
  "sign_in_link",
  {
    id: text("id").primaryKey(),
    tokenHash: text("token_hash").notNull().unique(),
    purpose: text("purpose", { enum: ["setup", "reset"] }).notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    createdBy: text("created_by"),
    expiresAt: timestamp("expires_at").notNull(),
    usedAt: timestamp("used_at"),
    createdAt: createdAt(),
  },
  (t) => [index("sign_in_link_user").on(t.userId)],
);

export const project = sqliteTable("project", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  /** Votes wanted per item. */
  overlap: integer("overlap").notNull().default(1),
  verdictSteps: integer("verdict_steps").notNull().default(7),
  allowBothBad: integer("allow_both_bad", { mode: "boolean" }).notNull().default(true),
  reasonRequired: integer("reason_required", { mode: "boolean" }).notNull().default(false),
  /** Reasons to choose from; none means that people write their own. */
  reasonChoices: text("reason_choices", { mode: "json" }).$type<string[]>().notNull().default([]),
  /** What is judged besides the whole, by name. */
  criteria: text("criteria", { mode: "json" }).$type<string[]>().notNull().default([]),
  /** When verdicts, reasons or criteria were last asked for differently: pairs given out before are judged as they were. */
  rulesChangedAt: timestamp("rules_changed_at"),
  /** How long somebody may change a vote of theirs; 0 means not at all. */
  changeMinutes: integer("change_minutes").notNull().default(1440),
  /** Pairs that a newcomer practises on before real ones; 0 means none. */
  practicePairs: integer("practice_pairs").notNull().default(0),
  leaseSeconds: integer("lease_seconds").notNull().default(900),
  /** Seeds the side on which an item's first answer is shown. */
  seed: integer("seed").notNull().default(0),
  /** Last queue position handed out; see `item.queuePosition`. */
  queueSequence: integer("queue_sequence").notNull().default(0),
  /** What the pairs and labels are, where that must be said (demo projects). */
  disclosure: text("disclosure", { enum: disclosures }),
  baseModelId: text("base_model_id"),
  createdBy: text("created_by").references(() => user.id),
  createdAt: createdAt(),
  archivedAt: timestamp("archived_at"),
});

export const invite = sqliteTable(
  "invite",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    tokenHash: text("token_hash").notNull().unique(),
    role: text("role", { enum: ["admin", "annotator"] }).notNull(),
    label: text("label").notNull().default(""),
    maxUses: integer("max_uses"),
    uses: integer("uses").notNull().default(0),
    expiresAt: timestamp("expires_at"),
    revokedAt: timestamp("revoked_at"),
    createdBy: text("created_by")
      .notNull()
      .references(() => user.id),
    createdAt: createdAt(),
  },
  (t) => [index("invite_project").on(t.projectId)],
);

export const membership = sqliteTable(
  "membership",
  {
    projectId: text("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner", "admin", "annotator"] }).notNull(),
    inviteId: text("invite_id").references(() => invite.id, { onDelete: "set null" }),
    /** (times response a was shown left) − (times b was), over live and submitted assignments. */
    sideBalance: integer("side_balance").notNull().default(0),
    createdAt: createdAt(),
    revokedAt: timestamp("revoked_at"),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.userId] }), index("membership_user").on(t.userId)],
);
