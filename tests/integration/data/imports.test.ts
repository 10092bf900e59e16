import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { asc, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { project } from "@/db/schema/identity";
import { importBatch, item, response } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { getImport, listImports } from "@/server/services/imports.service";
import { receiveUpload } from "@/server/services/imports.upload";
import { fixture, jsonLines, openProject } from "./dataHelpers";

type Project = ReturnType<typeof openProject>;
const contentOf = (p: Project, itemId: string) =>
  p.db
    .select()
    .from(response)
    .where(eq(response.itemId, itemId))
    .orderBy(asc(response.slot))
    .all()
    .map(({ messages }) => messages[0]?.content);

describe("files are read by what is in them", () => {
  test("a table with a byte order mark, quotes, commas and line breaks in cells, and a conversation in one", async () => {
    const p = openProject();
    const importId = await p.upload("table.txt", readFileSync(fixture("two_responses.csv")));
    expect(await p.preview(importId)).toMatchObject({
      format: "csv",
      shape: "two_responses",
      columns: ["Prompt", "Response A", "Response B", "Model A", "Model B", "id"],
      total: 2,
      usable: 2,
      rows: [
        {
          line: 2,
          prompt: [{ content: 'Say "hello",\r\nplease' }],
          a: [{ content: "Hello" }],
          b: [{ content: "Hi, there" }],
          modelA: "m1",
        },
        { line: 4, a: [{ role: "assistant", content: "turn" }], b: [{ content: "Plain" }] },
      ],
    });
  });

  test("semicolons separate as well", async () => {
    const p = openProject();
    const importId = await p.upload("x.csv", readFileSync(fixture("semicolons.csv")));
    expect(await p.preview(importId)).toMatchObject({
      format: "csv",
      usable: 1,
      rows: [{ prompt: [{ content: "Q" }] }],
    });
  });

  test("JSON lines called .csv, and a JSON document with its rows under a key", async () => {
    const p = openProject();
    const rows = [{ prompt: "q\u2028r", response_a: "x", response_b: "y" }];
    const lines = await p.upload("rows.csv", jsonLines(rows));
    expect(await p.preview(lines)).toMatchObject({
      format: "jsonl",
      usable: 1,
      rows: [{ prompt: [{ content: "q\u2028r" }] }],
    });
    const document = await p.upload("rows.jsonl", JSON.stringify({ version: 1, data: rows }, null, 2));
    expect(await p.preview(document)).toMatchObject({ format: "json", usable: 1 });
  });

  test.each([
    ["nothing", ""],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])],
    ["prose", "Once upon a time there was a file without columns.\nIt had two lines."],
    ["a list that breaks off in its first row", '[{"prompt":"q","chosen":"a",'],
  ])("%s is refused as a whole and leaves nothing behind", async (_, content) => {
    const p = openProject();
    await expect(p.upload("file.jsonl", content)).rejects.toMatchObject({ code: "import_unreadable" });
    expect(readdirSync(p.store.uploadsDir)).toEqual([]);
    expect(listImports(p.db, p.access)).toEqual([]);
  });

  test("what is announced as over the limit is refused before it is read, what breaks off afterwards", async () => {
    const p = openProject();
    const store = { ...p.store, maxUploadBytes: 1_000 };
    const send = (announcedBytes: number) =>
      receiveUpload(store, p.access, { fileName: "f", body: new Response("a,b\n1,2").body, announcedBytes });
    await expect(send(1_001)).rejects.toMatchObject({ code: "file_too_large" });
    await expect(send(10)).rejects.toMatchObject({ code: "import_unreadable" });
    await expect(send(7)).resolves.toMatchObject({ importId: expect.any(String) });
  });

  test("a body that grows over the limit without saying so is cut off", async () => {
    const p = openProject();
    const chunk = new Uint8Array(65_536).fill(97);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const store = { ...p.store, maxUploadBytes: 1024 ** 2 };
    const upload = receiveUpload(store, p.access, { fileName: "big", body, announcedBytes: null });
    await expect(upload).rejects.toMatchObject({ code: "file_too_large" });
    expect(sent).toBeLessThan(30);
    expect(readdirSync(p.store.uploadsDir)).toEqual([]);
  });
});

test("bad rows are told by line, field and reason, and the others come in", async () => {
  const p = openProject();
  const done = await p.bringFile(fixture("bad_rows.jsonl"));
  expect(done).toMatchObject({ rowsRead: 10, itemsAdded: 2, itemsKnown: 0, rowsRefused: 8, state: "finished" });
  const { problems } = getImport(p.db, p.access, done.id);
  expect(problems.map(({ line, field }) => [line, field])).toEqual([
    [2, null],
    [3, "prompt"],
    [4, "rejected"],
    [6, "rejected"],
    [7, "rejected"],
    [8, null],
    [10, "prompt"],
    [11, "chosen"],
  ]);
  const reasons = [
    /not JSON/,
    /empty/,
    /empty/,
    /same/,
    /missing/,
    /no object/,
    /must end with what the user/,
    /"tool"/,
  ];
  for (const [i, reason] of reasons.entries()) expect(problems[i]?.reason).toMatch(reason);
});

