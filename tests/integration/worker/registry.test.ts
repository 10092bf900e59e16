import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { audit } from "@/db/schema/audit";
import { snapshot } from "@/db/schema/datasets";
import { membership, project } from "@/db/schema/identity";
import { model, run, runEvent } from "@/db/schema/runs";
import { measureModelFolder } from "@/server/services/modelFolder";
import { listModels, modelFiles, removeModel, renameModel } from "@/server/services/models.service";
import { ask } from "@/server/services/playground.service";
import { cancelRun } from "@/server/services/runs.control";
import { createRun, followRun, getRun, planRun, rerun } from "@/server/services/runs.service";
import { admin, type Bench, bench } from "./setup";

let b: Bench;
beforeEach(() => {
  b = bench({ pairs: 40 });
});

const request = { snapshotId: "s", kind: "dpo", preset: "quick" } as const;
const sampling = { maxTokens: 8, temperature: 1, topP: 1, seed: 0 };

/** A model as a finished run leaves it, made of the starter's files. */
function addModel(id: string, projectId = "p", kind: "policy" | "reward" = "policy"): string {
  const path = `runs/${id}/model`;
  cpSync(b.starterDir, join(b.dataDir, path), { recursive: true });
  b.db
    .insert(model)
    .values({ id, projectId, kind, name: `Model ${id}`, path, parameters: 1, bytes: 1 })
    .run();
  return path;
}

test("parameters are counted from the header of the weights: twice as many bytes in half precision", () => {
  const { parameters, bytes } = measureModelFolder("trainer/starter");
  const weights = readFileSync("trainer/starter/model.safetensors").length;
  // Half precision: two bytes each, and the header.
  expect(parameters * 2).toBeLessThan(weights);
  expect(weights - parameters * 2).toBeLessThan(10_000);
  expect(bytes).toBeGreaterThan(weights);
});

test("a plan counts the snapshot's pairs; its estimate is the median step of the last run of the kind", () => {
  const before = planRun(b.db, admin(b.db), request, b);
  // 30 training pairs in batches of 8.
  expect(before).toMatchObject({ pairs: 30, steps: 4, estimatedSeconds: null });
  expect(before.baseModels).toEqual([expect.objectContaining({ id: "starter" })]);
  const { runId } = createRun(b.db, admin(b.db), request);
  b.db.update(run).set({ state: "finished", finishedAt: new Date() }).where(eq(run.id, runId)).run();
  const rest = { totalSteps: 4, epoch: 1, metrics: {}, tokensPerSecond: 1, etaSeconds: 0, residentBytes: 1 };
  // Steps of 2, 9 (an evaluation fell into it) and 2 seconds after the first.
  [3, 5, 14, 16].forEach((elapsedSeconds, i) => {
    const event = { type: "step" as const, step: i + 1, elapsedSeconds, ...rest };
    b.db
      .insert(runEvent)
      .values({ runId, seq: i + 1, event })
      .run();
  });
  expect(planRun(b.db, admin(b.db), request, b).estimatedSeconds).toBe(2 * 4);
  const wide = { ...request, settings: { batchSize: 16 } };
  expect(planRun(b.db, admin(b.db), wide, b)).toMatchObject({ steps: 2, estimatedSeconds: 2 * 2 * 2 });
  expect(planRun(b.db, admin(b.db), { ...request, kind: "reward" }, b).estimatedSeconds).toBeNull();
  // What has less to do takes less, in proportion: frozen weights have no gradient.
  const prefix = { ...request, settings: { "adapter.method": "prefix", "adapter.tokens": 1 } };
  const { estimatedSeconds, lengths } = planRun(b.db, admin(b.db), prefix, b);
  expect((estimatedSeconds ?? 0) / (2 * 4)).toBeGreaterThan(0.3);
  expect((estimatedSeconds ?? 0) / (2 * 4)).toBeLessThan(0.8);
  // "the cat is" and its like.
  expect(lengths?.prompt).toBeCloseTo(10, 6);
});

