import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { fileSize, maxFileBytes, objectionTo } from "@/app/_features/imports/fileCheck";
import {
  chosenColumn,
  columnChoice,
  labelCandidates,
  mappingFaults,
  toggleLabelColumn,
} from "@/app/_features/imports/mapping";
import { problemsCsv } from "@/app/_features/imports/problemsCsv";
import { isStalled, type Sighting, sight } from "@/app/_features/imports/stall";
import {
  type UploadEvent,
  type UploadState,
  uploadMachine,
  uploadPercent,
} from "@/app/_features/imports/uploadMachine";

const header = ["Line", "Field", "Reason"] as const;

test("a problem list is read back by a CSV reader as it was written", () => {
  const problems = [
    { line: 3, field: "response_a", reason: 'It is empty, "" in the file.' },
    { line: 17, field: null, reason: "Two\nlines, 两行" },
  ];
  const rows = parse(problemsCsv(header, problems), { bom: true });
  expect(rows).toEqual([
    [...header],
    ["3", "response_a", 'It is empty, "" in the file.'],
    ["17", "", "Two\nlines, 两行"],
  ]);
});

test("a field named like a formula becomes text", () => {
  const csv = problemsCsv(header, [{ line: 1, field: '=HYPERLINK("http://x")', reason: "@x" }]);
  expect(csv.split("\r\n")[1]).toBe(`1,"'=HYPERLINK(""http://x"")",'@x`);
});

test("files are judged by size before they are sent", () => {
  expect(objectionTo({ size: 0 })).toBe("empty");
  expect(objectionTo({ size: maxFileBytes })).toBeNull();
  expect(objectionTo({ size: maxFileBytes + 1 })).toBe("too_large");
  expect(fileSize(1023)).toEqual({ value: 1023, unit: "byte" });
  expect(fileSize(12_800)).toEqual({ value: 12.5, unit: "kilobyte" });
  expect(fileSize(maxFileBytes)).toEqual({ value: 200, unit: "megabyte" });
});

const run = (...events: UploadEvent[]): UploadState => events.reduce(uploadMachine, { name: "idle" } as UploadState);
const start: UploadEvent = { type: "start", fileName: "pairs.jsonl", total: 100 };

test("an upload goes from start to its import, and progress never falls", () => {
  expect(run(start, { type: "progress", sent: 60 }, { type: "progress", sent: 40 })).toMatchObject({ sent: 60 });
  expect(run(start, { type: "progress", sent: 500 })).toMatchObject({ sent: 100 });
  expect(run(start, { type: "done", importId: "i1" })).toEqual({
    name: "uploaded",
    fileName: "pairs.jsonl",
    importId: "i1",
  });
});

test("what arrives after a cancel changes nothing", () => {
  expect(run(start, { type: "cancel" }, { type: "progress", sent: 9 }, { type: "done", importId: "i1" })).toEqual({
    name: "idle",
  });
  expect(run(start, { type: "cancel" }, { type: "fail", error: "aborted" })).toEqual({ name: "idle" });
});

test("a second file dropped during an upload does not replace it; after a failure it does", () => {
  expect(run(start, { type: "start", fileName: "other.csv", total: 5 })).toMatchObject({ fileName: "pairs.jsonl" });
  expect(run(start, { type: "refuse", fileName: "two", objection: "many" })).toMatchObject({ name: "uploading" });
  expect(run(start, { type: "fail", error: "x" }, { ...start, fileName: "other.csv" })).toMatchObject({
    name: "uploading",
    fileName: "other.csv",
    sent: 0,
  });
});

test("all bytes sent is not yet done", () => {
  expect([uploadPercent(0, 10), uploadPercent(5, 10), uploadPercent(10, 10), uploadPercent(0, 0)]).toEqual([
    0, 50, 99, 0,
  ]);
});

const mapping = { prompt: "q", responseA: "x", responseB: "y", meaning: "unordered" } as const;

test("votes can be in the columns that are nothing else, and in those that were chosen for it", () => {
  const columns = ["q", "x", "y", "id", "ann1", "ann2"];
  expect(labelCandidates({ ...mapping, externalId: "id" }, columns)).toEqual(["ann1", "ann2"]);
  expect(labelCandidates({ ...mapping, labels: [{ column: "x", who: "x" }] }, columns)).toContain("x");
});

test("a mapping that cannot work is not sent", () => {
  expect(mappingFaults(mapping)).toEqual([]);
  expect(mappingFaults({ ...mapping, prompt: null, responseA: "", responseB: "" })).toEqual([
    "noResponseA",
    "noResponseB",
  ]);
  expect(mappingFaults({ ...mapping, responseB: "x" })).toEqual(["sameColumn"]);
  const labels = [{ column: "winner", who: "winner" }];
  expect(mappingFaults({ ...mapping, labels })).toEqual([]);
  expect(mappingFaults({ ...mapping, labels, labelValues: { a: "1", b: "2", tie: " " } })).toEqual(["noLabelWords"]);
  expect(mappingFaults({ ...mapping, labels, labelValues: { a: "1", b: "2", tie: "1" } })).toEqual(["noLabelWords"]);
  expect(mappingFaults({ ...mapping, labels: [], labelValues: { a: "", b: "", tie: "" } })).toEqual([]);
});

test("vote columns come and go; with the last one its words go too", () => {
  const labelValues = { a: "1", b: "2", tie: "0" };
  const two = toggleLabelColumn(toggleLabelColumn({ ...mapping, labelValues }, "ann1"), "ann2");
  expect(two.labels).toEqual([
    { column: "ann1", who: "ann1" },
    { column: "ann2", who: "ann2" },
  ]);
  const none = toggleLabelColumn(toggleLabelColumn({ ...two, labelValues }, "ann1"), "ann2");
  expect(none).toMatchObject({ labels: [], labelValues: undefined });
});

test("a column called none is not no column", () => {
  for (const column of ["none", "column:x", "a b", null]) expect(chosenColumn(columnChoice(column))).toBe(column);
});

test("an import that reads rows is alive, one that stands still for long is not", () => {
  const seen = [
    [100, 0],
    [100, 14_000],
    [300, 14_500],
    [300, 29_000],
  ].reduce<Sighting | null>((before, [rows, now]) => sight(before, rows as number, now as number), null);
  expect(seen).toEqual({ rowsRead: 300, since: 14_500 });
  expect([isStalled(seen, 29_000), isStalled(seen, 29_500), isStalled(null, 1)]).toEqual([false, true, false]);
});
