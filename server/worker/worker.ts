import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { eq, inArray, lt } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { additionsWithFiles } from "@/db/queries/additions.queries";
import { failStale } from "@/db/queries/generations.queries";
import { run, worker } from "@/db/schema/runs";
import type { AddedModel } from "@/trainer/contracts/addition";
import type { ScoredAnswer } from "@/trainer/contracts/inference";
import type { Preflight } from "@/trainer/contracts/preflight";
import { additionFolder } from "../services/additionFiles";
import { removeWorkings } from "../services/runFolder";
import { additionWork } from "./additionJob";
import { AnswerJob } from "./answerJob";
import { CompressionJob } from "./compressionJob";
import { ComputeProcess } from "./computeProcess";
import { type WorkerContext, withoutPlaces } from "./context";
import { MachineExam } from "./machineExam";
import { OneShotJob } from "./oneShotJob";
import { PairBatchJob } from "./pairBatchJob";
import { preflightWork } from "./preflightJob";
import type { FromCompute } from "./protocol";
import { RunJob } from "./runJob";
import { scoringWork } from "./scoringJob";

const tickMs = 100;
const heartbeatMs = 3_000;
const questionsAtOnce = 3;
const dayMs = 86_400_000;
/** Who asked before that has left. */
const oldQuestionMs = 120_000;

export interface WorkerOptions extends Omit<WorkerContext, "send" | "crashes"> {
  /** The computing child's file. */
  readonly computeScript: string;
  /** The file of the process that looks at the machine. */
  readonly doctorScript: string;
}

/** The training worker: claims runs and questions, hands them to its child, writes down what the child tells. */
export class Worker {
  private readonly id = randomUUID();
  private readonly context: WorkerContext;
  private readonly compute: ComputeProcess;
  private readonly exam: MachineExam;
  private runJob: RunJob | null = null;
  private preflightJob: OneShotJob<Preflight> | null = null;
  private scoringJob: OneShotJob<ScoredAnswer[]> | null = null;
  private additionJob: OneShotJob<AddedModel> | null = null;
  private pairBatchJob: PairBatchJob | null = null;
  private compressionJob: CompressionJob | null = null;
  private readonly answers = new Map<string, AnswerJob>();
  private timer: NodeJS.Timeout | null = null;
  private heartbeatAt = 0;

  constructor({ computeScript, doctorScript, ...options }: WorkerOptions) {
    const handlers = {
      message: (message: FromCompute) => this.guarded(() => this.onMessage(message)),
      exit: (how: string) => this.guarded(() => this.onExit(how)),
    };
    this.compute = new ComputeProcess(computeScript, handlers, options.log);
    this.exam = new MachineExam(options.db, doctorScript);
    this.context = { ...options, crashes: new Map(), send: (message) => this.compute.send(message) };
  }

  start(): void {
    const now = new Date();
    const { db } = this.context;
    writeTx(db, (tx) => {
      tx.delete(worker)
        .where(lt(worker.lastSeenAt, new Date(now.getTime() - dayMs)))
        .run();
      const left = "No worker was there to answer within two minutes. Ask again.";
      failStale(tx, new Date(now.getTime() - oldQuestionMs), left, now);
    });
    this.beat(now);
    this.removeOldWorkings();
    this.removeOldAdditions(now);
    this.compute.start();
    this.timer = setInterval(() => this.guarded(() => this.tick(new Date())), tickMs);
  }

  /** Says that somebody is there. */
  private beat(now: Date): void {
    this.context.db
      .insert(worker)
      .values({ id: this.id, pid: process.pid, startedAt: now, lastSeenAt: now })
      .onConflictDoUpdate({ target: worker.id, set: { lastSeenAt: now } })
      .run();
    this.heartbeatAt = now.getTime() + heartbeatMs;
  }

