import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { snapshot } from "@/db/schema/datasets";
import { item } from "@/db/schema/items";
import { exportRequestSchema } from "@/server/domain/exports/request";
import { combinationRuleSchema } from "@/server/domain/preference";
import { openExport } from "@/server/services/exports.service";
import { getImport } from "@/server/services/imports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import { readCompletions } from "@/trainer/data/examples";
import { jsonLines, openProject } from "./dataHelpers";

const rule = combinationRuleSchema.parse({ testShare: 0 });
const rows = [
  { prompt: "q", completion: "good", label: true },
  { prompt: "q", completion: "bad", label: false },
  { prompt: "r", completion: "fine", label: true },
  { prompt: "q", completion: "good", label: false },
];

async function freeze(p: ReturnType<typeof openProject>, used = rule) {
  const { id } = await createSnapshot(p.store, p.access, { rule: used, note: "" });
  const row = p.db
    .select()
    .from(snapshot)
    .all()
    .find((one) => one.id === id);
  const folder = join(p.store.snapshotsDir, row?.contentHash ?? "");
  const out = async (request: object) => {
    const asked = { snapshotId: id, ...exportRequestSchema.parse(request) };
    const text = await new Response((await openExport(p.store, p.access, asked)).body).text();
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  return { row, folder, out };
}

test("KTO's rows are kept as they are, go into snapshots and KTO runs, and come out again", async () => {
  const p = openProject();
  const done = await p.bring("kto.jsonl", jsonLines(rows));
  expect(done).toMatchObject({ responsesAdded: 3, itemsAdded: 0, itemsKnown: 1, rowsRefused: 0 });
  expect(getImport(p.db, p.access, done.id).problems).toMatchObject([{ line: 4, field: "label" }]);
  expect(p.db.select().from(item).all()).toEqual([]);
  expect(await p.bring("again.jsonl", jsonLines(rows.slice(0, 3)))).toMatchObject({ responsesAdded: 0, itemsKnown: 3 });

  await p.bring("pair.jsonl", jsonLines([{ prompt: "s", chosen: "x", rejected: "y" }]));
  const { row, folder, out } = await freeze(p);
  expect(row).toMatchObject({ trainPairs: 1, trainResponses: 3, testResponses: 0, prompts: 3 });
  const plain = (one: { prompt: { content: string }[]; completion: { content: string }[]; label: boolean }) =>
    [one.prompt[0]?.content, one.completion[0]?.content, one.label].join(" ");
  const expected = ["q bad false", "q good true", "r fine true", "s x true", "s y false"];
  expect(readCompletions(folder, "train", true).map(plain).sort()).toEqual(expected);
  expect(readCompletions(folder, "train", false).map(plain)).toEqual(["s x true"]);
  expect((await out({ format: "kto" })).map(plain).sort()).toEqual(expected);
  expect(await out({ format: "trl-standard" })).toEqual([{ prompt: "s", chosen: "x", rejected: "y" }]);
  expect(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"))).toMatchObject({
    train: 1,
    responses: { train: 3, test: 0 },
  });
});

test("a snapshot of labelled responses alone is one; without imported judgements they stay out", async () => {
  const p = openProject();
  await p.bring("kto.jsonl", jsonLines(rows.slice(0, 3)));
  const { row, out } = await freeze(p);
  expect(row).toMatchObject({ trainPairs: 0, trainResponses: 3 });
  expect(await out({ format: "kto" })).toHaveLength(3);
  await expect(out({ format: "trl-standard" })).rejects.toMatchObject({ code: "invalid_input" });
  const own = { ...rule, useImported: false };
  await expect(freeze(p, own)).rejects.toMatchObject({ code: "snapshot_empty" });
});

test("which column is what is remembered for the next file with the same columns, by project", async () => {
  const p = openProject();
  const file = (n: number) => jsonLines([{ question: `q${n}`, one: "x", two: "y", better: "first" }]);
  const first = await p.upload("a.jsonl", file(1));
  expect(await p.preview(first)).toMatchObject({ shape: "unknown", remembered: false, usable: 0 });
  const mapping = {
    prompt: "question",
    responseA: "one",
    responseB: "two",
    meaning: "unordered" as const,
    labels: [{ column: "better", who: "ann" }],
    labelValues: { a: "first", b: "second", tie: "same" },
  };
  // Looked at, not chosen.
  await p.preview(first, mapping);
  expect(await p.preview(await p.upload("b.jsonl", file(2)))).toMatchObject({ remembered: false });
  await p.commit(first, mapping);
  expect(await p.preview(await p.upload("c.jsonl", file(3)))).toMatchObject({
    remembered: true,
    usable: 1,
    mapping,
    rows: [{ labels: [{ who: "ann", verdict: -2 }] }],
  });
  const other = jsonLines([{ question: "q", one: "x", two: "y", worse: "first" }]);
  expect(await p.preview(await p.upload("d.jsonl", other))).toMatchObject({ remembered: false });
});
