import { join, relative } from "node:path";
import { and, eq, isNull } from "drizzle-orm";
import { type DbTx, writeTx } from "@/db/client";
import {
  abandon,
  claimNext,
  type FinalState,
  finish,
  type Held,
  hasClaimable,
  release,
} from "@/db/queries/lease.queries";
import { freeName } from "@/db/queries/models.queries";
import { pauseRequested, settlePause } from "@/db/queries/pause.queries";
import { appendRunEvents, type Run } from "@/db/queries/runs.queries";
import { snapshot } from "@/db/schema/datasets";
import { model, run } from "@/db/schema/runs";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { measureModelFolder } from "../services/modelFolder";
import { removeWorkings } from "../services/runFolder";
import { tellRunEnd } from "../services/runs.webhooks";
import { newLease, type WorkerContext, withoutPlaces } from "./context";
import { HeldWork } from "./heldWork";
import { cacheFolder, placedConfig } from "./placedConfig";
import type { Failure } from "./protocol";

const modelNames: Readonly<Record<Run["kind"], string>> = {
  reward: "Reward model",
  dpo: "DPO",
  kto: "KTO",
  sft: "SFT",
  ppo: "PPO",
  grpo: "GRPO",
  rloo: "RLOO",
};

/** Crashes of its own in a row that a run gets without a new checkpoint between them. */
const crashesAtMost = 3;
/** Attempts without a new checkpoint, when the child or all of the worker was killed each time: that may say nothing of the run. */
const attemptsAtMost = 20;

const crashedInVain = (times: number): Failure => ({
  code: "crashed",
  message: `The training process ended unexpectedly ${times} times without reaching a new checkpoint. The machine may be short of memory: try a smaller batch size or maximum length.`,
});

const log = (level: "info" | "warn" | "error", message: string): RunEvent => ({ type: "log", level, message });

/** One training run in this worker's hands: its lease, its events on their way into the database, its end. */
export class RunJob {
  private events: RunEvent[] = [];
  private childWaits = false;
  private done: RunEvent | null = null;
  private pausing = false;
  private readonly work: HeldWork;
  readonly id: string;

  private constructor(
    private readonly context: WorkerContext,
    private readonly held: Held,
    private readonly row: Run,
    now: Date,
  ) {
    this.work = new HeldWork(context, held, now);
    this.id = held.id;
  }

  /** Claims the next run and sends it to the child; null when there is none. */
  static claim(context: WorkerContext, now: Date): RunJob | null {
    if (!hasClaimable(context.db, "run", now)) return null;
    const lease = newLease(context, now);
    const claimed = writeTx(context.db, (tx) => {
      const held = claimNext(tx, "run", lease, now);
      if (!held) return null;
      tx.update(run)
        .set({ startedAt: now })
        .where(and(eq(run.id, held.id), isNull(run.startedAt)))
        .run();
      return { held, row: tx.select().from(run).where(eq(run.id, held.id)).get() as Run };
    });
    if (!claimed) return null;
    const job = new RunJob(context, claimed.held, claimed.row, now);
    return job.begin(lease.expiresAt) ? job : null;
  }

  private begin(leaseUntil: Date): boolean {
    const { context, row, id } = this;
    if (row.cancelRequestedAt) {
      this.end("cancelled", [log("info", "Cancelled.")]);
      return false;
    }
    if (row.pauseRequestedAt) {
      // The worker before this one did not get to it. The newest checkpoint is where it goes on.
      this.pause();
      return false;
    }
    if (row.attempts > attemptsAtMost) {
      // The claim that gives up is no attempt.
      this.fail(crashedInVain(attemptsAtMost), { attempts: attemptsAtMost });
      return false;
    }
    context.log.info({ runId: id, attempt: row.attempts }, "run claimed");
    context.send({
      type: "train",
      runId: id,
      config: placedConfig(row.config, context),
      cacheFolder: cacheFolder(context),
      leaseUntil: leaseUntil.getTime(),
    });
    return true;
  }

  onEvent(event: RunEvent, wait: boolean): void {
    if (event.type === "checkpoint") this.context.crashes.delete(this.id);
    // Kept back until the model is in the registry.
    if (event.type === "done") this.done = this.withoutDataDir(event);
    else this.events.push(this.withoutDataDir(event));
    this.childWaits ||= wait;
    if (wait) this.flush();
  }

  /** Stores what came in since; false when the lease is lost. */
  flush(): boolean {
    const { db } = this.context;
    if (this.events.length > 0) {
      if (!writeTx(db, (tx) => appendRunEvents(tx, this.held, this.events))) return false;
      this.events = [];
    }
    if (this.childWaits) this.context.send({ type: "stored", runId: this.id });
    this.childWaits = false;
    return true;
  }

