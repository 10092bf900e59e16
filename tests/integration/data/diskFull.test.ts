import { existsSync, readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { snapshot } from "@/db/schema/datasets";
import { importBatch, item, response } from "@/db/schema/items";
import { combinationRuleSchema } from "@/server/domain/preference";
import { createSnapshot } from "@/server/services/snapshots.service";
import { jsonLines, openProject } from "./dataHelpers";

/**
 * Files whose names end in `suffix` are written to a device that is always full: the error is the kernel's own. A database
 * opened now may hold so many `pages`: SQLite's own limit gives the error that a full disk gives.
 */
const full = vi.hoisted(() => ({ suffix: null as string | null, pages: null as number | null }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const createWriteStream: typeof fs.createWriteStream = (path, options) =>
    fs.createWriteStream(full.suffix && String(path).endsWith(full.suffix) ? "/dev/full" : path, options);
  return { ...fs, createWriteStream };
});
vi.mock("@/db/client", async (original) => {
  const client = await original<typeof import("@/db/client")>();
  const openDb: typeof client.openDb = (file, options) => {
    const db = client.openDb(file, options);
    if (full.pages) db.$client.pragma(`max_page_count = ${full.pages}`);
    return db;
  };
  return { ...client, openDb };
});

const rows = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ prompt: `question ${i}`, answer_a: "a".repeat(300), answer_b: `b${i}` }));
const left = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
const onDevFull = test.skipIf(!existsSync("/dev/full"));

onDevFull("an upload that finds the disk full says so and leaves neither file nor import behind", async () => {
  const p = openProject();
  full.suffix = ".part";
  await expect(p.upload("pairs.jsonl", jsonLines(rows(10)))).rejects.toMatchObject({ code: "disk_full" });
  full.suffix = null;
  expect(left(p.store.uploadsDir)).toEqual([]);
  expect(p.db.select().from(importBatch).all()).toEqual([]);
  expect(await p.bring("pairs.jsonl", jsonLines(rows(10)))).toMatchObject({ itemsAdded: 10 });
});

test("an import that fills the disk half-way keeps whole rows only, and brings the rest when it is asked again", async () => {
  const p = openProject();
  const importId = await p.upload("pairs.jsonl", jsonLines(rows(3_000)));
  const { mapping } = await p.preview(importId);
  // 3,000 pairs need about 2 MB, 500 pages.
  full.pages = Number(p.db.$client.pragma("page_count", { simple: true })) + 250;
  await expect(p.commit(importId, mapping)).rejects.toMatchObject({ code: "disk_full" });
  const items = p.db.select().from(item).all().length;
  expect(items).toBeGreaterThan(0);
  expect(items).toBeLessThan(3_000);
  expect(p.db.select().from(response).all()).toHaveLength(2 * items);

  full.pages = null;
  await p.commit(importId, mapping);
  expect(p.db.select().from(item).all()).toHaveLength(3_000);
  expect(p.db.select().from(response).all()).toHaveLength(6_000);
});

onDevFull("a snapshot that finds the disk full is not made, and its number is not used up", async () => {
  const p = openProject();
  const judged = rows(50).map((row) => ({ prompt: row.prompt, chosen: row.answer_a, rejected: row.answer_b }));
  await p.bring("pairs.jsonl", jsonLines(judged));
  const make = () => createSnapshot(p.store, p.access, { rule: combinationRuleSchema.parse({}), note: "" });
  full.suffix = "train.jsonl";
  await expect(make()).rejects.toMatchObject({ code: "disk_full" });
  full.suffix = null;
  expect(left(p.store.snapshotsDir)).toEqual([]);
  expect(p.db.select().from(snapshot).all()).toEqual([]);
  await make();
  expect(p.db.select().from(snapshot).all()).toMatchObject([{ number: 1 }]);
});