test("rows of a table with the wrong number of fields are told, and so is a quote that never closes", async () => {
  const p = openProject();
  const table = 'prompt,answer_a,answer_b\nq,x,y\n\nq2,x\nq3,x,y,z\nq4,x,y\nq5,"x,y\nq6,x,y\n';
  const done = await p.bring("t.csv", table);
  expect(done).toMatchObject({ itemsAdded: 2, rowsRefused: 3 });
  expect(getImport(p.db, p.access, done.id).problems.map(({ line }) => line)).toEqual([4, 5, 7]);
});

test("new items stand open at the end of the queue with the project's overlap", async () => {
  const p = openProject({ overlap: 3 });
  p.db.update(project).set({ queueSequence: 7 }).run();
  await p.bring("t.csv", "prompt,answer_a,answer_b\nq,x,y\nr,x,y\n");
  const rows = p.db.select().from(item).orderBy(asc(item.queuePosition)).all();
  expect(
    rows.map((row) => [row.prompt[0]?.content, row.queuePosition, row.openSlots, row.votes, row.queueClass]),
  ).toEqual([
    ["q", 8, 3, 0, 0],
    ["r", 9, 3, 0, 0],
  ]);
  expect(p.db.select().from(project).get()?.queueSequence).toBe(9);
});

test("the better response is stored on either side, the file's judgement points at it, and it takes no slot", async () => {
  const p = openProject();
  const rows = Array.from({ length: 64 }, (_, i) => ({ prompt: `q${i}`, chosen: "good", rejected: "bad" }));
  expect(await p.bring("my pairs.jsonl", jsonLines(rows))).toMatchObject({ itemsAdded: 64, judgementsAdded: 64 });
  const judged = p.db.select().from(judgement).all();
  for (const row of judged) {
    expect(contentOf(p, row.itemId)[row.verdict === -2 ? 0 : 1]).toBe("good");
    expect(row).toMatchObject({
      annotatorId: null,
      annotatorKey: "import:my_pairs:file",
      purpose: "vote",
      late: false,
    });
  }
  // 64 fair coins: fewer than 16 or more than 48 on one side happens once in 30,000 runs, and the coin is fixed anyway.
  const onA = judged.filter(({ verdict }) => verdict === -2).length;
  expect(onA).toBeGreaterThan(16);
  expect(onA).toBeLessThan(48);
  for (const { openSlots, votes } of p.db.select().from(item).all()) expect([openSlots, votes]).toEqual([1, 0]);
});

test("the same pair is known under another id, in another order, in another format, and labels turn with it", async () => {
  const p = openProject();
  const labels = { column: "who", who: "ann" };
  const mapping = {
    prompt: "prompt",
    responseA: "answer_a",
    responseB: "answer_b",
    meaning: "unordered" as const,
    externalId: "id",
    labels: [labels],
  };
  const row = (id: string, answer_a: string, answer_b: string, who: unknown) => ({
    id,
    prompt: "q",
    answer_a,
    answer_b,
    who,
  });
  await p.bring("one.jsonl", jsonLines([row("1", "x", "y", -3)]), mapping);
  expect(await p.bring("two.jsonl", jsonLines([row("2", "y", "x", -1)]), mapping)).toMatchObject({
    itemsAdded: 0,
    itemsKnown: 1,
    judgementsAdded: 1,
  });
  expect(await p.bring("three.csv", "prompt,answer_a,answer_b\nq,y,x\n")).toMatchObject({
    itemsAdded: 0,
    itemsKnown: 1,
  });
  const [only] = p.db.select().from(item).all();
  expect(contentOf(p, only?.id ?? "")).toEqual(["x", "y"]);
  // −3: x is much better, x is a. −1 with y first: y is slightly better, y is b.
  const said = p.db.select().from(judgement).all();
  expect(Object.fromEntries(said.map((j) => [j.annotatorKey, j.verdict]))).toEqual({
    "import:one:ann": -3,
    "import:two:ann": 1,
  });
});

test("an id that belongs to another pair is refused with what to do", async () => {
  const p = openProject();
  await p.bring("one.csv", "id,prompt,answer_a,answer_b\n7,q,x,y\n");
  const again = await p.bring("two.csv", "id,prompt,answer_a,answer_b\n7,other,x,y\n8,q3,x,y\n8,q4,x,y\n");
  expect(again).toMatchObject({ itemsAdded: 1, rowsRefused: 2 });
  expect(getImport(p.db, p.access, again.id).problems).toMatchObject([
    { line: 2, field: "id", reason: expect.stringContaining('"7" belongs to another pair') },
    { line: 4, field: "id" },
  ]);
});

