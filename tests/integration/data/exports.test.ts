import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExportFormat } from "@/server/domain/exports/formats";
import { exportRequestSchema } from "@/server/domain/exports/request";
import { canonicalJson } from "@/server/domain/imports/identity";
import { combinationRuleSchema } from "@/server/domain/preference";
import { openExport } from "@/server/services/exports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import type { Message } from "@/trainer/contracts/message";
import { fixture, jsonLines, openProject } from "./dataHelpers";

interface Triple {
  prompt: Message[] | string;
  chosen: Message[] | string;
  rejected: Message[] | string;
}

async function exportOf(p: ReturnType<typeof openProject>, format: ExportFormat, testShare = 0.3) {
  const rule = combinationRuleSchema.parse({ testShare });
  const { id } = await createSnapshot(p.store, p.access, { rule, note: "" });
  const file = async (split: "train" | "test" | "all") =>
    new Response(
      (await openExport(p.store, p.access, { snapshotId: id, ...exportRequestSchema.parse({ format, split }) })).body,
    ).text();
  return { all: await file("all"), train: await file("train"), test: testShare > 0 ? await file("test") : "" };
}

const parse = (text: string): Triple[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const asSet = (rows: readonly Triple[]) => rows.map((row) => canonicalJson(row)).toSorted();

const text = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.constantFrom(
      "\n\nHuman: a\n\nAssistant: b",
      "\u2028",
      '"',
      "[]",
      '{"role":"user"}',
      "ends\r\n",
      " 好 ",
      "\u0000x",
    ),
  )
  .filter((s) => s.trim() !== "");
const turns = fc
  .tuple(fc.option(text), fc.array(fc.tuple(text, text), { maxLength: 2 }), text)
  .map(([system, before, last]): Message[] => [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    ...before.flatMap(([q, a]) => [
      { role: "user" as const, content: q },
      { role: "assistant" as const, content: a },
    ]),
    { role: "user", content: last },
  ]);
const answers = fc.uniqueArray(text, { minLength: 2, maxLength: 2, selector: (s) => s.trim() });
const say = (content: string): Message[] => [{ role: "assistant", content }];

test("any conversations come out as they went in, and what comes out comes in again as the same pairs", async () => {
  const rowsOf = fc.uniqueArray(
    fc
      .tuple(turns, answers)
      .map(([prompt, [x, y]]) => ({ prompt, chosen: say(x as string), rejected: say(y as string) })),
    // The same pair twice would be one item, and its two words could contradict each other.
    {
      minLength: 1,
      maxLength: 12,
      selector: (row) => canonicalJson([row.prompt, [row.chosen, row.rejected].map(canonicalJson).sort()]),
    },
  );
  await fc.assert(
    fc.asyncProperty(rowsOf, async (rows) => {
      const p = openProject();
      expect(await p.bring("in.jsonl", jsonLines(rows))).toMatchObject({ itemsAdded: rows.length, rowsRefused: 0 });
      const { all, train, test } = await exportOf(p, "trl-conversational", 0);
      expect(asSet(parse(all))).toEqual(asSet(rows));
      expect(train + test).toBe(all);
      expect(await p.bring("again.jsonl", all)).toMatchObject({
        itemsAdded: 0,
        itemsKnown: rows.length,
        rowsRefused: 0,
      });
      const q = openProject();
      await q.bring("out.jsonl", all);
      expect((await exportOf(q, "trl-conversational", 0)).all).toBe(all);
    }),
    { numRuns: 25 },
  );
});

test("any questions of one turn come out as plain text and in again", async () => {
  const rowsOf = fc.uniqueArray(
    fc
      .tuple(text, answers)
      .map(([prompt, [chosen, rejected]]) => ({ prompt, chosen: chosen as string, rejected: rejected as string })),
    { minLength: 1, maxLength: 12, selector: (row) => canonicalJson([row.prompt, [row.chosen, row.rejected].sort()]) },
  );
  await fc.assert(
    fc.asyncProperty(rowsOf, async (rows) => {
      const p = openProject();
      await p.bring("in.jsonl", jsonLines(rows));
      const { all } = await exportOf(p, "trl-standard", 0);
      expect(asSet(parse(all))).toEqual(asSet(rows));
      expect(await p.bring("again.jsonl", all)).toMatchObject({ itemsAdded: 0, itemsKnown: rows.length });
    }),
    { numRuns: 15 },
  );
});

test("conversations of several turns are refused as plain text, with the way out", async () => {
  const p = openProject();
  await p.bringFile(fixture("sharegpt_ranking.json"));
  const problem =
    "1 rows have several turns or a system message, which plain text cannot hold. Choose trl-conversational.";
  await expect(exportOf(p, "trl-standard", 0)).rejects.toMatchObject({
    code: "invalid_input",
    details: { field: "format", problem },
  });
});

test("the splits together are everything, in pieces", async () => {
  const p = openProject();
  const rows = Array.from({ length: 1000 }, (_, i) => ({ prompt: `q${i}`, chosen: "x".repeat(300), rejected: "y" }));
  await p.bring("in.jsonl", jsonLines(rows));
  const { all, train, test } = await exportOf(p, "trl-standard");
  expect(train + test).toBe(all);
  expect(parse(test).length).toBeGreaterThan(200);
  expect(asSet(parse(all))).toEqual(asSet(rows));
});
