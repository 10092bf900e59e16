import { and, asc, desc, eq, gt, max, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import type { DbTx } from "../client";
import { snapshot } from "../schema/datasets";
import { model, run, runEvent, worker } from "../schema/runs";
import { type Held, holds } from "./lease.queries";

export type Run = typeof run.$inferSelect;

/** The worker renews its row every 3 seconds. */
const offlineAfterMs = 10_000;

export const workerOnline = (tx: DbTx, now: Date): boolean =>
  tx
    .select({ id: worker.id })
    .from(worker)
    .where(gt(worker.lastSeenAt, new Date(now.getTime() - offlineAfterMs)))
    .limit(1)
    .get() !== undefined;

const base = alias(model, "base");

/** A run as people see it, with the names of what it points to. */
const runView = (tx: DbTx) =>
  tx
    .select({
      run,
      snapshotNumber: snapshot.number,
      contentHash: snapshot.contentHash,
      trainPairs: snapshot.trainPairs,
      testPairs: snapshot.testPairs,
      judgements: snapshot.judgements,
      ruleJudgements: snapshot.ruleJudgements,
      baseModelName: base.name,
    })
    .from(run)
    .innerJoin(snapshot, eq(snapshot.id, run.snapshotId))
    .leftJoin(base, eq(base.id, run.baseModelId));

export const listRunViews = (tx: DbTx, projectId: string) =>
  runView(tx).where(eq(run.projectId, projectId)).orderBy(desc(run.createdAt), desc(run.id)).all();

export const findRunView = (tx: DbTx, projectId: string, runId: string) =>
  runView(tx)
    .where(and(eq(run.projectId, projectId), eq(run.id, runId)))
    .get();
export type RunView = NonNullable<ReturnType<typeof findRunView>>;

/** How many runs, of any project, come before each one that waits: those in training, then the older ones; of one millisecond, as they came. */
export function runsAhead(tx: DbTx): ReadonlyMap<string, number> {
  const line = tx.all<{ id: string; state: string }>(
    sql`select id, state from ${run} where state in ('queued', 'running') order by state desc, created_at, rowid`,
  );
  return new Map(line.flatMap(({ id, state }, ahead) => (state === "queued" ? [[id, ahead] as const] : [])));
}

/** Stored events after `after`, oldest first. */
export const listRunEvents = (tx: DbTx, runId: string, after: number, limit: number) =>
  tx
    .select({ seq: runEvent.seq, event: runEvent.event })
    .from(runEvent)
    .where(and(eq(runEvent.runId, runId), gt(runEvent.seq, after)))
    .orderBy(asc(runEvent.seq))
    .limit(limit)
    .all();

const lastSeq = (tx: DbTx, runId: string): number =>
  tx
    .select({ seq: max(runEvent.seq) })
    .from(runEvent)
    .where(eq(runEvent.runId, runId))
    .get()?.seq ?? 0;

/** What a resumed run will say again, taken out so that no step is there twice. */
function dropAfter(tx: DbTx, runId: string, firstStep: number): void {
  // From the very beginning even the look at step 0 is taken again.
  const from = firstStep === 0 ? 0 : firstStep + 1;
  tx.delete(runEvent)
    .where(
      and(
        eq(runEvent.runId, runId),
        sql`json_extract(${runEvent.event}, '$.type') in ('step', 'eval', 'sample', 'checkpoint')`,
        sql`json_extract(${runEvent.event}, '$.step') >= ${from}`,
      ),
    )
    .run();
}

/** The columns of the run's row that an event moves. */
function rowChanges(event: RunEvent): Partial<typeof run.$inferInsert> {
  switch (event.type) {
    case "start":
      return { step: event.firstStep, totalSteps: event.totalSteps, provider: event.provider, etaSeconds: null };
    case "step":
      return { step: event.step, totalSteps: event.totalSteps, etaSeconds: event.etaSeconds };
    case "eval":
    case "done":
      return { metrics: event.metrics, intervals: event.intervals };
    case "checkpoint":
      // Progress that a crash cannot take away: the count of attempts in vain starts again.
      return { attempts: 1 };
    default:
      return {};
  }
}

/**
 * Stores a worker's events in order and brings the run's row up to date, in the caller's transaction. False, and nothing
 * written, when the lease is lost.
 */
export function appendRunEvents(tx: DbTx, held: Held, events: readonly RunEvent[]): boolean {
  if (!holds(tx, held)) return false;
  const runId = held.id;
  let seq = lastSeq(tx, runId);
  const add = (event: RunEvent) => {
    seq += 1;
    tx.insert(runEvent).values({ runId, seq, event }).run();
  };
  for (const event of events) {
    const resumed = event.type === "start" && seq > 0;
    if (event.type === "start") dropAfter(tx, runId, event.firstStep);
    add(event);
    if (resumed) add({ type: "log", level: "info", message: `Resumed at step ${event.firstStep}.` });
  }
  const changes = Object.assign({}, ...events.map(rowChanges)) as ReturnType<typeof rowChanges>;
  if (Object.keys(changes).length > 0) tx.update(run).set(changes).where(eq(run.id, runId)).run();
  return true;
}

/** Wall-clock seconds at the end of each step of the newest finished run of this kind on models of this size. */
export function newestStepTimes(tx: DbTx, kind: Run["kind"], parameters: number) {
  const newest = tx
    .select({ id: run.id, config: run.config })
    .from(run)
    .innerJoin(base, eq(base.id, run.baseModelId))
    .where(and(eq(run.kind, kind), eq(run.state, "finished"), eq(base.parameters, parameters)))
    .orderBy(desc(run.finishedAt))
    .limit(1)
    .get();
  if (!newest) return null;
  const elapsed = tx
    .select({
      step: sql<number>`json_extract(${runEvent.event}, '$.step')`,
      seconds: sql<number>`json_extract(${runEvent.event}, '$.elapsedSeconds')`,
    })
    .from(runEvent)
    .where(and(eq(runEvent.runId, newest.id), sql`json_extract(${runEvent.event}, '$.type') = 'step'`))
    .orderBy(asc(runEvent.seq))
    .all();
  const { config } = newest;
  return { batchSize: config.batchSize, adapter: "adapter" in config ? config.adapter : undefined, elapsed };
}