  /** What is due now. `lost` and `insist` mean that the child must be ended. */
  tick(now: Date): "lost" | "insist" | null {
    if (!this.flush()) return "lost";
    const renewed = this.work.renewIfDue(now);
    if (renewed === "lost") return "lost";
    if (renewed) this.context.send({ type: "renewed", runId: this.id, leaseUntil: renewed.getTime() });
    if (!this.pausing && pauseRequested(this.context.db, this.held)) {
      this.pausing = true;
      this.context.send({ type: "pause", runId: this.id });
    }
    const cancel = this.work.checkCancel(now);
    if (cancel === "ask") this.context.send({ type: "abort", runId: this.id });
    return cancel === "insist" ? "insist" : null;
  }

  /** The child is through with it. */
  ended(failure: Failure | null): void {
    if (failure === null) this.succeed();
    else if (this.work.cancelled) this.end("cancelled", [log("info", "Cancelled.")]);
    else if (failure.code === "paused") this.pause();
    else this.fail(failure);
  }

  /** The child died: the next claim goes on from the newest checkpoint. */
  crashed(how: string): void {
    if (this.work.cancelled) {
      this.end("cancelled", [log("info", "Cancelled.")]);
      return;
    }
    const crashes = (this.context.crashes.get(this.id) ?? 0) + (how === "SIGKILL" ? 0 : 1);
    this.context.crashes.set(this.id, crashes);
    if (crashes >= crashesAtMost) {
      this.fail(crashedInVain(crashes));
      return;
    }
    const message = `The training process ended unexpectedly (${how}); going on from the last checkpoint.`;
    this.events.push(log("warn", message));
    this.flush();
    abandon(this.context.db, this.held);
  }

  /** This worker stops; the next one goes on. */
  release(): void {
    this.flush();
    release(this.context.db, this.held);
  }

  /** Its checkpoints stay; this worker is free for the next run. */
  private pause(): void {
    this.flush();
    const paused = writeTx(this.context.db, (tx) => settlePause(tx, this.held));
    this.context.log.info({ runId: this.id, paused }, "run paused");
  }

  private succeed(): void {
    const { config, id } = this.row;
    const path = `${config.output}/model`;
    const size = measureModelFolder(join(this.context.dataDir, path));
    const modelId = `m-${id}`;
    this.end("finished", this.done ? [this.done] : [], (tx) => {
      const { projectId, kind, baseModelId, snapshotId } = this.row;
      const number = tx.select({ n: snapshot.number }).from(snapshot).where(eq(snapshot.id, snapshotId)).get()?.n;
      const name = freeName(tx, projectId, `${modelNames[kind]}, snapshot ${number}`);
      const shape = kind === "reward" ? ("reward" as const) : ("policy" as const);
      tx.insert(model)
        .values({ id: modelId, projectId, kind: shape, name, path, baseModelId, runId: id, snapshotId, ...size })
        .onConflictDoNothing()
        .run();
      tx.update(run).set({ modelId, etaSeconds: 0 }).where(eq(run.id, id)).run();
    });
  }

  private fail(failure: Failure, more: { attempts?: number } = {}): void {
    this.end("failed", [log("error", failure.message)], (tx) => {
      tx.update(run)
        .set({ error: failure, ...more })
        .where(eq(run.id, this.id))
        .run();
    });
  }

  /** Last events, final state and what goes with it in one transaction; then the checkpoints are of no more use. */
  private end(state: FinalState, last: readonly RunEvent[], also: (tx: DbTx) => void = () => {}): void {
    const { db, dataDir } = this.context;
    const ended = writeTx(db, (tx) => {
      if (!appendRunEvents(tx, this.held, [...this.events, ...last])) return false;
      also(tx);
      if (!finish(tx, this.held, state, new Date())) return false;
      tellRunEnd(tx, this.id);
      return true;
    });
    this.events = [];
    this.context.log.info({ runId: this.id, state, ended }, "run ended");
    this.context.crashes.delete(this.id);
    if (ended) removeWorkings(join(dataDir, this.row.config.output));
  }

  /** Paths are stored relative to the data folder, which may move. */
  private withoutDataDir(event: RunEvent): RunEvent {
    const { dataDir } = this.context;
    if (event.type === "checkpoint") return { ...event, path: relative(dataDir, event.path) };
    if (event.type === "done") return { ...event, modelPath: relative(dataDir, event.modelPath) };
    if ("message" in event) return { ...event, message: withoutPlaces(this.context, event.message) };
    return event;
  }
}
