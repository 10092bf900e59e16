import { eq, isNull } from "drizzle-orm";
import type { DoctorReport } from "@/trainer/contracts/doctor";
import type { DbTx } from "../client";
import { machineExam } from "../schema/machine";

const id = 1;

export const findExam = (db: DbTx) => db.select().from(machineExam).where(eq(machineExam.id, id)).get() ?? null;

/** Asks for a look; one that is under way goes on and is the answer. */
export function requestExam(tx: DbTx, now: Date): void {
  const exam = findExam(tx);
  if (exam && !exam.finishedAt) return;
  const asked = { requestedAt: now, startedAt: null, finishedAt: null, error: null };
  tx.insert(machineExam)
    .values({ id, ...asked })
    .onConflictDoUpdate({ target: machineExam.id, set: asked })
    .run();
}

export function isExamWaiting(db: DbTx): boolean {
  const exam = findExam(db);
  return exam !== null && exam.startedAt === null;
}

/** Whether there was one to take. */
export function startExam(tx: DbTx, now: Date): boolean {
  if (!isExamWaiting(tx)) return false;
  tx.update(machineExam).set({ startedAt: now }).where(eq(machineExam.id, id)).run();
  return true;
}

/** What a worker that has gone had begun waits again. */
export function restartExam(tx: DbTx): void {
  tx.update(machineExam).set({ startedAt: null }).where(isNull(machineExam.finishedAt)).run();
}

export function finishExam(tx: DbTx, outcome: { report: DoctorReport } | { error: string }, now: Date): void {
  const told = "report" in outcome ? { report: outcome.report, reportedAt: now, error: null } : outcome;
  tx.update(machineExam)
    .set({ ...told, finishedAt: now })
    .where(eq(machineExam.id, id))
    .run();
}
