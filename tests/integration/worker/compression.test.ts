import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { model, run } from "@/db/schema/runs";
import { cancelCompression, listModelCompressions, requestCompression } from "@/server/services/compressions.service";
import { getLineage, listModels, mergeOf, modelFiles, removeModel } from "@/server/services/models.service";
import { createRun } from "@/server/services/runs.service";
import { merged, openModel } from "@/trainer/adapters/openModel";
import type { CompressionReport } from "@/trainer/contracts/compression";
import { type ModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { moved } from "../../helpers/adapterCase";
import { tinyModel } from "../../helpers/tinyModel";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

let b: Bench;
beforeEach(() => {
  b = bench({ pairs: 16 });
});
afterEach(() => b.end());

const waits = { timeout: 110_000, interval: 30 };
const settings = { steps: 3, maxLength: 16 };
const look = (modelId = "tuned") => listModelCompressions(b.db, admin(b.db), modelId).compressions;
const ask = (modelId = "tuned", more: object = {}) =>
  requestCompression(b.db, admin(b.db), { modelId, snapshotId: "s", settings, ...more }, b);

/** A model of the data folder that a run on the snapshot is said to have made of another. */
function place(id: string, of: ModelFolder, baseModelId: string): void {
  saveModelFolder(join(b.dataDir, id), of, "", "F32");
  const { runId } = createRun(b.db, admin(b.db), { snapshotId: "s", kind: "dpo", preset: "quick", baseModelId });
  const rest = { kind: "policy" as const, path: id, parameters: 1, bytes: 1, snapshotId: "s" };
  b.db
    .insert(model)
    .values({ id, projectId: "p", name: id, baseModelId, runId, ...rest })
    .run();
  b.db.update(run).set({ state: "finished", modelId: id }).where(eq(run.id, runId)).run();
}

test("a tuned model becomes a delta in the registry, with its report and its line; what it stands on holds, also moved elsewhere", async () => {
  const first = tinyModel();
  place("first", first, "starter");
  place("tuned", { ...first, parameters: moved(first.parameters, 0.02) }, "first");
  ask();
  expect(() => ask()).toThrow("conflict");
  expect(() => removeModel(b.db, admin(b.db), "tuned", b.dataDir)).toThrow("model_in_use");
  b.startWorker();
  await expect.poll(() => look()[0]?.state, waits).toBe("finished");
  const [done] = look();
  const id = done?.model?.id as string;
  expect(done).toMatchObject({
    step: 3,
    source: { name: "tuned" },
    base: { id: "first" },
    model: { name: "tuned, BitDelta" },
    snapshotNumber: 1,
    error: null,
  });
  expect(done?.report).toMatchObject({ matrices: 14, heldOut: { pairs: 4 }, settings });
  expect(look(id)).toEqual(look());
  const listed = listModels(b.db, admin(b.db), b).models.find((m) => m.id === id);
  const report = done?.report as CompressionReport;
  const { bytes, parameters } = report;
  expect(listed).toMatchObject({ kind: "policy", parameters, whole: false, compressed: { fullBytes: bytes.full } });
  expect(listed?.bytes).toBeGreaterThan(bytes.delta);
  const { line } = getLineage(b.db, admin(b.db), id);
  expect(line.map((one) => [one.id, one.compressionId !== null])).toEqual([
    ["starter", false],
    ["first", false],
    ["tuned", false],
    [id, true],
  ]);
  expect(() => ask(id, { baseModelId: "first" })).toThrow("invalid_input");
  const { files } = await modelFiles(b.db, admin(b.db), id, b);
  expect(files.find(({ inZip }) => inZip.endsWith("/delta_config.json"))?.content).toMatch(
    /"base_model_name_or_path": "first"/,
  );
  const { folder, baseFolder } = mergeOf(b.db, admin(b.db), id, b);
  expect(merged(openModel(folder, undefined, baseFolder)).parameters).toEqual(merged(openModel(folder)).parameters);
  removeModel(b.db, admin(b.db), "tuned", b.dataDir);
  expect(() => removeModel(b.db, admin(b.db), "first", b.dataDir)).toThrow("model_in_use");
  b.end();
  for (const name of ["first", "models"]) renameSync(join(b.dataDir, name), join(b.dataDir, "snapshots", name));
  expect(openModel(join(b.dataDir, "snapshots", "models", id)).parts?.adapter).toEqual({ method: "bitdelta" });
});

test("what cannot be compressed is refused, by the page or in words by the worker, and what is cancelled leaves nothing", async () => {
  const first = tinyModel();
  place("tuned", { ...first, parameters: moved(first.parameters, 0.02) }, "starter");
  place("alien", tinyModel(1, { intermediateSize: 32 }), "starter");
  expect(() => ask("starter")).toThrow("not_found");
  expect(() => ask("tuned", { snapshotId: "none" })).toThrow("not_found");
  expect(() => ask("tuned", { baseModelId: "tuned" })).toThrow("not_found");
  const { compressionId } = ask("alien");
  b.startWorker();
  await expect.poll(() => look("alien")[0]?.state, waits).toBe("failed");
  expect(look("alien")[0]?.error).toMatch(/not tuned from this base: its .* is \[32,16\], the base's \[24,16\]/);
  const second = ask("tuned", { settings: { ...settings, steps: 100_000 } }).compressionId;
  await expect.poll(() => look()[0]?.state, waits).toBe("running");
  cancelCompression(b.db, admin(b.db), second);
  await expect.poll(() => look()[0]?.state, waits).toBe("cancelled");
  for (const id of [compressionId, second]) expect(existsSync(join(b.dataDir, "models", id))).toBe(false);
  expect(readdirSync(b.dataDir).filter((name) => name.includes("tmp"))).toEqual([]);
  expect(listModels(b.db, admin(b.db), b).models.filter((m) => m.compressed)).toEqual([]);
});
