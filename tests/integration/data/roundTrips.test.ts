import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExportFormat } from "@/server/domain/exports/formats";
import { type ExportFile, exportRequestSchema } from "@/server/domain/exports/request";
import { canonicalJson } from "@/server/domain/imports/identity";
import { combinationRuleSchema } from "@/server/domain/preference";
import { openExport } from "@/server/services/exports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import type { Message } from "@/trainer/contracts/message";
import { jsonLines, openProject } from "./dataHelpers";

type Project = ReturnType<typeof openProject>;

/** Formats that carry any pair of single answers whole. */
const lossless = [
  "trl-conversational",
  "trl-implicit",
  "ultrafeedback",
  "llamafactory-sharegpt",
  "llamafactory-alpaca",
  "openrlhf",
  "helpsteer",
  "argilla",
  "judgements",
] as const satisfies readonly ExportFormat[];
const files = ["jsonl", "parquet", "csv"] as const satisfies readonly ExportFile[];

/** NUL has no place in a table; a cell that begins like JSON may be read as JSON. */
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .map((s) => `t${s.replaceAll("\u0000", "").replaceAll("\ufffd", "")}`);
const say = (role: Message["role"], content: string): Message => ({ role, content });
const pair = fc
  .record({
    system: fc.option(text),
    before: fc.array(fc.tuple(text, text), { maxLength: 2 }),
    question: text,
    answers: fc.uniqueArray(text, { minLength: 2, maxLength: 2, selector: (s) => s.trim() }),
  })
  .map(({ system, before, question, answers: [chosen = "", rejected = ""] }) => ({
    prompt: [
      ...(system === null ? [] : [say("system", system)]),
      ...before.flatMap(([q, a]) => [say("user", q), say("assistant", a)]),
      say("user", question),
    ],
    chosen: [say("assistant", chosen)],
    rejected: [say("assistant", rejected)],
  }));
const pairs = fc.uniqueArray(pair, {
  minLength: 3,
  maxLength: 6,
  selector: (row) => canonicalJson([row.prompt, [row.chosen, row.rejected].map(canonicalJson).sort()]),
});

async function exported(p: Project, format: ExportFormat, file: ExportFile): Promise<Buffer> {
  const { id } = await createSnapshot(p.store, p.access, {
    rule: combinationRuleSchema.parse({ testShare: 0 }),
    note: "",
  });
  const request = exportRequestSchema.parse({ format, file });
  const { body } = await openExport(p.store, p.access, { snapshotId: id, ...request });
  return Buffer.from(await new Response(body).arrayBuffer());
}

async function next(p: Project, format: ExportFormat, file: ExportFile): Promise<Project> {
  const q = openProject();
  expect(await q.bring("rows", await exported(p, format, file)), `${format} as ${file}`).toMatchObject({
    rowsRefused: 0,
  });
  return q;
}

/** The pairs of a project, sorted. */
const content = async (p: Project) =>
  (await exported(p, "trl-conversational", "jsonl")).toString("utf8").split("\n").sort();

test("any pairs come through every format in every kind of file, and through any two formats one after the other", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async (rows) => {
      const start = openProject();
      await start.bring("in.jsonl", jsonLines(rows));
      const wanted = await content(start);
      expect(wanted).toHaveLength(rows.length + 1);
      for (const first of lossless) {
        for (const file of files)
          expect(await content(await next(start, first, file)), `${first} ${file}`).toEqual(wanted);
        const middle = await next(start, first, "parquet");
        for (const second of lossless)
          expect(await content(await next(middle, second, "jsonl")), `${first} → ${second}`).toEqual(wanted);
      }
    }),
    { numRuns: 2, seed: 7 },
  );
});

test("judgements come back with who, when, why and both bad", async () => {
  const p = openProject();
  const rows = [
    {
      prompt: "q",
      answer_a: "x",
      answer_b: "y",
      verdict: -3,
      annotator: "w1",
      created_at: "2026-01-02T03:04:05.000Z",
      reason: "since",
    },
    { prompt: "q", answer_a: "x", answer_b: "y", verdict: -1, annotator: "w2", created_at: "1767323045", reason: "" },
    { prompt: "q", answer_a: "x", answer_b: "y", verdict: "both bad", annotator: "w3", created_at: "", reason: "" },
  ];
  expect(await p.bring("a.jsonl", jsonLines(rows))).toMatchObject({
    itemsAdded: 1,
    judgementsAdded: 3,
    rowsRefused: 0,
  });
  const said = (project: Project) =>
    project.db.$client
      .prepare("select verdict, both_bad, reason, created_at from judgement order by verdict")
      .all()
      .map((row) => Object.values(row as object));
  const [bad, strong, weak] = said(p);
  expect(strong).toEqual([-3, 0, "since", Date.UTC(2026, 0, 2, 3, 4, 5)]);
  expect(weak).toEqual([-1, 0, null, 1767323045000]);
  expect(bad?.slice(0, 2)).toEqual([null, 1]);
  const q = await next(p, "judgements", "csv");
  expect(said(q)).toEqual(said(p));
});
