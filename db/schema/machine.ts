import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { DoctorReport } from "@/trainer/contracts/doctor";
import { timestamp } from "./columns";

/** The one look at the machine that is kept: asked for by an admin, taken by the worker. */
export const machineExam = sqliteTable("machine_exam", {
  id: integer("id").primaryKey(),
  requestedAt: timestamp("requested_at").notNull(),
  startedAt: timestamp("started_at"),
  finishedAt: timestamp("finished_at"),
  /** Of the last one that succeeded. */
  report: text("report", { mode: "json" }).$type<DoctorReport>(),
  reportedAt: timestamp("reported_at"),
  /** Why the last one did not. */
  error: text("error"),
});
