import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { claimNext, type FinalState, type Held, hasClaimable, release } from "@/db/queries/lease.queries";
import { finishPreflight, type PreflightRow } from "@/db/queries/preflights.queries";
import { preflight } from "@/db/schema/runs";
import type { Preflight } from "@/trainer/contracts/preflight";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import { placedConfig } from "./placedConfig";
import type { Failure } from "./protocol";

/** One look ahead in this worker's hands. */
export class PreflightJob {
  private readonly work: HeldWork;
  readonly id: string;

  private constructor(
    private readonly context: WorkerContext,
    private readonly held: Held,
    now: Date,
  ) {
    this.work = new HeldWork(context, held, now);
    this.id = held.id;
  }

  /** Claims the next one and sends it to the child; null when there is none. */
  static claim(context: WorkerContext, now: Date): PreflightJob | null {
    if (!hasClaimable(context.db, "preflight", now)) return null;
    const claimed = writeTx(context.db, (tx) => {
      const held = claimNext(tx, "preflight", newLease(context, now), now);
      if (!held) return null;
      return { held, row: tx.select().from(preflight).where(eq(preflight.id, held.id)).get() as PreflightRow };
    });
    if (!claimed) return null;
    const job = new PreflightJob(context, claimed.held, now);
    if (claimed.row.attempts > 1) {
      // It ended the process once: the machine is short of something, most likely memory.
      job.crashed();
      return null;
    }
    context.send({ type: "look", id: job.id, config: placedConfig(claimed.row.config, context) });
    return job;
  }

  /** `lost`: somebody else has it now, and the child must be ended. */
  tick(now: Date): "lost" | null {
    return this.work.renewIfDue(now) === "lost" ? "lost" : null;
  }

  ended(result: Preflight | null, failure: Failure | null): void {
    this.end(failure ? "failed" : "finished", result, failure?.message ?? null);
  }

  crashed(): void {
    this.end(
      "failed",
      null,
      "The process that looked ahead ended unexpectedly. The machine may be short of memory: try a smaller batch size or maximum length.",
    );
  }

  /** This worker stops; the next one looks. */
  release(): void {
    release(this.context.db, this.held);
  }

  private end(state: FinalState, result: Preflight | null, error: string | null): void {
    writeTx(this.context.db, (tx) => finishPreflight(tx, this.held, state, { result, error }, new Date()));
  }
}
