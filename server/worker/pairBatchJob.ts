import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import {
  abandon,
  claimNext,
  type FinalState,
  type Held,
  hasClaimable,
  holds,
  release,
} from "@/db/queries/lease.queries";
import { finishPairBatch, type PairBatch, recordPairs } from "@/db/queries/pairBatches.queries";
import { pairBatch } from "@/db/schema/inference";
import { samplingSchema } from "@/trainer/contracts/inference";
import type { GeneratedPair, PairChunk } from "@/trainer/generation/pairs";
import type { ImportedPair } from "../domain/imports/readPair";
import { writePairs } from "../services/imports.chunk";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import { placeModels, removedModel } from "./placeModels";
import type { Failure } from "./protocol";

/** So often may the child end over the same prompts. */
const mostAttempts = 3;

/** Pairs made in the background, in this worker's hands. What cannot be written (a full disk) stays in hand. */
export class PairBatchJob {
  private readonly chunks: PairChunk[] = [];
  private outcome: { readonly state: FinalState; readonly error: string | null } | null = null;
  private readonly work: HeldWork;
  private readonly startedAt: number;
  readonly id: string;
  /** Nothing is left to do about it. */
  through = false;

  private constructor(
    private readonly context: WorkerContext,
    private readonly held: Held,
    private readonly row: PairBatch,
    now: Date,
  ) {
    this.work = new HeldWork(context, held, now);
    this.startedAt = now.getTime();
    this.id = held.id;
  }

  /** Claims the next batch and sends what is left of it to the child; null when there is none. */
  static claim(context: WorkerContext, now: Date): PairBatchJob | null {
    if (!hasClaimable(context.db, "pairBatch", now)) return null;
    const claimed = writeTx(context.db, (tx) => {
      const held = claimNext(tx, "pairBatch", newLease(context, now), now);
      return held && { held, row: tx.select().from(pairBatch).where(eq(pairBatch.id, held.id)).get() as PairBatch };
    });
    if (!claimed) return null;
    const job = new PairBatchJob(context, claimed.held, claimed.row, now);
    job.begin();
    return job;
  }

  private begin(): void {
    const { id, attempts, cancelRequestedAt, modelIds, modelNames, prompts, promptsDone, perPrompt, sampling } =
      this.row;
    const models = placeModels(this.context, modelIds)?.map((m, i) => ({ ...m, name: modelNames[i] as string }));
    if (cancelRequestedAt) this.outcome = { state: "cancelled", error: null };
    else if (!models) this.outcome = { state: "failed", error: removedModel };
    else if (attempts > mostAttempts) this.outcome = { state: "failed", error: crashedAt(promptsDone + 1) };
    else {
      const task = { prompts, models, perPrompt, sampling, from: promptsDone };
      this.context.send({ type: "makePairs", id, task });
    }
  }

  onChunk(chunk: PairChunk): void {
    this.chunks.push(chunk);
  }

  /** What is due now. `lost` and `insist` mean that the child must be ended. */
  tick(now: Date): "lost" | "insist" | null {
    for (let chunk = this.chunks[0]; chunk; chunk = this.chunks[0]) {
      if (!this.store(chunk, now)) return "lost";
      this.chunks.shift();
    }
    const { outcome } = this;
    if (outcome) {
      writeTx(this.context.db, (tx) => finishPairBatch(tx, this.held, outcome.state, outcome.error, now));
      this.through = true;
      return null;
    }
    if (this.work.renewIfDue(now) === "lost") return "lost";
    const cancel = this.work.checkCancel(now);
    if (cancel === "ask") this.context.send({ type: "hush", id: this.id });
    return cancel === "insist" ? "insist" : null;
  }

  /** A chunk's pairs and how far the batch has come are one transaction: whoever goes on after a crash doubles nothing. */
  private store({ to, pairs, leftOut }: PairChunk, now: Date): boolean {
    const { projectId, promptCount, promptsDone } = this.row;
    const secondsEach = (now.getTime() - this.startedAt) / 1000 / Math.max(1, to - promptsDone);
    return writeTx(this.context.db, (tx) => {
      if (!holds(tx, this.held)) return false;
      const context = { projectId, source: "batch", responsesOrdered: false, now };
      const imported = pairs.map((pair) => this.imported(pair));
      const { added } = writePairs(tx, context, imported);
      const etaSeconds = secondsEach * (promptCount - to);
      recordPairs(tx, this.held, { promptsDone: to, leftOut, etaSeconds, added, known: pairs.length - added });
      return true;
    });
  }

  /** As an import would read it. Who said what is kept for admins; annotators never see it. */
  private imported({ prompt, response_a, response_b, model_a, model_b }: GeneratedPair): ImportedPair {
    const { sampling, modelIds } = this.row;
    const answer = (content: string) => [{ role: "assistant" as const, content }];
    const { maxTokens, temperature, topP, seed } = samplingSchema.parse(sampling);
    return {
      prompt: typeof prompt === "string" ? [{ role: "user", content: prompt }] : [...prompt],
      a: answer(response_a),
      b: answer(response_b),
      modelA: model_a,
      modelB: model_b,
      externalId: null,
      labels: [],
      meta: { source: "batch", batch: this.id, models: modelIds.join(", "), maxTokens, temperature, topP, seed },
    };
  }

  /** The child is through with it. */
  ended(failure: Failure | null): void {
    if (this.work.cancelled) this.outcome = { state: "cancelled", error: null };
    else this.outcome = failure ? { state: "failed", error: failure.message } : { state: "finished", error: null };
  }

  /** The child ended unexpectedly: somebody goes on after the last pairs that were written. */
  crashed(): void {
    if (this.work.cancelled) finishNow(this.context, this.held, "cancelled");
    else abandon(this.context.db, this.held);
  }

  /** This worker stops; the next one goes on. */
  release(): void {
    release(this.context.db, this.held);
  }
}

const finishNow = ({ db }: WorkerContext, held: Held, state: FinalState) =>
  writeTx(db, (tx) => finishPairBatch(tx, held, state, null, new Date()));

const crashedAt = (prompt: number): string =>
  `The process that computes ended ${mostAttempts} times over the prompts from number ${prompt} on. The machine may be short of memory: try shorter answers or fewer models. The pairs before are kept.`;
