import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse as parseCsv } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { exportFormats } from "@/server/domain/exports/formats";
import { exportFiles, exportRequestSchema } from "@/server/domain/exports/request";
import { combinationRuleSchema } from "@/server/domain/preference";
import { openExport } from "@/server/services/exports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import { jsonLines, openProject } from "../integration/data/dataHelpers";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with datasets and trl.");
const loaders = process.env.TIEBREAK_PEER_LOADERS ?? "";
if (python && !loaders)
  console.warn(
    "LLaMA-Factory's and OpenRLHF's loaders are skipped: pip install --no-deps --target FOLDER llamafactory openrlhf, and set TIEBREAK_PEER_LOADERS=FOLDER.",
  );

// biome-ignore lint/suspicious/noExplicitAny: rows of twelve formats
type Row = any;

/** Twelve pairs; texts that tables and JSON have trouble with among them. */
const texts = ['a "quoted", text\nover lines', " 好 😀 ", "[not, json", "=1+1"];
const pairs = Array.from({ length: 12 }, (_, i) => ({
  prompt: `${texts[i % texts.length]} ${i}`,
  chosen: `good ${i}: ${texts[(i + 1) % texts.length]}`,
  rejected: `bad ${i}`,
}));
const folders = exportFormats.flatMap((format) =>
  exportFiles.map((file) => ({ name: `${format}-${file}`, format, file })),
);
const out = mkdtempSync(join(tmpdir(), "exports-"));
const pathOf = (name: string) => join(out, "folders", name);

beforeAll(async () => {
  if (!python) return;
  const p = openProject();
  await p.bring("pairs.jsonl", jsonLines(pairs));
  const rule = combinationRuleSchema.parse({ testShare: 0.3 });
  const { id } = await createSnapshot(p.store, p.access, { rule, note: "" });
  for (const { name, format, file } of folders) {
    const request = exportRequestSchema.parse({ format, file, layout: "folder", split: "all" });
    const { body } = await openExport(p.store, p.access, { snapshotId: id, ...request });
    await unzip(Buffer.from(await new Response(body).arrayBuffer()), pathOf(name));
  }
  const spec = { folders: folders.map((one) => ({ ...one, path: pathOf(one.name) })), loaders, out };
  writeFileSync(join(out, "spec.json"), JSON.stringify(spec));
  const peer = [resolve("tests/interop/exports.py"), join(out, "spec.json")];
  execFileSync(python, peer, { stdio: ["ignore", "ignore", "inherit"] });
});

async function unzip(bytes: Buffer, folder: string): Promise<void> {
  const zip = await promisify<Buffer, { lazyEntries: true }, ZipFile>(fromBuffer)(bytes, { lazyEntries: true });
  const read = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
  await new Promise<void>((done, failed) => {
    zip.on("entry", async (entry: Entry) => {
      const chunks: Buffer[] = [];
      for await (const chunk of await read(entry)) chunks.push(chunk as Buffer);
      const file = join(folder, entry.fileName);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, Buffer.concat(chunks));
      zip.readEntry();
    });
    zip.once("end", done).once("error", failed);
    zip.readEntry();
  });
}

const told = (name: string): Row => JSON.parse(readFileSync(join(out, `${name}.json`), "utf8"));
const written = (format: string, split: string): Row[] => {
  const file = join(pathOf(`${format}-jsonl`), "data", `${split}.jsonl`);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
};

