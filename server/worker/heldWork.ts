import { cancelRequested, type Held, renew } from "@/db/queries/lease.queries";
import type { WorkerContext } from "./context";

/** A child that does not stop when asked to is ended after this long. */
const insistAfterMs = 10_000;

/** The lease of one piece of work in this worker's hands, and the wish to stop it. */
export class HeldWork {
  private renewAt: number;
  private cancelledAt: number | null = null;

  constructor(
    private readonly context: WorkerContext,
    readonly held: Held,
    now: Date,
  ) {
    this.renewAt = now.getTime() + context.leaseMs / 3;
  }

  get cancelled(): boolean {
    return this.cancelledAt !== null;
  }

  /** Renews when it is time. `lost`: somebody else has the work now. Otherwise the new end of the lease, if it has one. */
  renewIfDue(now: Date): "lost" | Date | null {
    if (now.getTime() < this.renewAt) return null;
    const until = new Date(now.getTime() + this.context.leaseMs);
    if (!renew(this.context.db, this.held, until)) return "lost";
    this.renewAt = now.getTime() + this.context.leaseMs / 3;
    return until;
  }

  /** `ask` once, when somebody wants the work stopped; `insist` when asking did not help. */
  checkCancel(now: Date): "ask" | "insist" | null {
    if (this.cancelledAt !== null) return now.getTime() > this.cancelledAt + insistAfterMs ? "insist" : null;
    if (!cancelRequested(this.context.db, this.held)) return null;
    this.cancelledAt = now.getTime();
    return "ask";
  }
}
