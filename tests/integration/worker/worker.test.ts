import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Db } from "@/db/client";
import { model, run, runEvent } from "@/db/schema/runs";
import { cancelRun } from "@/server/services/runs.control";
import { createRun, getRun, listRuns, planRun } from "@/server/services/runs.service";
import { createWebhook, getDeliveries } from "@/server/services/webhooks.service";
import { openModel } from "@/trainer/adapters/openModel";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { isAlive } from "../../helpers/processes";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

const open: Bench[] = [];
const newBench = (...args: Parameters<typeof bench>): Bench => {
  const made = bench(...args);
  open.push(made);
  return made;
};
afterEach(() => {
  for (const each of open.splice(0)) each.end();
});

const stateOf = (db: Db, runId: string) => db.select().from(run).where(eq(run.id, runId)).get();
const eventsOf = (db: Db, runId: string): RunEvent[] =>
  db
    .select({ event: runEvent.event })
    .from(runEvent)
    .where(eq(runEvent.runId, runId))
    .orderBy(runEvent.seq)
    .all()
    .map(({ event }) => event);
const stepsOf = (db: Db, runId: string): number[] =>
  eventsOf(db, runId).flatMap((e) => (e.type === "step" ? [e.step] : []));
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

const ended = (db: Db, runId: string, state: string) =>
  expect.poll(() => stateOf(db, runId)?.state, { timeout: 90_000, interval: 50 }).toBe(state);
const reached = (db: Db, runId: string, step: number) =>
  expect.poll(() => stateOf(db, runId)?.step, { timeout: 90_000, interval: 5 }).toBeGreaterThanOrEqual(step);

/** 48 training pairs in batches of 8: six steps an epoch. */
const start = (db: Db, epochs: number, kind: "dpo" | "reward" = "dpo") =>
  createRun(db, admin(db), { snapshotId: "s", kind, preset: "quick", settings: { epochs } }).runId;
const weights = ({ dataDir }: Bench, runId: string) =>
  readFileSync(join(dataDir, "runs", runId, "model", "model.safetensors"));

test("a queued run ends as a model in the registry that loads; its checkpoints are gone", async () => {
  const b = newBench();
  const runId = start(b.db, 2, "reward");
  const { id: hook } = createWebhook(b.db, admin(b.db), { url: "https://127.0.0.1:1/", events: ["run.finished"] });
  expect(listRuns(b.db, admin(b.db))).toMatchObject({ workerOnline: false, runs: [{ state: "queued" }] });
  b.startWorker();
  await ended(b.db, runId, "finished");
  expect(stepsOf(b.db, runId)).toEqual(oneTo(12));
  const outbox = getDeliveries(b.db, admin(b.db), hook).deliveries;
  expect(outbox.map(({ body }) => JSON.parse(body).data)).toMatchObject([
    { runId, kind: "reward", modelId: `m-${runId}` },
  ]);
  expect(eventsOf(b.db, runId).at(-1)).toMatchObject({ type: "done", modelPath: `runs/${runId}/model` });
  const row = getRun(b.db, admin(b.db), runId);
  expect(row).toMatchObject({ step: 12, totalSteps: 12, provider: "onnx-cpu", workerOnline: true });
  expect(row.model).toMatchObject({ id: `m-${runId}`, name: "Reward model, snapshot 1" });
  const made = b.db
    .select()
    .from(model)
    .where(eq(model.id, `m-${runId}`))
    .get();
  const loaded = loadModelFolder(join(b.dataDir, made?.path as string));
  expect(loaded.head).toBe("reward");
  expect(made?.parameters).toBe(Object.values(loaded.parameters).reduce((n, { data }) => n + data.length, 0));
  expect(existsSync(join(b.dataDir, "runs", runId, "checkpoints"))).toBe(false);
});