test("a run keeps what was asked for, with folders relative to the data folder; the same again is a run of its own", () => {
  const { runId } = createRun(b.db, admin(b.db), { ...request, settings: { beta: 0.5, seed: 4 } });
  const again = rerun(b.db, admin(b.db), runId);
  const rows = [runId, again.runId].map((id) => b.db.select().from(run).where(eq(run.id, id)).get());
  expect(rows[0]?.config).toMatchObject({
    baseModel: "starter",
    dataset: "snapshots/c0ffee",
    output: `runs/${runId}`,
    beta: 0.5,
  });
  expect(rows[1]?.config).toEqual({ ...rows[0]?.config, output: `runs/${again.runId}` });
  expect(getRun(b.db, admin(b.db), runId).config).toMatchObject({ seed: 4, beta: 0.5 });
  expect(getRun(b.db, admin(b.db), runId).config).not.toHaveProperty("output");
});

test("snapshots, models and runs of another project are not there; an empty snapshot is refused", () => {
  b.db.insert(project).values({ id: "other", name: "Other" }).run();
  addModel("theirs", "other");
  expect(() => createRun(b.db, admin(b.db), { ...request, baseModelId: "theirs" })).toThrow("not_found");
  const counts = { trainPairs: 0, testPairs: 3, prompts: 3, judgements: 3, rule: {}, excluded: {}, contentHash: "e" };
  b.db
    .insert(snapshot)
    .values([
      { id: "empty", projectId: "p", number: 2, ...counts },
      { id: "foreign", projectId: "other", number: 1, ...counts },
    ])
    .run();
  expect(() => createRun(b.db, admin(b.db), { ...request, snapshotId: "empty" })).toThrow("snapshot_empty");
  expect(() => createRun(b.db, admin(b.db), { ...request, snapshotId: "foreign" })).toThrow("not_found");
  const foreign = { prompt: "x", modelIds: ["theirs"], sampling };
  expect(() => ask(b.db, admin(b.db), foreign)).toThrow("not_found");
  expect(() => removeModel(b.db, admin(b.db), "theirs", b.dataDir)).toThrow("not_found");
});

test("a model goes with its files and an audit row, unless a run or a question needs it; the starter stays", () => {
  const path = addModel("mine");
  const { runId } = createRun(b.db, admin(b.db), { ...request, baseModelId: "mine" });
  const remove = (id: string) => removeModel(b.db, admin(b.db), id, b.dataDir);
  expect(() => remove("mine")).toThrow("model_in_use");
  cancelRun(b.db, admin(b.db), runId, b.dataDir);
  ask(b.db, admin(b.db), { prompt: "x", modelIds: ["starter", "mine"], sampling });
  expect(() => remove("mine")).toThrow("model_in_use");
  expect(() => remove("starter")).toThrow("model_in_use");
  b.db.$client.exec("UPDATE generation SET state = 'finished'");
  remove("mine");
  expect(existsSync(join(b.dataDir, path))).toBe(false);
  expect(listModels(b.db, admin(b.db), b).models.map((m) => m.id)).toEqual(["starter"]);
  expect(b.db.select().from(audit).all()).toMatchObject([{ action: "model.removed", subject: "mine", actorId: "u" }]);
});

test("a zip's names are safe whatever a model is called", async () => {
  addModel("mine");
  renameModel(b.db, admin(b.db), "mine", '../../etc/"Ünï" \r\n模型.');
  const { name, files } = await modelFiles(b.db, admin(b.db), "mine", b);
  expect(name).toMatch(/^[\w-][\w.-]*$/);
  expect(files.map((f) => f.inZip).sort()).toContain(`${name}/model.safetensors`);
  expect(files.every((f) => !f.inZip.includes(".."))).toBe(true);
});

test("a stream ends when the role is taken away", async () => {
  const { runId } = createRun(b.db, admin(b.db), request);
  const stream = followRun(b.db, admin(b.db), { runId, after: 0 });
  const next = stream.next();
  b.db.update(membership).set({ revokedAt: new Date() }).where(eq(membership.userId, "u")).run();
  await expect(next).rejects.toThrow("not_found");
});