test("one person's second, different word about a pair is told; the first stays", async () => {
  const p = openProject();
  const done = await p.bring(
    "d.jsonl",
    jsonLines([
      { prompt: "q", chosen: "x", rejected: "y" },
      { prompt: "q", chosen: "y", rejected: "x" },
      { prompt: "q", chosen: "x", rejected: "y" },
    ]),
  );
  expect(done).toMatchObject({ rowsRead: 3, itemsAdded: 1, itemsKnown: 2, judgementsAdded: 1, rowsRefused: 0 });
  expect(getImport(p.db, p.access, done.id).problems).toMatchObject([{ line: 2, field: "label" }]);
});

test("the same words by other models are a pair of their own; without model names they are the same pair", async () => {
  const p = openProject();
  const first = await p.bringFile(fixture("pandalm.json"));
  expect(first).toMatchObject({ rowsRead: 3, itemsAdded: 3, judgementsAdded: 9 });
  expect(await p.bringFile(fixture("pandalm.json"))).toMatchObject({
    itemsAdded: 0,
    itemsKnown: 3,
    judgementsAdded: 0,
  });
  const nameless = { prompt: "Is it true?\n\nWater is wet.", answer_a: "True.", answer_b: "true" };
  expect(await p.bring("n.jsonl", jsonLines([nameless]))).toMatchObject({ itemsAdded: 0, itemsKnown: 1 });
});

test("an interrupted import keeps whole rows, and committing again finishes with the counts of one run", async () => {
  const p = openProject();
  const rows = Array.from({ length: 450 }, (_, i) => ({
    prompt: `q${i}`,
    chosen: "x",
    rejected: i === 300 ? "" : "y",
  }));
  const importId = await p.upload("d.jsonl", jsonLines(rows));
  const { mapping } = await p.preview(importId);
  // Past half of the rows the table may not be written to.
  p.db.$client.exec(
    "CREATE TRIGGER stop BEFORE INSERT ON item WHEN (SELECT count(*) FROM item) > 300 BEGIN SELECT RAISE(ABORT, 'stop'); END",
  );
  await expect(p.commit(importId, mapping)).rejects.toThrow("stop");
  const kept = p.db.select().from(item).all().length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(301);
  expect(p.db.select().from(judgement).all()).toHaveLength(kept);
  expect(getImport(p.db, p.access, importId)).toMatchObject({ state: "failed", itemsAdded: kept, rowsRefused: 1 });
  p.db.$client.exec("DROP TRIGGER stop");
  const done = await p.commit(importId, mapping);
  expect(done).toMatchObject({
    state: "finished",
    rowsRead: 450,
    itemsAdded: 449,
    itemsKnown: 0,
    judgementsAdded: 449,
    rowsRefused: 1,
  });
  expect(p.db.select().from(judgement).all()).toHaveLength(449);
  expect(getImport(p.db, p.access, importId).problems).toMatchObject([{ line: 301, field: "rejected" }]);
  expect(await p.commit(importId, mapping)).toEqual(done);
  expect(readdirSync(p.store.uploadsDir)).toEqual([]);
});

test("somebody else gets their turn between chunks", async () => {
  const p = openProject();
  const rows = Array.from({ length: 2000 }, (_, i) => ({ prompt: `q${i}`, chosen: "x", rejected: "y" }));
  const importId = await p.upload("d.json", JSON.stringify(rows));
  const { mapping } = await p.preview(importId);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  await p.commit(importId, mapping);
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(5);
});

test("another project's import is not there", async () => {
  const p = openProject();
  const importId = await p.upload("t.csv", "prompt,answer_a,answer_b\nq,x,y\n");
  p.db.insert(project).values({ id: "other", name: "Other" }).run();
  p.db.update(importBatch).set({ projectId: "other" }).run();
  await expect(p.preview(importId)).rejects.toMatchObject({ code: "not_found" });
  expect(() => getImport(p.db, p.access, importId)).toThrow("not_found");
});

test("an upload whose file is gone is told as such", async () => {
  const p = openProject();
  const importId = await p.upload("t.csv", "prompt,answer_a,answer_b\nq,x,y\n");
  const { mapping } = await p.preview(importId);
  rmSync(join(p.store.uploadsDir, importId));
  await expect(p.commit(importId, mapping)).rejects.toMatchObject({ code: "not_found", details: { what: "upload" } });
  expect(getImport(p.db, p.access, importId).state).toBe("failed");
});