test("KTO, SFT and another loss than DPO's run from the same snapshot, in as many steps as were planned", async () => {
  const b = newBench();
  const requests = [
    { kind: "kto", settings: {}, name: "KTO, snapshot 1", loss: 0.5 },
    { kind: "sft", settings: {}, name: "SFT, snapshot 1", loss: null },
    { kind: "dpo", settings: { loss: "hinge" }, name: "DPO, snapshot 1", loss: 1 },
  ] as const;
  b.startWorker();
  for (const { kind, settings, name, loss } of requests) {
    const request = { snapshotId: "s", kind, preset: "quick", settings } as const;
    const { steps } = planRun(b.db, admin(b.db), request, b);
    const { runId } = createRun(b.db, admin(b.db), request);
    await ended(b.db, runId, "finished");
    expect(stepsOf(b.db, runId)).toEqual(oneTo(steps));
    expect(getRun(b.db, admin(b.db), runId).model).toMatchObject({ id: `m-${runId}`, name });
    const [first] = eventsOf(b.db, runId).filter((e) => e.type === "step");
    if (loss !== null) expect(first?.metrics.loss).toBeCloseTo(loss, 4);
    expect(eventsOf(b.db, runId).some((e) => e.type === "sample")).toBe(true);
  }
});

test("a run that trains an adapter leaves a model that opens on its base, counts its own parameters and can be trained on", async () => {
  const b = newBench();
  const lora = { "adapter.method": "lora", "adapter.rank": 2, "adapter.targets": ["q_proj", "v_proj"] };
  const request = { snapshotId: "s", kind: "dpo", preset: "quick" } as const;
  const { runId } = createRun(b.db, admin(b.db), { ...request, settings: lora });
  b.startWorker();
  await ended(b.db, runId, "finished");
  const made = b.db
    .select()
    .from(model)
    .where(eq(model.id, `m-${runId}`))
    .get();
  const opened = openModel(join(b.dataDir, made?.path as string));
  const { hiddenSize, layers, heads, keyValueHeads, headSize } = opened.config;
  // A [2, in] and B [out, 2] of the two projections of each layer.
  const each = 2 * (hiddenSize + heads * headSize) + 2 * (hiddenSize + keyValueHeads * headSize);
  expect(made?.parameters).toBe(layers * each);
  expect(opened.parts?.adapter).toMatchObject({ method: "lora", rank: 2 });

  const on = { ...request, baseModelId: `m-${runId}`, settings: {} };
  const again = createRun(b.db, admin(b.db), on).runId;
  await ended(b.db, again, "finished");
  expect(openModel(join(b.dataDir, "runs", again, "model")).parts).toBeNull();
});

test("child killed, worker killed, worker stopped: the run ends on the bits of one that was left alone", async () => {
  const b = newBench();
  const alone = start(b.db, 30);
  const hurt = start(b.db, 30);
  const first = b.startWorker();
  await ended(b.db, alone, "finished");

  await reached(b.db, hurt, 25);
  process.kill(first.computePid(), "SIGKILL");
  await expect
    .poll(() => eventsOf(b.db, hurt).filter((e) => e.type === "start").length, { timeout: 90_000, interval: 20 })
    .toBe(2);
  await reached(b.db, hurt, 75);
  const orphan = first.computePid();
  first.process.kill("SIGKILL");
  await expect.poll(() => isAlive(orphan), { timeout: 90_000, interval: 20 }).toBe(false);

  const second = b.startWorker();
  await expect
    .poll(() => eventsOf(b.db, hurt).filter((e) => e.type === "start").length, { timeout: 90_000, interval: 20 })
    .toBe(3);
  await reached(b.db, hurt, 110);
  second.process.kill("SIGTERM");
  await new Promise((resolve) => second.process.once("exit", resolve));
  expect(stateOf(b.db, hurt)).toMatchObject({ state: "queued", leaseToken: null });

  b.startWorker();
  await ended(b.db, hurt, "finished");
  const steps = stepsOf(b.db, hurt);
  expect(steps).toEqual(oneTo(180));
  const kinds = (id: string) =>
    eventsOf(b.db, id).filter((e) => ["eval", "sample", "checkpoint", "done"].includes(e.type)).length;
  expect(kinds(hurt)).toBe(kinds(alone));
  const resumed = eventsOf(b.db, hurt).filter((e) => e.type === "log" && e.message.startsWith("Resumed at step"));
  expect(resumed).toHaveLength(3);
  expect(weights(b, hurt).equals(weights(b, alone))).toBe(true);
});

