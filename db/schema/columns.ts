import { sql } from "drizzle-orm";
import { integer, text } from "drizzle-orm/sqlite-core";

/** Milliseconds since the epoch, as a Date in code. */
export const timestamp = (name: string) => integer(name, { mode: "timestamp_ms" });

export const createdAt = () =>
  timestamp("created_at").notNull().default(sql`(cast(unixepoch('subsec') * 1000 as integer))`);

/** Columns of a leased piece of work; db/queries/lease.queries.ts claims, renews and ends all of them the same way. */
export const leaseColumns = {
  leaseToken: text("lease_token"),
  leaseExpiresAt: timestamp("lease_expires_at"),
  attempts: integer("attempts").notNull().default(0),
  cancelRequestedAt: timestamp("cancel_requested_at"),
};

export const updatedAt = () =>
  timestamp("updated_at")
    .notNull()
    .$defaultFn(() => new Date())
    .$onUpdate(() => new Date());
