import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Db } from "@/db/client";
import { claimNext } from "@/db/queries/lease.queries";
import { run, runEvent } from "@/db/schema/runs";
import { cancelRun, pauseRun, resumeRun } from "@/server/services/runs.control";
import { createRun, followRun, listRuns } from "@/server/services/runs.service";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

const open: Bench[] = [];
const newBench = (): Bench => {
  const made = bench();
  open.push(made);
  return made;
};
afterEach(() => {
  for (const each of open.splice(0)) each.end();
});

const start = (db: Db, epochs: number): string =>
  createRun(db, admin(db), { snapshotId: "s", kind: "dpo", preset: "quick", settings: { epochs } }).runId;
const rowOf = (db: Db, runId: string) => db.select().from(run).where(eq(run.id, runId)).get();
const comesTo = (db: Db, runId: string, state: string) =>
  expect.poll(() => rowOf(db, runId)?.state, { timeout: 90_000, interval: 20 }).toBe(state);
const reaches = (db: Db, runId: string, step: number) =>
  expect.poll(() => rowOf(db, runId)?.step, { timeout: 90_000, interval: 5 }).toBeGreaterThanOrEqual(step);
const stepsOf = (db: Db, runId: string): number[] =>
  db
    .select({ event: runEvent.event })
    .from(runEvent)
    .where(eq(runEvent.runId, runId))
    .orderBy(runEvent.seq)
    .all()
    .flatMap(({ event }) => (event.type === "step" ? [event.step] : []));
const weights = ({ dataDir }: Bench, runId: string) =>
  readFileSync(join(dataDir, "runs", runId, "model", "model.safetensors"));
const checkpoints = ({ dataDir }: Bench, runId: string) => existsSync(join(dataDir, "runs", runId, "checkpoints"));
/** Stops a process at a moment when it does not hold the database's write lock, which nobody else could get then. */
async function freeze(db: Db, process: ChildProcess): Promise<void> {
  db.$client.pragma("busy_timeout = 0");
  const free = () => {
    process.kill("SIGSTOP");
    try {
      db.$client.exec("BEGIN IMMEDIATE; ROLLBACK");
      return true;
    } catch {
      process.kill("SIGCONT");
      return false;
    }
  };
  await expect.poll(free, { interval: 5, timeout: 10_000 }).toBe(true);
  db.$client.pragma("busy_timeout = 15000");
}
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test("a paused run frees the worker, outlives its death and goes on to the bits of one that was left alone", async () => {
  const b = newBench();
  const alone = start(b.db, 10);
  const first = b.startWorker();
  await comesTo(b.db, alone, "finished");

  const hurt = start(b.db, 10);
  const next = start(b.db, 1);
  expect(listRuns(b.db, admin(b.db)).runs.find(({ id }) => id === next)?.ahead).toBe(1);
  await reaches(b.db, hurt, 17);
  pauseRun(b.db, admin(b.db), hurt);
  await comesTo(b.db, hurt, "paused");
  const pausedAt = rowOf(b.db, hurt)?.step as number;
  expect(stepsOf(b.db, hurt)).toEqual(oneTo(pausedAt));
  expect(checkpoints(b, hurt)).toBe(true);
  await comesTo(b.db, next, "finished");

  // A worker's start clears away what ended runs left; a paused one keeps its checkpoint.
  first.process.kill("SIGKILL");
  const second = b.startWorker();
  const later = start(b.db, 1);
  await comesTo(b.db, later, "finished");
  expect(rowOf(b.db, hurt)).toMatchObject({ state: "paused", step: pausedAt });

  resumeRun(b.db, admin(b.db), hurt);
  await reaches(b.db, hurt, pausedAt + 12);
  // Asked to pause, then killed before it could.
  await freeze(b.db, second.process);
  pauseRun(b.db, admin(b.db), hurt);
  second.process.kill("SIGKILL");
  b.startWorker();
  await comesTo(b.db, hurt, "paused");
  resumeRun(b.db, admin(b.db), hurt);
  await comesTo(b.db, hurt, "finished");

  expect(stepsOf(b.db, hurt)).toEqual(oneTo(60));
  expect(weights(b, hurt).equals(weights(b, alone))).toBe(true);
  await expect.poll(() => checkpoints(b, hurt), { timeout: 90_000 }).toBe(false);
});

test("a run that waits is paused at once and keeps its place; a paused one can be cancelled; an ended one neither", async () => {
  const b = newBench();
  const [waits, after] = [start(b.db, 1), start(b.db, 1)];
  pauseRun(b.db, admin(b.db), waits);
  expect(rowOf(b.db, waits)?.state).toBe("paused");
  expect(() => pauseRun(b.db, admin(b.db), waits)).toThrow("conflict");
  const ahead = () => listRuns(b.db, admin(b.db)).runs.find(({ id }) => id === after)?.ahead;
  expect(ahead()).toBe(0);
  resumeRun(b.db, admin(b.db), waits);
  expect(ahead()).toBe(1);

  const long = start(b.db, 20);
  b.startWorker();
  await reaches(b.db, long, 5);
  pauseRun(b.db, admin(b.db), long);
  await comesTo(b.db, long, "paused");
  cancelRun(b.db, admin(b.db), long, b.dataDir);
  expect(rowOf(b.db, long)?.state).toBe("cancelled");
  expect(checkpoints(b, long)).toBe(false);
  expect(() => resumeRun(b.db, admin(b.db), long)).toThrow("conflict");
  expect(() => pauseRun(b.db, admin(b.db), long)).toThrow("conflict");
});

test("runs of one millisecond wait in the order they came in, also after a pause", () => {
  const { db } = newBench();
  const runs = [start(db, 1), start(db, 1), start(db, 1)];
  db.update(run)
    .set({ createdAt: new Date(0) })
    .run();
  const places = () => {
    const listed = listRuns(db, admin(db)).runs;
    return runs.map((id) => listed.find((r) => r.id === id)?.ahead);
  };
  expect(places()).toEqual([0, 1, 2]);
  pauseRun(db, admin(db), runs[0] as string);
  resumeRun(db, admin(db), runs[0] as string);
  expect(places()).toEqual([0, 1, 2]);
  const lease = { token: "t", expiresAt: new Date(Date.now() + 60_000) };
  expect(claimNext(db, "run", lease, new Date())?.id).toBe(runs[0]);
});

test("a reader stays with a paused run and hears it go on, every step once", async () => {
  const b = newBench();
  const runId = start(b.db, 5);
  const heard: number[] = [];
  const reading = (async () => {
    for await (const { event } of followRun(b.db, admin(b.db), { runId, after: 0 })) {
      if (event.type === "step") heard.push(event.step);
    }
  })();
  b.startWorker();
  await reaches(b.db, runId, 10);
  pauseRun(b.db, admin(b.db), runId);
  await comesTo(b.db, runId, "paused");
  resumeRun(b.db, admin(b.db), runId);
  await comesTo(b.db, runId, "finished");
  await reading;
  expect(heard).toEqual(oneTo(30));
});
