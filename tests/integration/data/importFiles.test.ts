import { createWriteStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { item } from "@/db/schema/items";
import { getImport } from "@/server/services/imports.service";
import { fixture, jsonLines, openProject } from "./dataHelpers";

const rows = Array.from({ length: 400 }, (_, i) => ({ prompt: `q${i}`, chosen: `good ${i}`, rejected: `bad ${i}` }));
const lines = jsonLines(rows);

async function zipOf(folder: string, files: Record<string, string | Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const path = join(folder, "made.zip");
  await finished(zip.outputStream.pipe(createWriteStream(path)));
  return readFileSync(path);
}

type Project = ReturnType<typeof openProject>;
const prompts = (p: Project) =>
  p.db
    .select()
    .from(item)
    .all()
    .map((row) => row.prompt[0]?.content);
const problemsOf = (p: Project, id: string) => getImport(p.db, p.access, id).problems;

describe("Parquet as pyarrow writes it", () => {
  test.each(["snappy", "zstd", "gzip"])("%s, in row groups, with lists of messages", async (codec) => {
    const p = openProject();
    const importId = await p.upload("a.bin", readFileSync(fixture(`pairs.${codec}.parquet`)));
    expect(await p.preview(importId)).toMatchObject({
      format: "parquet",
      columns: ["prompt", "chosen", "rejected", "score_chosen", "id"],
      total: 12,
      usable: 12,
      rows: [
        {
          line: 1,
          prompt: [{ role: "user", content: "q0 好\u2028" }],
          a: [{ role: "assistant", content: "good 0" }],
          b: [{ role: "assistant", content: "bad 0" }],
        },
        {},
        {},
        {},
        {},
      ],
    });
    expect(await p.commit(importId)).toMatchObject({ itemsAdded: 12, judgementsAdded: 12, rowsRefused: 0 });
    expect(
      p.db
        .select()
        .from(item)
        .all()
        .map((row) => [row.externalId, row.meta])
        .sort(),
    ).toEqual(Array.from({ length: 12 }, (_, i) => [String(i), { score_chosen: 8.5 }]).sort());
  });

  test("a damaged one is refused with a reason, or keeps the rows before the damage", async () => {
    const whole = readFileSync(fixture("pairs.snappy.parquet"));
    const p = openProject();
    for (const broken of [whole.subarray(0, 3000), Buffer.concat([whole.subarray(0, -200), whole.subarray(-8)])])
      await expect(p.upload("a.parquet", broken)).rejects.toMatchObject({ code: "import_unreadable" });
    expect(readdirSync(p.store.uploadsDir)).toEqual([]);
  });
});

describe("packed files", () => {
  test("gzip, also of two members one after the other, and zstd", async () => {
    const half = lines.indexOf("\n", lines.length / 2) + 1;
    for (const [name, packed] of [
      ["rows.jsonl.gz", gzipSync(lines)],
      ["two.gz", Buffer.concat([gzipSync(lines.slice(0, half)), gzipSync(lines.slice(half))])],
      ["rows.jsonl.zst", readFileSync(fixture("pairs.jsonl.zst"))],
    ] as const) {
      const p = openProject();
      expect(await p.bring(name, packed)).toMatchObject({ format: "jsonl", itemsAdded: 400, rowsRefused: 0 });
      expect(prompts(p).sort()).toEqual(rows.map(({ prompt }) => prompt).sort());
      expect(readdirSync(p.store.uploadsDir)).toEqual([]);
    }
  });

  test("gzip that breaks off keeps what came before and names the line", async () => {
    const p = openProject();
    // Stored, not squeezed: where the cut falls is known. Lines of equal length up to "q9", then longer.
    const packed = gzipSync(lines, { level: 0 });
    const done = await p.bring("rows.jsonl.gz", packed.subarray(0, packed.length / 2));
    const whole = lines.slice(0, packed.length / 2 - 15).split("\n").length - 1;
    expect(done.itemsAdded).toBeGreaterThan(whole - 2);
    expect(done.itemsAdded).toBeLessThanOrEqual(whole);
    const problems = problemsOf(p, done.id);
    expect(problems.at(-1)).toMatchObject({ field: null, reason: expect.stringMatching(/gzip data breaks off/) });
    expect(problems.at(-1)?.line).toBeGreaterThan(done.itemsAdded);
  });

  test("zstd that breaks off says so", async () => {
    const p = openProject();
    const packed = readFileSync(fixture("pairs.jsonl.zst"));
    await expect(p.upload("a.zst", packed.subarray(0, -40))).rejects.toMatchObject({ code: "import_unreadable" });
  });

  test("a zip of files of several kinds: all rows, problems with the file's name, what is beside them passed over", async () => {
    const p = openProject();
    const zip = await zipOf(p.folder, {
      "README.md": "# Not rows",
      "data/train.jsonl": jsonLines(rows.slice(0, 3)),
      "data/more.csv": `prompt,chosen,rejected\nx,y,\n${rows
        .slice(3, 5)
        .map((r) => Object.values(r).join(","))
        .join("\n")}\n`,
      "data/last.json.gz": gzipSync(JSON.stringify(rows.slice(5, 7))),
      "dataset_info.json": "{}",
      "manifest.json": "{}",
    });
    const done = await p.bring("all.zip", zip);
    expect(done).toMatchObject({ itemsAdded: 7, rowsRefused: 1 });
    expect(prompts(p).sort()).toEqual(["q0", "q1", "q2", "q3", "q4", "q5", "q6"]);
    expect(problemsOf(p, done.id)).toMatchObject([
      { line: 2, field: "rejected", reason: expect.stringContaining("data/more.csv: ") },
    ]);
    expect(existsSync(join(p.store.uploadsDir, `${done.id}.parts`))).toBe(false);
  });

  test("a zip that is none, or holds nothing", async () => {
    const p = openProject();
    const empty = await zipOf(p.folder, { "README.md": "nothing" });
    for (const bytes of [empty, Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(100)])])
      await expect(p.upload("a.zip", bytes)).rejects.toMatchObject({ code: "import_unreadable" });
    expect(readdirSync(p.store.uploadsDir)).toEqual([]);
  });
});

