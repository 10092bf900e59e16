import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "@/trainer/data/random";
import { type BatchCaller, batchCaller } from "../helpers/trpcHttp";

/** The load generator, a process of its own: open-loop arrivals of votes, each followed by a claim of the next pair. */
export interface LoadOrder {
  readonly url: string;
  readonly cookies: readonly string[];
  /** Votes a second, at the times of a Poisson process. */
  readonly rate: number;
  /** Not measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Milliseconds from the moment a vote should have been sent until it was acknowledged and the next pair was there. */
export type LoadResult = number[];

interface Pair {
  readonly assignmentId: string;
  readonly leaseToken: string;
}

/** One annotator with two pairs in hand, as the compare page keeps them. Arrivals that come too fast wait, and it counts. */
class Client {
  private hand: Pair[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly call: BatchCaller) {}

  async begin(): Promise<void> {
    const [claimed] = await this.call([this.claim([])]);
    this.take(claimed);
  }

  /** `due`: performance.now() when the vote should be sent. One request: the page votes and claims in the same moment. */
  cycle(due: number): Promise<number> {
    const done = this.last.then(async () => {
      const pair = this.hand.shift();
      if (!pair) throw new Error("no pair left to judge: seed more items");
      const { assignmentId, leaseToken } = pair;
      const said = { verdict: 1, bothBad: false, reason: null, durationMs: 3_000 };
      const vote = { projectId: "p", assignmentId, leaseToken, submissionId: randomUUID(), ...said };
      const [, claimed] = await this.call([["annotate.submit", vote], this.claim([assignmentId])]);
      this.take(claimed);
      return performance.now() - due;
    });
    this.last = done;
    return done;
  }

  private claim(settled: readonly string[]) {
    const holding = [...this.hand.map((pair) => pair.assignmentId), ...settled];
    return ["annotate.claim", { projectId: "p", want: 2, holding }] as const;
  }

  private take(claimed: unknown): void {
    this.hand.push(...(claimed as { pairs: Pair[] }).pairs);
  }
}

async function run({ url, cookies, rate, warmUpSeconds, seconds, seed }: LoadOrder): Promise<LoadResult> {
  const clients = cookies.map((cookie) => new Client(batchCaller(url, cookie, new Agent({ keepAlive: true }))));
  for (const client of clients) await client.begin();
  const random = new Random(seed);
  const begin = performance.now();
  const measuredFrom = begin + warmUpSeconds * 1000;
  const end = measuredFrom + seconds * 1000;
  const cycles: Promise<number>[] = [];
  let due = begin;
  for (let i = 0; due < end && !stopped; i++) {
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const cycle = (clients[i % clients.length] as Client).cycle(due);
    cycle.catch(() => {}); // Told below.
    if (due >= measuredFrom) cycles.push(cycle);
    due += (-Math.log(1 - random.uniform()) / rate) * 1000;
  }
  return Promise.all(cycles);
}

/** Whoever ordered the load may end it before its time. */
let stopped = false;
process.on("message", (message) => {
  if (message === "stop") stopped = true;
});
process.once("message", async (order: LoadOrder) => {
  process.send?.(await run(order));
  process.disconnect();
});
