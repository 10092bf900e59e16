import { writeTx } from "@/db/client";
import { claimNext, type FinalState, type Held, hasClaimable, release, type Work } from "@/db/queries/lease.queries";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import type { Failure, ToCompute } from "./protocol";

/** A kind of work that the child does in one go and answers once. */
export interface OneShot<Result> {
  readonly work: Work;
  /** What to send to the child, or why there is nothing to send. `attempts` counts this claim. */
  begin(
    context: WorkerContext,
    id: string,
  ): { readonly attempts: number } & ({ readonly message: ToCompute } | { readonly refusal: string });
  /** What to tell when the child ended unexpectedly over it. */
  readonly crashed: string;
  finish(
    context: WorkerContext,
    held: Held,
    state: FinalState,
    told: { readonly result: Result | null; readonly error: string | null },
  ): void;
}

/** One piece of it in this worker's hands. */
export class OneShotJob<Result> {
  private readonly work: HeldWork;
  readonly id: string;

  private constructor(
    private readonly context: WorkerContext,
    private readonly kind: OneShot<Result>,
    private readonly held: Held,
    now: Date,
  ) {
    this.work = new HeldWork(context, held, now);
    this.id = held.id;
  }

  /** Claims the next one and sends it to the child; null when there is none. */
  static claim<Result>(context: WorkerContext, kind: OneShot<Result>, now: Date): OneShotJob<Result> | null {
    if (!hasClaimable(context.db, kind.work, now)) return null;
    const held = writeTx(context.db, (tx) => claimNext(tx, kind.work, newLease(context, now), now));
    if (!held) return null;
    const job = new OneShotJob(context, kind, held, now);
    const begun = kind.begin(context, held.id);
    // It ended the process once: the machine is short of something, most likely memory.
    if (begun.attempts > 1) job.crashed();
    else if ("refusal" in begun) job.end("failed", null, begun.refusal);
    else {
      context.send(begun.message);
      return job;
    }
    return null;
  }

  /** `lost`: somebody else has it now, and the child must be ended. */
  tick(now: Date): "lost" | null {
    return this.work.renewIfDue(now) === "lost" ? "lost" : null;
  }

  ended(result: Result | null, failure: Failure | null): void {
    this.end(failure ? "failed" : "finished", result, failure?.message ?? null);
  }

  crashed(): void {
    this.end("failed", null, this.kind.crashed);
  }

  /** This worker stops; the next one takes it up. */
  release(): void {
    release(this.context.db, this.held);
  }

  private end(state: FinalState, result: Result | null, error: string | null): void {
    this.kind.finish(this.context, this.held, state, { result, error });
  }
}
