import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeAll, expect, test } from "vitest";
import { ZipFile } from "yazl";
import {
  cancelAddition,
  getIncoming,
  lookAtHub,
  repeatAddition,
  requestAddition,
  requestHubAddition,
  requestUploadAddition,
} from "@/server/services/additions.service";
import { listModels } from "@/server/services/models.service";
import { createRun, getRun } from "@/server/services/runs.service";
import { appendPiece, beginUpload, finishUpload } from "@/server/services/uploads.service";
import { HubServer } from "../../helpers/hubServer";
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

test("a model of the hub is fetched, goes on after its worker was killed, and is added with its commit; a failed one can be tried again or put away", async () => {
  b = bench();
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(b.starterDir, name))]));
  const card = Buffer.alloc(3_000_000, "text ");
  const server = new HubServer({ "tiny/model": { files: { ...files, "README.md": card } } });
  try {
    const hub = { endpoint: await server.start(), token: null };
    const [db, access, places] = [b.db, admin(b.db), { hub, dataDir: b.dataDir }];
    const asked = { repo: "tiny/model", revision: "main" };
    const { choices, licence } = await lookAtHub(access, hub, asked);
    expect({ licence, ids: choices.map(({ id }) => id) }).toEqual({ licence: "apache-2.0", ids: ["folder"] });
    await expect(requestHubAddition(db, access, places, { ...asked, choice: "x.gguf" })).rejects.toThrow("not_found");

    // A file keeps breaking off: its worker is killed between two attempts.
    const cuts = Array.from({ length: 8 }, () => 300_000);
    server.cuts.set("README.md", cuts);
    await requestHubAddition(db, access, places, { ...asked, choice: "folder" });
    const variables = { HF_ENDPOINT: hub.endpoint };
    const first = b.startWorker(500, undefined, variables);
    await expect.poll(() => cuts.length, waits).toBeLessThan(7);
    first.process.kill("SIGKILL");
    expect(look().additions[0]).toMatchObject({ state: "running", stage: "fetching", source: "hub" });
    cuts.length = 0;
    b.startWorker(500, undefined, variables);
    await expect.poll(() => look().additions[0]?.state, waits).toBe("finished");
    const ranges = server.asked.filter(({ path }) => path.endsWith("README.md")).map(({ range }) => range);
    expect(ranges.at(-1)).toMatch(/^bytes=\d{6,7}-$/);
    const added = listModels(db, access, b).models.find((m) => m.origin);
    expect(added?.origin).toMatchObject({ entry: "tiny/model", source: "hub", commit: expect.stringMatching(/^0123/) });
    await expect.poll(() => existsSync(join(b.dataDir, "additions", added?.id as string)), waits).toBe(false);

    server.damaged.add("config.json");
    const { additionId } = await requestHubAddition(db, access, places, { ...asked, choice: "folder" });
    await expect.poll(() => look().additions[0]?.state, waits).toBe("failed");
    expect(look().additions[0]?.error).toMatch(/config\.json of tiny\/model arrived damaged/);
    repeatAddition(db, access, additionId);
    await expect.poll(() => look().additions[0]?.state, waits).toBe("failed");
    cancelAddition(db, access, additionId, b.dataDir);
    expect(look().additions[0]?.state).toBe("cancelled");
    expect(existsSync(join(b.dataDir, "additions", additionId))).toBe(false);
  } finally {
    server.stop();
  }
});

test("models that were uploaded: a zip with a folder, one that is none; nothing is taken that is not whole or not theirs", async () => {
  b = bench();
  const [db, access] = [b.db, admin(b.db)];
  const store = { db, uploadsDir: join(b.dataDir, "uploads") };
  async function upload(fileName: string, data: Buffer, upTo = data.length): Promise<string> {
    const said = { fileName, bytes: data.length, fingerprint: "1", purpose: "model" } as const;
    const { uploadId } = await beginUpload(store, access, said);
    const body = new Response(new Uint8Array(data.subarray(0, upTo))).body;
    await appendPiece(store, access, uploadId, { offset: 0, body, sha256: null });
    return uploadId;
  }
  const add = (name: string, files: { uploadId: string; path: string }[]) =>
    requestUploadAddition(store, access, b.dataDir, { name, files });

  const zip = new ZipFile();
  for (const name of readdirSync(b.starterDir)) zip.addFile(join(b.starterDir, name), `mine/${name}`);
  zip.end();
  const packed = await buffer(zip.outputStream);
  const half = await upload("half.zip", packed, 1_000);
  await expect(add("half.zip", [{ uploadId: half, path: "half.zip" }])).rejects.toMatchObject({
    details: { reason: "upload_offset", offset: 1_000 },
  });
  await expect(finishUpload(store, access, half)).rejects.toThrow("conflict");
  await expect(add("x", [{ uploadId: half, path: "../x" }])).rejects.toThrow("invalid_input");
  await add("model.zip", [{ uploadId: await upload("model.zip", packed), path: "model.zip" }]);
  await add("notes.zip", [{ uploadId: await upload("notes.zip", Buffer.from("no zip")), path: "notes.zip" }]);
  b.startWorker();
  await expect
    .poll(
      () =>
        look()
          .additions.map(({ state }) => state)
          .sort(),
      waits,
    )
    .toEqual(["failed", "finished"]);
  expect(look().additions.find(({ state }) => state === "failed")?.error).toMatch(/notes\.zip is damaged/);
  const added = listModels(db, access, b).models.find((m) => m.origin);
  expect(added).toMatchObject({ name: "model", origin: { entry: "model.zip", source: "upload" } });
  expect(readFileSync(join(b.dataDir, "models", added?.id as string, "model.safetensors"))).toEqual(
    readFileSync(join(b.starterDir, "model.safetensors")),
  );
});
