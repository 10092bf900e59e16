import { writeTx } from "@/db/client";
import { claimNext, type FinalState, type Held, hasClaimable, release, type Work } from "@/db/queries/lease.queries";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import type { Failure, ToCompute } from "./protocol";

/** Work for this process before the child's: it ends with what to send. What it throws is the end. */
export interface Preparing {
  prepare(held: Held, signal: AbortSignal): Promise<ToCompute>;
  /** The thrown error as a sentence for a person. */
  explain(error: unknown): string;
}

/** A kind of work that the child does in one go and answers once. */
export interface OneShot<Result> {
  readonly work: Work;
  /** What to send to the child, or why there is nothing to send. `attempts` counts this claim. */
  begin(
    context: WorkerContext,
    id: string,
  ): { readonly attempts: number } & ({ readonly message: ToCompute } | { readonly refusal: string } | Preparing);
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
  /** While this process prepares the work. */
  private preparing: AbortController | null = null;

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
      if ("message" in begun) context.send(begun.message);
      else void job.prepare(begun);
      return job;
    }
    return null;
  }

  /** Over without the child: its worker forgets it. */
  over = false;

  private async prepare(work: Preparing): Promise<void> {
    const controller = new AbortController();
    this.preparing = controller;
    try {
      const message = await work.prepare(this.held, controller.signal);
      // What was given up in the meantime is somebody else's.
      if (controller.signal.aborted) return;
      this.preparing = null;
      this.context.send(message);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.over = true;
      this.end("failed", null, work.explain(error));
    }
  }

  /** `lost`: somebody else has it now, and the child must be ended. */
  tick(now: Date): "lost" | null {
    if (this.over) return null;
    const lost = this.work.renewIfDue(now) === "lost";
    if (!this.preparing) return lost ? "lost" : null;
    // The child has nothing to do with it yet.
    if (lost) this.giveUp();
    else if (this.work.checkCancel(now)) {
      this.giveUp();
      this.end("cancelled", null, null);
    }
    return null;
  }

  private giveUp(): void {
    this.preparing?.abort();
    this.over = true;
  }

  ended(result: Result | null, failure: Failure | null): void {
    this.end(failure ? "failed" : "finished", result, failure?.message ?? null);
  }

  /** What was still being prepared here goes on at once, with whoever claims it. */
  crashed(): void {
    if (this.preparing) this.release();
    else this.end("failed", null, this.kind.crashed);
  }

  /** This worker stops; the next one takes it up. */
  release(): void {
    this.giveUp();
    release(this.context.db, this.held);
  }

  private end(state: FinalState, result: Result | null, error: string | null): void {
    this.kind.finish(this.context, this.held, state, { result, error });
  }
}