describe("what is wrong in a file is told by line and field", () => {
  const told = async (name: string, content: string | Buffer) => {
    const p = openProject();
    const done = await p.bring(name, content);
    return {
      added: done.itemsAdded,
      problems: problemsOf(p, done.id).map(({ line, field, reason }) => [line, field, reason]),
    };
  };
  const good = (i: number) => JSON.stringify(rows[i]);

  test("tabs separate too", async () => {
    const p = openProject();
    const importId = await p.upload("t.txt", "prompt\tchosen\trejected\nq\ta, b\tc\n");
    expect(await p.preview(importId)).toMatchObject({ format: "tsv", usable: 1, rows: [{ a: [{ content: "a, b" }] }] });
  });

  test("NUL bytes, and bytes that are no UTF-8", async () => {
    const latin = Buffer.from("café", "latin1");
    const line = (cell: Buffer) =>
      Buffer.concat([Buffer.from('{"prompt":"'), cell, Buffer.from('","chosen":"a","rejected":"b"}\n')]);
    expect(
      await told(
        "a.jsonl",
        Buffer.concat([Buffer.from(`${good(0)}\n`), line(Buffer.from("x\u0000y")), line(latin), Buffer.from(good(1))]),
      ),
    ).toEqual({
      added: 2,
      problems: [
        [2, null, expect.stringMatching(/NUL bytes/)],
        [3, null, expect.stringMatching(/not UTF-8/)],
      ],
    });
    const cell = (text: Buffer) => Buffer.concat([Buffer.from("q,"), text, Buffer.from(",b\n")]);
    expect(
      await told(
        "a.csv",
        Buffer.concat([
          Buffer.from("prompt,chosen,rejected\n"),
          cell(Buffer.from("x\u0000")),
          cell(latin),
          Buffer.from("q,a,b\n"),
        ]),
      ),
    ).toEqual({
      added: 1,
      problems: [
        [2, "chosen", expect.stringMatching(/NUL bytes/)],
        [3, "chosen", expect.stringMatching(/not UTF-8/)],
      ],
    });
  });

  test("UTF-16 is named", async () => {
    const p = openProject();
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("prompt,chosen,rejected\n", "utf16le")]);
    await expect(p.upload("a.csv", bytes)).rejects.toMatchObject({
      details: { reason: expect.stringMatching(/UTF-16/) },
    });
  });

  test("a line of 17 MB, a list that breaks off, and a bad element in one", async () => {
    const giant = JSON.stringify({ prompt: "x".repeat(17 * 1024 * 1024), chosen: "a", rejected: "b" });
    expect(await told("a.jsonl", `${good(0)}\n${giant}\n${good(1)}\n`)).toEqual({
      added: 2,
      problems: [[2, null, expect.stringMatching(/longer than 16 MB/)]],
    });
    expect(await told("a.json", `[${good(0)},\n{"prompt": oops},\n${good(1)}, [1,"]"], ${giant}, ${good(2)}`)).toEqual({
      added: 2,
      problems: [
        [2, null, expect.stringMatching(/not JSON/)],
        [4, null, expect.stringMatching(/no object/)],
        [5, null, expect.stringMatching(/longer than 16 MB/)],
        [6, null, expect.stringMatching(/breaks off/)],
      ],
    });
  });
});