  /** Gives back what is in hand and ends. */
  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.compute.stop();
    this.guarded(() => this.exam.stop());
    for (const job of this.jobs()) this.guarded(() => job.release());
    this.guarded(() => this.context.db.delete(worker).where(eq(worker.id, this.id)).run());
  }

  /** Everything in hand. */
  private jobs() {
    const single = [
      this.runJob,
      this.preflightJob,
      this.scoringJob,
      this.additionJob,
      this.pairBatchJob,
      this.compressionJob,
    ];
    const jobs = [...single, ...this.answers.values()];
    return jobs.filter((job) => job !== null);
  }

  /** A full disk or a locked database is told and tried again: what is not written stays in hand. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (err) {
      this.context.log.error({ err }, "worker");
    }
  }

  private tick(now: Date): void {
    if (now.getTime() >= this.heartbeatAt) this.beat(now);
    for (const job of this.jobs()) {
      const trouble = job.tick(now);
      if (trouble === null) continue;
      this.context.log.warn({ id: job.id, trouble }, "ending the compute process");
      this.compute.ready = false;
      this.compute.kill();
    }
    if (this.pairBatchJob?.through) this.pairBatchJob = null;
    if (this.additionJob?.over) this.additionJob = null;
    this.exam.tick(now);
    if (!this.compute.ready) return;
    this.runJob ??= RunJob.claim(this.context, now);
    this.preflightJob ??= OneShotJob.claim(this.context, preflightWork, now);
    this.scoringJob ??= OneShotJob.claim(this.context, scoringWork, now);
    this.additionJob ??= OneShotJob.claim(this.context, additionWork, now);
    this.pairBatchJob ??= PairBatchJob.claim(this.context, now);
    this.compressionJob ??= CompressionJob.claim(this.context, now);
    if (this.answers.size < questionsAtOnce) {
      const job = AnswerJob.claim(this.context, now);
      if (job) this.answers.set(job.id, job);
    }
  }

  private onMessage(told: FromCompute): void {
    const message = this.toldToPeople(told);
    switch (message.type) {
      case "runEvent":
        if (this.runJob?.id === message.runId) this.runJob.onEvent(message.event, message.wait);
        return;
      case "runEnded": {
        const job = this.runJob;
        if (job?.id !== message.runId) return;
        this.runJob = null;
        job.ended(message.failure);
        return;
      }
      case "looked": {
        const job = this.preflightJob;
        if (job?.id !== message.id) return;
        this.preflightJob = null;
        job.ended(message.result, message.failure);
        return;
      }
      case "scored": {
        const job = this.scoringJob;
        if (job?.id !== message.id) return;
        this.scoringJob = null;
        job.ended(message.result, message.failure);
        return;
      }
      case "added": {
        const job = this.additionJob;
        if (job?.id !== message.id) return;
        this.additionJob = null;
        job.ended(message.result, message.failure);
        return;
      }
      case "pairsMade":
        if (this.pairBatchJob?.id === message.id) this.pairBatchJob.onChunk(message.chunk);
        return;
      case "pairsEnded":
        if (this.pairBatchJob?.id === message.id) this.pairBatchJob.ended(message.failure);
        return;
      case "compressing":
        if (this.compressionJob?.id === message.id) this.compressionJob.onProgress(message.progress);
        return;
      case "compressed": {
        const job = this.compressionJob;
        if (job?.id !== message.id) return;
        this.compressionJob = null;
        job.ended(message.report, message.failure);
        return;
      }
      case "answerEvent":
        this.answers.get(message.id)?.onEvent(message.event);
        return;
      case "answerEnded": {
        const job = this.answers.get(message.id);
        this.answers.delete(message.id);
        job?.ended(message.failure);
      }
    }
  }

  private toldToPeople(message: FromCompute): FromCompute {
    if (!("failure" in message) || message.failure === null) return message;
    const { failure } = message;
    return { ...message, failure: { ...failure, message: withoutPlaces(this.context, failure.message) } };
  }

  private onExit(how: string): void {
    const job = this.runJob;
    const others = this.jobs().filter((one) => one !== job);
    this.runJob = null;
    this.preflightJob = null;
    this.scoringJob = null;
    this.additionJob = null;
    this.pairBatchJob = null;
    this.compressionJob = null;
    this.answers.clear();
    for (const other of others) this.guarded(() => other.crashed(how));
    if (job) this.guarded(() => job.crashed(how));
  }

  /** Files of models that were never added, or were, and that nobody tries again. */
  private removeOldAdditions(now: Date): void {
    const { db, dataDir } = this.context;
    const folder = join(dataDir, "additions");
    const needed = additionsWithFiles(db, new Date(now.getTime() - 3 * dayMs));
    for (const id of existsSync(folder) ? readdirSync(folder) : []) {
      if (!needed.has(id)) rmSync(additionFolder(dataDir, id), { recursive: true, force: true });
    }
  }

  /** Of runs that were ended while no worker was there. */
  private removeOldWorkings(): void {
    const { db, dataDir } = this.context;
    const folder = join(dataDir, "runs");
    const live = new Set(
      db
        .select({ id: run.id })
        .from(run)
        .where(inArray(run.state, ["queued", "running", "paused"]))
        .all()
        .map(({ id }) => id),
    );
    for (const id of existsSync(folder) ? readdirSync(folder) : []) {
      if (!live.has(id)) removeWorkings(join(folder, id));
    }
  }
}
