import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@/trainer/data/random";
import { type Caller, HttpError } from "../../helpers/trpcHttp";

/** What a client was told is stored. */
export interface Acknowledged {
  readonly kind: "vote" | "undo";
  readonly submissionId: string;
  readonly annotatorId: string;
  /** Of a vote: the row that the server named, and what was said (−3 left … +3 right). */
  readonly judgementId: string | null;
  readonly verdict: number | null;
}

interface Pair {
  readonly assignmentId: string;
  readonly leaseToken: string;
  readonly itemId: string;
}

/** Share of votes that are taken back at once. */
const undone = 0.05;
/** Claims in a row without a pair, 100 ms apart, after which there is nothing left for this person. */
const idleClaims = 20;

/**
 * An annotator over HTTP with a browser's manners: keeps two pairs in hand, and repeats a call under the same submission
 * id until somebody answers. Any refusal is an error of the test.
 */
export class Annotator {
  readonly acknowledged: Acknowledged[] = [];
  /** Calls that were cut off or not answered and had to be repeated. */
  repeated = 0;
  private hand: Pair[] = [];

  constructor(
    private readonly id: string,
    private readonly call: Caller,
    private readonly random: Random,
  ) {}

  /** Judges until `drain` is aborted and nothing is left to judge. */
  async live(drain: AbortSignal): Promise<void> {
    for (let idle = 0; idle < idleClaims; ) {
      await this.claim();
      const pair = this.hand.shift();
      if (!pair) {
        idle = drain.aborted ? idle + 1 : 0;
        await sleep(100);
        continue;
      }
      idle = 0;
      if (!drain.aborted) await sleep(20 + this.random.below(150));
      await this.vote(pair);
      if (!drain.aborted && this.random.uniform() < undone) await this.undo();
    }
  }

  private async claim(): Promise<void> {
    const holding = this.hand.map((pair) => pair.assignmentId);
    const { pairs } = await this.insist<{ pairs: Pair[] }>("annotate.claim", { projectId: "p", want: 2, holding });
    // A lease that ran out in hand may come again, under the same id.
    const fresh = new Set(pairs.map((pair) => pair.assignmentId));
    this.hand = [...this.hand.filter((pair) => !fresh.has(pair.assignmentId)), ...pairs];
  }

  private async vote({ assignmentId, leaseToken }: Pair): Promise<void> {
    const submissionId = randomUUID();
    const verdict = this.random.below(7) - 3;
    const vote = { verdict, bothBad: false, reason: null, durationMs: 100 };
    const { judgementId } = await this.insist<{ judgementId: string }>("annotate.submit", {
      projectId: "p",
      assignmentId,
      leaseToken,
      submissionId,
      ...vote,
    });
    this.acknowledged.push({ kind: "vote", submissionId, annotatorId: this.id, judgementId, verdict });
  }

  private async undo(): Promise<void> {
    const submissionId = randomUUID();
    const { pair } = await this.insist<{ pair: Pair }>("annotate.undo", { projectId: "p", submissionId });
    this.acknowledged.push({ kind: "undo", submissionId, annotatorId: this.id, judgementId: null, verdict: null });
    this.hand.unshift(pair);
  }

  private async insist<T>(path: string, input: unknown): Promise<T> {
    for (;;) {
      try {
        return await this.call<T>(path, input);
      } catch (error) {
        if (error instanceof HttpError && error.status < 500) throw error;
        this.repeated += 1;
        await sleep(50);
      }
    }
  }
}
