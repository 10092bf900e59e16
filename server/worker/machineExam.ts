import { type ChildProcess, fork } from "node:child_process";
import { type Db, writeTx } from "@/db/client";
import { finishExam, isExamWaiting, restartExam, startExam } from "@/db/queries/machine.queries";
import { type DoctorReport, doctorReportSchema } from "@/trainer/contracts/doctor";
import { trainingEnvironment } from "@/trainer/runtime/heap";

const benchmarkSeconds = 60;
const limitMs = 300_000;

/** Looks at the machine when an admin asks, in a process of its own. */
export class MachineExam {
  private child: ChildProcess | null = null;
  /** Found and not yet written: a full disk keeps it in hand. */
  private outcome: Parameters<typeof finishExam>[1] | null = null;

  constructor(
    private readonly db: Db,
    private readonly script: string,
    private readonly seconds = benchmarkSeconds,
  ) {
    writeTx(db, restartExam);
  }

  tick(now: Date): void {
    const { outcome } = this;
    if (outcome) writeTx(this.db, (tx) => finishExam(tx, outcome, now));
    this.outcome = null;
    if (this.child || !isExamWaiting(this.db) || !writeTx(this.db, (tx) => startExam(tx, now))) return;
    let report: DoctorReport | null = null;
    const child = fork(this.script, [String(this.seconds)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // What is measured is what runs get.
      env: trainingEnvironment(),
    });
    this.child = child;
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
    child.on("message", (message) => {
      report = doctorReportSchema.parse(message);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      // `stop` gives it back.
      if (this.child !== child) return;
      this.child = null;
      const error = `The process that measures ended unexpectedly (${signal ?? `code ${code}`}). See the worker's log.`;
      this.outcome = report ? { report } : { error };
    });
  }

  /** This worker stops; the next one looks. */
  stop(): void {
    const child = this.child;
    this.child = null;
    child?.kill("SIGKILL");
    if (child) writeTx(this.db, restartExam);
  }
}
