import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { audit } from "@/db/schema/audit";
import { item, response } from "@/db/schema/items";
import { model, preflight, run, runEvent } from "@/db/schema/runs";
import { getDiskUse } from "@/server/services/diskUse";
import { getModelRemoval, listModels } from "@/server/services/models.service";
import { getPreflight, requestPreflight } from "@/server/services/preflights.service";
import { getRunRemoval, removeRun } from "@/server/services/runs.remove";
import { createRun, getRun, listRuns } from "@/server/services/runs.service";
import { admin, type Bench, bench } from "./setup";

let b: Bench;
beforeEach(() => {
  b = bench({ pairs: 40 });
});

const request = { snapshotId: "s", kind: "dpo", preset: "quick" } as const;

function write(path: string, bytes: number): void {
  mkdirSync(join(b.dataDir, path, ".."), { recursive: true });
  writeFileSync(join(b.dataDir, path), Buffer.alloc(bytes));
}

/** A run that ended with a model of 300 bytes and left 50 bytes of checkpoints. */
function finishedRun(): { runId: string; modelId: string } {
  const { runId } = createRun(b.db, admin(b.db), request);
  const modelId = `m-${runId}`;
  write(`runs/${runId}/model/model.safetensors`, 300);
  write(`runs/${runId}/checkpoints/step-1/state.bin`, 50);
  const names = { name: "Tuned", path: `runs/${runId}/model`, parameters: 1, bytes: 300 };
  b.db
    .insert(model)
    .values({ id: modelId, projectId: "p", kind: "policy", runId, snapshotId: "s", baseModelId: "starter", ...names })
    .run();
  b.db.update(run).set({ state: "finished", modelId }).where(eq(run.id, runId)).run();
  b.db
    .insert(runEvent)
    .values({ runId, seq: 1, event: { type: "log", level: "info", message: "Said." } })
    .run();
  return { runId, modelId };
}

test("before a run goes it is said what goes with it and what comes from its model", async () => {
  const { runId, modelId } = finishedRun();
  createRun(b.db, admin(b.db), { ...request, baseModelId: modelId });
  const other = { kind: "policy" as const, path: "none", parameters: 1, bytes: 1, baseModelId: modelId };
  b.db
    .insert(model)
    .values([
      { id: "child", projectId: "p", name: "Child", ...other },
      { id: "gone", projectId: "p", name: "Gone", deletedAt: new Date(), ...other },
    ])
    .run();
  const pair = { projectId: "p", prompt: [], promptHash: "h", openSlots: 1, queuePosition: 1 };
  b.db
    .insert(item)
    .values([
      { id: "i", contentHash: "i", ...pair },
      { id: "j", contentHash: "j", ...pair },
    ])
    .run();
  const answer = (id: string, itemId: string, slot: "a" | "b", sourceModel: string) => ({
    id,
    itemId,
    slot,
    sourceModel,
    messages: [],
  });
  // Both answers of the first pair are the model's: it counts once.
  b.db
    .insert(response)
    .values([answer("1", "i", "a", "Tuned"), answer("2", "i", "b", "Tuned"), answer("3", "j", "a", "Other")])
    .run();
  const descent = { models: 1, runs: 1, pairs: 1 };
  expect(await getRunRemoval(b.db, admin(b.db), runId, b.dataDir)).toEqual({
    bytes: { model: 300, checkpoints: 50 },
    model: { name: "Tuned", ...descent },
  });
  expect(getModelRemoval(b.db, admin(b.db), modelId)).toEqual({ bytes: 300, ...descent });
});

test("a deleted run is gone with events, model and folder, and an audit row tells of it; others stay", async () => {
  const { runId } = finishedRun();
  const kept = finishedRun();
  removeRun(b.db, admin(b.db), runId, b.dataDir);
  expect(() => getRun(b.db, admin(b.db), runId)).toThrow("not_found");
  expect(b.db.select().from(runEvent).where(eq(runEvent.runId, runId)).all()).toEqual([]);
  expect(existsSync(join(b.dataDir, "runs", runId))).toBe(false);
  expect(listRuns(b.db, admin(b.db)).runs.map(({ id }) => id)).toEqual([kept.runId]);
  expect(listModels(b.db, admin(b.db), b).models.map(({ id }) => id)).toEqual([kept.modelId, "starter"]);
  expect(b.db.select().from(audit).all()).toMatchObject([{ action: "run.removed", subject: runId, actorId: "u" }]);
  expect(existsSync(join(b.dataDir, "runs", kept.runId, "model"))).toBe(true);
});

test("a run that has not ended, or whose model something needs, stays whole", () => {
  const { runId, modelId } = finishedRun();
  const remove = (id: string) => removeRun(b.db, admin(b.db), id, b.dataDir);
  const next = createRun(b.db, admin(b.db), { ...request, baseModelId: modelId }).runId;
  expect(() => remove(runId)).toThrow("model_in_use");
  for (const state of ["queued", "running", "paused"] as const) {
    b.db.update(run).set({ state }).where(eq(run.id, next)).run();
    expect(() => remove(next), state).toThrow("conflict");
  }
  expect(existsSync(join(b.dataDir, "runs", runId, "model"))).toBe(true);
  b.db.update(run).set({ state: "failed" }).where(eq(run.id, next)).run();
  remove(next);
  remove(runId);
  expect(listRuns(b.db, admin(b.db)).runs).toEqual([]);
});

test("disk use: each run's model and checkpoints, a snapshot once, nothing of another project", async () => {
  const { runId } = finishedRun();
  const second = finishedRun();
  write("runs/elsewhere/model/x", 999);
  const use = await getDiskUse(b.db, admin(b.db), b.dataDir);
  expect(use.runs).toEqual({
    [runId]: { model: 300, checkpoints: 50 },
    [second.runId]: { model: 300, checkpoints: 50 },
  });
  expect(use).toMatchObject({ models: 600, checkpoints: 100 });
  const before = use.snapshots;
  expect(before).toBeGreaterThan(0);
  write("snapshots/c0ffee/more", 7);
  expect((await getDiskUse(b.db, admin(b.db), b.dataDir)).snapshots).toBe(before + 7);
});

test("looks ahead that ended over a day ago go with the next one", () => {
  const day = 24 * 3600 * 1000;
  const now = new Date();
  const ended = (ago: number) => {
    const { preflightId } = requestPreflight(b.db, admin(b.db), request, now);
    const finishedAt = new Date(now.getTime() - ago);
    b.db.update(preflight).set({ state: "finished", finishedAt }).where(eq(preflight.id, preflightId)).run();
    return preflightId;
  };
  const fresh = ended(day - 1000);
  const old = ended(day + 1000);
  requestPreflight(b.db, admin(b.db), request, now);
  expect(getPreflight(b.db, admin(b.db), fresh).state).toBe("finished");
  expect(() => getPreflight(b.db, admin(b.db), old)).toThrow("not_found");
});
