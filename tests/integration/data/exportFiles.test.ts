import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { parse as parseCsv } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { user } from "@/db/schema/identity";
import { judgement } from "@/db/schema/tasks";
import { exportFormats } from "@/server/domain/exports/formats";
import { exportRequestSchema } from "@/server/domain/exports/request";
import { combinationRuleSchema } from "@/server/domain/preference";
import { openExport } from "@/server/services/exports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import { jsonLines, openProject } from "./dataHelpers";

const nasty = ['a "quoted", text\r\nover lines', "\u0000 and \u2028", " 好 😀 ", "[not, json", "=1+1"];

/** Ten pairs, "good" against "bad"; ann prefers good in all, bob in the first five and finds the others equal. */
async function judgedProject() {
  const p = openProject();
  const rows = Array.from({ length: 10 }, (_, i) => ({
    id: `x${i}`,
    prompt: `${nasty[i % nasty.length]} ${i}`,
    answer_a: `good ${i}`,
    answer_b: `bad ${i}`,
    model_a: "m",
    model_b: "n",
  }));
  await p.bring("pairs.jsonl", jsonLines(rows));
  const items = p.db.$client.prepare("select item.id, external_id as x from item order by external_id").all() as {
    id: string;
    x: string;
  }[];
  for (const who of ["ann", "bob"]) {
    p.db
      .insert(user)
      .values({ id: who, name: who, email: `${who}@example.org` })
      .run();
    for (const [i, { id }] of items.entries()) {
      const verdict = who === "ann" ? -3 : i < 5 ? -1 : 0;
      const key = { projectId: "p", itemId: id, annotatorId: who, annotatorKey: who, submissionId: `${who}${i}` };
      const createdAt = new Date(Date.UTC(2026, 0, who === "ann" ? 1 : 2, 12, i));
      p.db
        .insert(judgement)
        .values({ id: `${who}${i}`, ...key, verdict, createdAt, reason: who === "ann" ? "since" : null })
        .run();
    }
  }
  const rule = combinationRuleSchema.parse({ testShare: 0.4 });
  const { id } = await createSnapshot(p.store, p.access, { rule, note: "" });
  const get = async (query: object) => {
    const made = await openExport(p.store, p.access, { snapshotId: id, ...exportRequestSchema.parse(query) });
    return { ...made, bytes: Buffer.from(await new Response(made.body).arrayBuffer()) };
  };
  const lines = async (query: object) =>
    (await get(query)).bytes
      .toString("utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...p, get, lines };
}

async function unzip(bytes: Buffer): Promise<Record<string, Buffer>> {
  const zip = await promisify<Buffer, { lazyEntries: boolean }, ZipFile>(fromBuffer)(bytes, { lazyEntries: true });
  const files: Record<string, Buffer> = {};
  return new Promise((resolve, reject) => {
    zip.on("entry", (entry: Entry) =>
      zip.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        const parts: Buffer[] = [];
        for await (const part of stream) parts.push(part as Buffer);
        files[entry.fileName] = Buffer.concat(parts);
        zip.readEntry();
      }),
    );
    zip.on("end", () => resolve(files));
    zip.on("error", reject);
    zip.readEntry();
  });
}

const asArrayBuffer = (bytes: Buffer): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;

describe("the same rows in every kind of file", async () => {
  const p = await judgedProject();
  test.each(exportFormats)("%s", async (format) => {
    const lines = await p.lines({ format });
    expect(lines).toHaveLength(format === "kto" || format === "judgements" ? 20 : 10);
    const parquet = await parquetReadObjects({ file: asArrayBuffer((await p.get({ format, file: "parquet" })).bytes) });
    expect(parquet).toEqual(lines);
    const table: Record<string, string>[] = parseCsv((await p.get({ format, file: "csv" })).bytes, { columns: true });
    const cell = (value: unknown) => (value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));
    expect(table).toEqual(
      lines.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]))),
    );
  });
});

test("a folder holds a file a split, the hub's card and a manifest whose hashes are true", async () => {
  const p = await judgedProject();
  const { bytes, fileName, contentType } = await p.get({ format: "llamafactory-alpaca", layout: "folder" });
  expect([fileName, contentType]).toEqual(["Test-1-all.llamafactory-alpaca.zip", "application/zip"]);
  const files = await unzip(bytes);
  expect(Object.keys(files)).toEqual([
    "data/train.jsonl",
    "data/test.jsonl",
    "dataset_info.json",
    "README.md",
    "manifest.json",
  ]);
  const manifest = JSON.parse(String(files["manifest.json"]));
  for (const { path, sha256, bytes: size, rows } of manifest.files) {
    const content = files[path] as Buffer;
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    expect([content.length, content.toString("utf8").split("\n").length - 1]).toEqual([size, rows]);
  }
  expect(manifest.files.reduce((sum: number, file: { rows: number }) => sum + file.rows, 0)).toBe(10);
  expect(JSON.parse(String(files["dataset_info.json"]))).toMatchObject({
    tiebreak_1: { file_name: "data/train.jsonl", formatting: "alpaca", ranking: true },
    tiebreak_1_test: { file_name: "data/test.jsonl" },
  });
  expect(String(files["README.md"])).toContain(
    "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train.jsonl\n  - split: test\n    path: data/test.jsonl\n---",
  );
});

test("filters: agreement, judge, day; in judgements they choose the judgements", async () => {
  const p = await judgedProject();
  // Five pairs have probability 1, five ¾ (a win and a tie).
  expect(await p.lines({ minAgreement: 0.8 })).toHaveLength(5);
  expect(await p.lines({ minAgreement: 0.75 })).toHaveLength(10);
  const all = await p.lines({ format: "judgements" });
  const [ann] = all.filter(({ verdict }) => verdict === -3).map(({ annotator }) => annotator);
  expect(ann).toMatch(/^judge-[0-9a-f]{16}$/);
  expect(new Set(all.map(({ annotator }) => annotator)).size).toBe(2);
  const hers = await p.lines({ format: "judgements", annotator: ann });
  expect(hers.map(({ verdict, reason }) => [verdict, reason])).toEqual(Array(10).fill([-3, "since"]));
  const second = await p.lines({ format: "judgements", from: "2026-01-02", to: "2026-01-02" });
  expect(new Set(second.map(({ created_at }) => String(created_at).slice(0, 10)))).toEqual(new Set(["2026-01-02"]));
  expect(second).toHaveLength(10);
  expect(await p.lines({ to: "2026-01-01" })).toHaveLength(10);
  await expect(p.get({ from: "2026-01-03" })).rejects.toMatchObject({
    code: "invalid_input",
    details: { field: "filters" },
  });
});

test("judgements are those of the snapshot's time, and say what stood then", async () => {
  const p = await judgedProject();
  const before = await p.lines({ format: "judgements" });
  const first = p.db.select().from(judgement).get();
  const later = new Date(Date.now() + 60_000);
  p.db
    .insert(judgement)
    .values({
      ...first,
      id: "undo",
      submissionId: "undo",
      action: "undo",
      supersedesId: first?.id,
      createdAt: later,
    } as never)
    .run();
  expect(await p.lines({ format: "judgements" })).toEqual(before);
  p.db.$client.exec("update judgement set created_at = 1767300000000 where id = 'undo'");
  const after = await p.lines({ format: "judgements" });
  expect(after).toHaveLength(21);
  expect(after.filter(({ standing }) => !standing)).toHaveLength(2);
});
