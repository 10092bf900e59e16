import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { getIncoming, requestAddition } from "@/server/services/additions.service";
import { listModels } from "@/server/services/models.service";
import { createRun, getRun } from "@/server/services/runs.service";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

let b: Bench;
afterEach(() => b.end());

const waits = { timeout: 90_000, interval: 30 };
const look = () => getIncoming(b.db, admin(b.db), b.dataDir);

test("a folder that lies ready becomes a model with its licence and checksum, and a run can begin from it", async () => {
  b = bench();
  const folder = join(b.dataDir, "incoming", "tiny");
  cpSync(b.starterDir, folder, { recursive: true });
  writeFileSync(join(folder, "README.md"), "---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n");
  expect(look().entries.map((e) => e.name)).toEqual(["tiny"]);
  requestAddition(b.db, admin(b.db), "tiny", b.dataDir);
  expect(() => requestAddition(b.db, admin(b.db), "tiny", b.dataDir)).toThrow("conflict");
  b.startWorker();
  await expect.poll(() => look().additions[0]?.state, waits).toBe("finished");
  const added = listModels(b.db, admin(b.db), b).models.find((m) => m.name === "tiny");
  expect(added).toMatchObject({ kind: "policy", origin: { family: "llama", licence: "apache-2.0", context: 128 } });
  expect(added?.origin?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(join(b.dataDir, "models", added?.id as string, "model.safetensors"))).toEqual(
    readFileSync(join(b.starterDir, "model.safetensors")),
  );
  const baseModelId = added?.id as string;
  const { runId } = createRun(b.db, admin(b.db), { snapshotId: "s", kind: "dpo", preset: "quick", baseModelId });
  await expect.poll(() => getRun(b.db, admin(b.db), runId).state, waits).toBe("finished");
});

test("a damaged file is refused in words, and nothing outside the folder can be named", async () => {
  b = bench();
  mkdirSync(join(b.dataDir, "incoming"));
  writeFileSync(join(b.dataDir, "incoming", "bad.gguf"), "GGUF nonsense that is no model at all");
  for (const entry of ["../starter", "/etc", "starter", ""])
    expect(() => requestAddition(b.db, admin(b.db), entry, b.dataDir)).toThrow("not_found");
  requestAddition(b.db, admin(b.db), "bad.gguf", b.dataDir);
  b.startWorker();
  await expect.poll(() => look().additions[0]?.state, waits).toBe("failed");
  expect(look().additions[0]?.error).toMatch(/bad\.gguf is GGUF of version/);
  expect(listModels(b.db, admin(b.db), b).models.map((m) => m.starter)).toEqual([true]);
});