/** Arrow has every field in every row: one that is not there is null. */
function plain(value: Row): Row {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, plain(inner)]));
}
/** `datasets` reads what looks like a time as one. */
const timeless = (rows: Row[]): Row =>
  JSON.parse(JSON.stringify(plain(rows)).replace(/"\d{4}-\d\d-\d\d[T ][^"]*"/g, '"time"'));

const byPrompt = new Map(pairs.map((pair) => [pair.prompt, pair]));
const ask = (content: string) => ({ role: "user", content });
const reply = (content: string) => ({ role: "assistant", content });

describe.skipIf(!python)("load_dataset takes the folder of", () => {
  test.each(exportFormats)("%s as JSON lines and Parquet, row for row", (format) => {
    for (const file of ["jsonl", "parquet"]) {
      const { splits } = told(`${format}-${file}`);
      expect(Object.keys(splits).sort()).toEqual(["test", "train"]);
      for (const split of ["train", "test"])
        expect(timeless(splits[split]), file).toEqual(timeless(written(format, split)));
    }
  });

  test.each(exportFormats)("%s as CSV, cell for cell", (format) => {
    const { splits } = told(`${format}-csv`);
    for (const split of ["train", "test"]) {
      const text = readFileSync(join(pathOf(`${format}-csv`), "data", `${split}.csv`), "utf8");
      const cells = parseCsv(text, { columns: true }) as Record<string, string>[];
      expect(splits[split]).toHaveLength(cells.length);
      for (const [i, row] of (splits[split] as Row[]).entries())
        for (const [name, cell] of Object.entries(cells[i] ?? {}))
          if (typeof row[name] === "string") expect(row[name], name).toBe(cell);
    }
  });
});

describe.skipIf(!python)("TRL's data utilities", () => {
  test("find the prompt that both answers begin with", () => {
    const { prompts, conversational } = told("trl-implicit-jsonl").trl;
    expect(conversational).toBe(true);
    for (const { prompt, chosen, rejected } of prompts) {
      const pair = byPrompt.get(prompt[0].content);
      expect([prompt, chosen, rejected]).toEqual([
        [ask(pair?.prompt ?? "")],
        [reply(pair?.chosen ?? "")],
        [reply(pair?.rejected ?? "")],
      ]);
    }
  });

  test("find it in HH-RLHF's text as well", () => {
    for (const { prompt, chosen, rejected } of told("hh-rlhf-jsonl").trl.prompts) {
      // Everything up to where the answers part: "good" and "bad" share no letter at their beginning.
      const pair = byPrompt.get(prompt.replace(/^\n\nHuman: /, "").replace(/\n\nAssistant:\s*$/, ""));
      expect([chosen.trim(), rejected.trim()]).toEqual([pair?.chosen.trim(), pair?.rejected.trim()]);
    }
  });

  test.each(["trl-standard", "trl-conversational"])("make of %s what the KTO export holds", (format) => {
    const { unpaired, conversational } = told(`${format}-jsonl`).trl;
    expect(conversational).toBe(format === "trl-conversational");
    const said = (value: Row): string => (typeof value === "string" ? value : value[0].content);
    const key = ({ prompt, completion, label }: Row) => JSON.stringify([said(prompt), said(completion), label]);
    expect(unpaired.map(key).sort()).toEqual(written("kto", "train").map(key).sort());
  });
});

describe.skipIf(!python || loaders === "")("the trainers' own loaders", () => {
  test.each(["llamafactory-sharegpt", "llamafactory-alpaca"])(
    "LLaMA-Factory's parser and converter take %s",
    (format) => {
      const sets = Object.values(told(`${format}-jsonl`).llamafactory) as Row[];
      expect(sets.map(({ ranking }) => ranking)).toEqual([true, true]);
      const rows = sets.flatMap((set) => set.rows);
      expect(rows).toHaveLength(pairs.length);
      for (const { _prompt, _response } of rows) {
        const pair = byPrompt.get(_prompt[0].content);
        expect(_prompt).toEqual([ask(pair?.prompt ?? "")]);
        expect(_response).toEqual([reply(pair?.chosen ?? ""), reply(pair?.rejected ?? "")]);
      }
    },
  );

  test("OpenRLHF's reward dataset takes prompt, both answers and the margin", () => {
    const rows: [string, string, string, number][] = told("openrlhf-jsonl").openrlhf;
    expect(rows).toHaveLength(written("openrlhf", "train").length);
    for (const [prompt, chosen, rejected, margin] of rows) {
      const pair = byPrompt.get(prompt.replace(/^<user>(.*)<\/><assistant>$/s, "$1"));
      expect([chosen, rejected]).toEqual([`${pair?.chosen}</>`, `${pair?.rejected}</>`]);
      // The mean verdict's size: a file that only says which is better counts as a verdict of two steps.
      expect(margin).toBe(2);
    }
  });
});