test("a worker that froze finds its run taken over and leaves it alone", async () => {
  const b = newBench();
  const [alone, taken] = [start(b.db, 8), start(b.db, 8)];
  const frozen = b.startWorker();
  await ended(b.db, alone, "finished");
  await reached(b.db, taken, 8);
  const frozenChild = frozen.computePid();
  frozen.process.kill("SIGSTOP");
  const other = b.startWorker();
  await expect
    .poll(() => eventsOf(b.db, taken).filter((e) => e.type === "start").length, { timeout: 90_000, interval: 20 })
    .toBe(2);
  frozen.process.kill("SIGCONT");
  await ended(b.db, taken, "finished");
  await expect.poll(() => isAlive(frozenChild), { timeout: 90_000, interval: 50 }).toBe(false);
  expect(stepsOf(b.db, taken)).toEqual(oneTo(48));
  expect(weights(b, taken).equals(weights(b, alone))).toBe(true);
  expect([frozen, other].map(({ process: p }) => p.exitCode)).toEqual([null, null]);
});

test("a running run is cancelled within seconds, a queued one at once, an ended one not at all", async () => {
  const b = newBench();
  const [running, queued] = [start(b.db, 50), start(b.db, 50)];
  cancelRun(b.db, admin(b.db), queued, b.dataDir);
  expect(stateOf(b.db, queued)?.state).toBe("cancelled");
  b.startWorker();
  await reached(b.db, running, 3);
  cancelRun(b.db, admin(b.db), running, b.dataDir);
  await ended(b.db, running, "cancelled");
  expect(stateOf(b.db, running)?.step).toBeLessThan(300);
  expect(existsSync(join(b.dataDir, "runs", running, "checkpoints"))).toBe(false);
  expect(() => cancelRun(b.db, admin(b.db), running, b.dataDir)).toThrow("run_not_cancellable");
  expect(stepsOf(b.db, queued)).toEqual([]);
});

test("a run that cannot work fails with a sentence that says where", async () => {
  const b = newBench();
  const runId = start(b.db, 1);
  const file = join(b.dataDir, "snapshots", "c0ffee", "train.jsonl");
  appendFileSync(file, "{}\n");
  b.startWorker();
  await ended(b.db, runId, "failed");
  const { error } = getRun(b.db, admin(b.db), runId);
  expect(error?.code).toBe("bad_dataset");
  expect(error?.message).toContain("train.jsonl, line 49, id");
});

test("two workers on one queue: each run is run once", async () => {
  const b = newBench();
  const ids = Array.from({ length: 6 }, () => start(b.db, 1));
  b.startWorker(15_000);
  b.startWorker(15_000);
  for (const id of ids) await ended(b.db, id, "finished");
  for (const id of ids) {
    expect(eventsOf(b.db, id).filter((e) => e.type === "start")).toHaveLength(1);
    expect(stepsOf(b.db, id)).toEqual(oneTo(6));
  }
  expect(b.db.select().from(model).all()).toHaveLength(7);
});

test("a run whose process dies again and again fails with a sentence after three attempts", async () => {
  const b = newBench();
  const script = join(b.dataDir, "dying.mjs");
  writeFileSync(script, 'process.on("message", () => process.exit(3)); process.send({ type: "ready" });');
  const runId = start(b.db, 1);
  b.startWorker(15_000, script);
  await ended(b.db, runId, "failed");
  const { error, attempts } = getRun(b.db, admin(b.db), runId);
  expect(attempts).toBe(3);
  expect(error?.code).toBe("crashed");
  expect(error?.message).toContain("3 times");
  const told = eventsOf(b.db, runId).flatMap((e) => (e.type === "log" ? [e.level] : []));
  expect(told).toEqual(["warn", "warn", "error"]);
});

test("a worker says that it is ready and ends with its supervisor", async () => {
  const b = newBench();
  const { process: child } = b.startWorker();
  await new Promise<void>((resolve) =>
    child.on("message", (message) => (message as { type: string }).type === "ready" && resolve()),
  );
  expect(listRuns(b.db, admin(b.db)).workerOnline).toBe(true);
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.disconnect();
  await exit;
  // It has signed off, which a killed one does not.
  expect(listRuns(b.db, admin(b.db)).workerOnline).toBe(false);
});
