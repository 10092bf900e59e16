import { setTimeout as sleep } from "node:timers/promises";
import { run } from "@/db/schema/runs";
import { Random } from "@/trainer/data/random";
import { descendantsOf, isAlive } from "../../helpers/processes";
import { type Product, startProduct } from "../../helpers/product";
import { type ProductWorld, productWorld } from "../../helpers/productWorld";
import { seedItems } from "../../helpers/testDb";
import { type Acknowledged, Annotator } from "./crowd";
import { countOverfull, findDifferences } from "./ledger";

const [annotators, overlap, itemsAtOnce] = [6, 3, 120];
/** Whatever a dead supervisor leaves must be gone by then. */
const leavingMs = 10_000;

const victims = ["web", "worker", "compute", "supervisor"] as const;
type Victim = (typeof victims)[number];

export interface KillReport {
  readonly seed: number;
  readonly kills: Record<Victim, number>;
  readonly votes: number;
  readonly undone: number;
  /** Calls that a kill cut off, or that met nobody, and that were repeated. */
  readonly repeated: number;
  readonly items: number;
  /** Between the rows of the database and what clients were told. */
  readonly differences: readonly string[];
  /** The most items that at any moment had more live leases and votes than the overlap. */
  readonly overfull: number;
  readonly runStates: Readonly<Record<string, number>>;
  /** Why runs failed, with their attempts. */
  readonly failures: readonly string[];
  /** Processes that outlived their supervisor by ten seconds. */
  readonly orphans: readonly string[];
  readonly slowestEndMs: number;
  readonly seconds: number;
}

interface KillPlan {
  readonly kills: number;
  /** Between two kills, on average. */
  readonly pauseMs: number;
}

/** The product under real clients and a training run, its processes killed at random moments. */
class KillTest {
  private readonly kills: Record<Victim, number> = { web: 0, worker: 0, compute: 0, supervisor: 0 };
  private readonly orphans: string[] = [];
  /** Who is killed next, from the end: each in turn, in an order of chance. */
  private doomed: Victim[] = [];
  private slowestEndMs = 0;
  private items = itemsAtOnce;
  private overfull = 0;

  private constructor(
    private readonly world: ProductWorld,
    private product: Product,
    private readonly random: Random,
  ) {}

  static async start(seed: number): Promise<KillTest> {
    const world = await productWorld({ annotators, items: itemsAtOnce, overlap, leaseSeconds: 60 });
    const product = await start(world);
    return new KillTest(world, product, new Random(seed));
  }

  async run({ kills, pauseMs }: KillPlan, tell: (line: string) => void): Promise<Omit<KillReport, "seed" | "seconds">> {
    const drain = new AbortController();
    const people = await Promise.all(
      Array.from({ length: annotators }, async (_, i) => {
        const caller = await this.world.signIn(i);
        return new Annotator(`u${i}`, caller, new Random(this.random.below(1e9)));
      }),
    );
    const crowd = Promise.all(people.map((person) => person.live(drain.signal)));
    const care = setInterval(() => this.watch(drain.signal.aborted), 50);
    try {
      for (let done = 0; done < kills; ) {
        // Exponential: no moment of a process's life is safer than another.
        await Promise.race([sleep(-Math.log(1 - this.random.uniform()) * pauseMs), crowd]);
        const victim = await this.kill();
        if (victim) done += 1;
        if (victim) tell(`${done} of ${kills}: ${victim}`);
      }
      drain.abort();
      await crowd;
      await until(() => this.world.openRuns() === 0, 120_000);
    } finally {
      clearInterval(care);
      await this.endAll(() => this.product.stop());
    }
    return this.report(people);
  }

  /** Keeps work at hand for people and worker, and an eye on the overlap. */
  private watch(draining: boolean): void {
    const { db } = this.world.app;
    this.overfull = Math.max(this.overfull, countOverfull(db, overlap));
    if (draining) return;
    const open = db.$client.prepare("SELECT sum(open_slots) FROM item").pluck().get() as number;
    if (open < itemsAtOnce) {
      seedItems(db, { from: this.items, count: itemsAtOnce, overlap });
      this.items += itemsAtOnce;
    }
    if (this.world.openRuns() === 0) this.world.train("tiny", { epochs: 12 });
  }

  /** Kills one process; null when it is not there just now. */
  private async kill(): Promise<Victim | null> {
    if (this.doomed.length === 0) this.doomed = this.random.shuffled(victims);
    const victim = this.doomed.at(-1) as Victim;
    const supervisor = this.product.supervisor.pid as number;
    if (victim === "supervisor") {
      await this.endAll(() => process.kill(supervisor, "SIGKILL"));
      this.product = await start(this.world);
    } else {
      const process_ = descendantsOf(supervisor).find((p) => p.command.includes(`/dist/${victim}.mjs`));
      if (!process_) return null;
      process.kill(process_.pid, "SIGKILL");
    }
    this.doomed.pop();
    this.kills[victim] += 1;
    return victim;
  }

  /** Ends the supervisor and waits until all that it had started is gone too. */
  private async endAll(end: () => unknown): Promise<void> {
    const supervisor = this.product.supervisor.pid as number;
    const family = descendantsOf(supervisor);
    const started = Date.now();
    await end();
    const gone = () => ![supervisor, ...family.map(({ pid }) => pid)].some(isAlive);
    if (await until(gone, leavingMs)) this.slowestEndMs = Math.max(this.slowestEndMs, Date.now() - started);
    for (const { pid, command } of family.filter((p) => isAlive(p.pid))) {
      this.orphans.push(command);
      process.kill(pid, "SIGKILL");
    }
  }

  private report(people: readonly Annotator[]): Omit<KillReport, "seed" | "seconds"> {
    const { db } = this.world.app;
    const told: Acknowledged[] = people.flatMap((person) => person.acknowledged);
    const runStates: Record<string, number> = {};
    const failures: string[] = [];
    for (const { state, attempts, error } of db.select().from(run).all()) {
      runStates[state] = (runStates[state] ?? 0) + 1;
      if (error) failures.push(`after ${attempts} attempts: ${error.code}: ${error.message}`);
    }
    return {
      kills: this.kills,
      votes: told.filter(({ kind }) => kind === "vote").length,
      undone: told.filter(({ kind }) => kind === "undo").length,
      repeated: people.reduce((n, person) => n + person.repeated, 0),
      items: this.items,
      differences: findDifferences(db, told, overlap),
      overfull: this.overfull,
      runStates,
      failures,
      orphans: this.orphans,
      slowestEndMs: this.slowestEndMs,
    };
  }
}

const start = ({ app, port }: ProductWorld): Promise<Product> => startProduct({ dataDir: app.env.dataDir, port });

/** Whether it became true within `ms`. */
async function until(condition: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (condition()) return true;
  return condition();
}

export async function killTest(
  plan: KillPlan,
  seed = Math.floor(Math.random() * 2 ** 31),
  tell: (line: string) => void = () => {},
): Promise<KillReport> {
  const started = Date.now();
  const test = await KillTest.start(seed);
  const report = await test.run(plan, tell);
  return { seed, ...report, seconds: Math.round((Date.now() - started) / 1000) };
}
