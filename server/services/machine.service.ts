import { type Db, type DbTx, writeTx } from "@/db/client";
import { findExam, requestExam } from "@/db/queries/machine.queries";
import type { Access } from "./access";

/** Asks the worker to look at this machine and to measure it. */
export const examineMachine = (db: Db, _access: Access<"admin">, now = new Date()): void =>
  writeTx(db, (tx) => requestExam(tx, now));

/** What the worker last found on this machine, and whether it looks again now. */
export function getMachine(db: DbTx, _access: Access<"admin">) {
  const exam = findExam(db);
  const underWay = exam !== null && exam.finishedAt === null;
  return {
    state: underWay ? (exam.startedAt ? ("measuring" as const) : ("waiting" as const)) : ("idle" as const),
    report: exam?.report ?? null,
    reportedAt: exam?.reportedAt ?? null,
    error: exam?.error ?? null,
  };
}
