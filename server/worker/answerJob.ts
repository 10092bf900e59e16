import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { appendGenerationEvents, finishGeneration, type Generation, hasEvents } from "@/db/queries/generations.queries";
import { claimNext, type FinalState, type Held, hasClaimable, release } from "@/db/queries/lease.queries";
import { type GenerationEvent, generation } from "@/db/schema/runs";
import { samplingSchema } from "@/trainer/contracts/inference";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import { placeModels, removedModel } from "./placeModels";
import type { Failure } from "./protocol";

const interrupted = "The worker stopped while it answered. Ask again.";

/** Joins the pieces of each model's text: fewer rows, the same order within each answer. */
export function joinTexts(events: readonly GenerationEvent[]): GenerationEvent[] {
  const joined: GenerationEvent[] = [];
  for (const event of events) {
    const at = event.type === "text" ? joined.findIndex((e) => e.type === "text" && e.modelId === event.modelId) : -1;
    const before = joined[at];
    if (event.type === "text" && before?.type === "text") joined[at] = { ...before, text: before.text + event.text };
    else joined.push(event);
  }
  return joined;
}

/** One playground question in this worker's hands. An answer that was cut off is not taken up again: its reader has it. */
export class AnswerJob {
  private events: GenerationEvent[] = [];
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

  /** Claims the next question and sends it to the child; null when there is none. */
  static claim(context: WorkerContext, now: Date): AnswerJob | null {
    if (!hasClaimable(context.db, "generation", now)) return null;
    const claimed = writeTx(context.db, (tx) => {
      const held = claimNext(tx, "generation", newLease(context, now), now);
      if (!held) return null;
      const row = tx.select().from(generation).where(eq(generation.id, held.id)).get() as Generation;
      return { held, row, begun: row.attempts > 1 || hasEvents(tx, held.id) };
    });
    if (!claimed) return null;
    const job = new AnswerJob(context, claimed.held, now);
    if (claimed.row.cancelRequestedAt) job.end("cancelled", null);
    else if (claimed.begun) job.end("failed", interrupted);
    else if (job.begin(claimed.row)) return job;
    return null;
  }

  private begin(row: Generation): boolean {
    const models = placeModels(this.context, row.modelIds);
    const judges = placeModels(this.context, row.rewardModelId === null ? [] : [row.rewardModelId]);
    if (!models || !judges) {
      this.end("failed", removedModel);
      return false;
    }
    const { id, prompt } = row;
    const question = { id, prompt, models, judge: judges[0] ?? null, sampling: samplingSchema.parse(row.sampling) };
    this.context.send({ type: "ask", question });
    return true;
  }

  onEvent(event: GenerationEvent): void {
    this.events.push(event);
  }

  /** What is due now. `lost` and `insist` mean that the child must be ended. */
  tick(now: Date): "lost" | "insist" | null {
    if (this.events.length > 0) {
      const events = joinTexts(this.events);
      if (!writeTx(this.context.db, (tx) => appendGenerationEvents(tx, this.held, events))) return "lost";
      this.events = [];
    }
    if (this.work.renewIfDue(now) === "lost") return "lost";
    const cancel = this.work.checkCancel(now);
    if (cancel === "ask") this.context.send({ type: "hush", id: this.id });
    return cancel === "insist" ? "insist" : null;
  }

  /** The child is through with it. */
  ended(failure: Failure | null): void {
    if (failure) this.end("failed", failure.message);
    else this.end(this.work.cancelled ? "cancelled" : "finished", null);
  }

  crashed(): void {
    this.end(this.work.cancelled ? "cancelled" : "failed", this.work.cancelled ? null : interrupted);
  }

  /** This worker stops: the next one answers, unless a part of the answer is out already. */
  release(): void {
    release(this.context.db, this.held);
  }

  private end(state: FinalState, error: string | null): void {
    const events = joinTexts(this.events);
    this.events = [];
    writeTx(this.context.db, (tx) => {
      appendGenerationEvents(tx, this.held, events);
      finishGeneration(tx, this.held, state, error, new Date());
    });
  }
}
