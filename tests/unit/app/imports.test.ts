import { expect, test } from "vitest";
import { fileSize, objectionTo } from "@/app/_features/imports/fileCheck";
import {
  chosenColumn,
  columnChoice,
  labelCandidates,
  mappingFaults,
  toggleLabelColumn,
  withLayout,
} from "@/app/_features/imports/mapping";
import {
  secondsLeft,
  type UploadEvent,
  type UploadState,
  uploadMachine,
  uploadPercent,
} from "@/app/_features/imports/uploadMachine";

test("files are judged by size before they are sent", () => {
  expect(objectionTo({ size: 0 }, null)).toBe("empty");
  expect(objectionTo({ size: 100 }, 100)).toBeNull();
  expect(objectionTo({ size: 101 }, 100)).toBe("too_large");
  expect(objectionTo({ size: 101 }, null)).toBeNull();
  expect(fileSize(1023)).toEqual({ value: 1023, unit: "byte" });
  expect(fileSize(12_800)).toEqual({ value: 12.5, unit: "kilobyte" });
  expect(fileSize(200 * 1024 ** 2)).toEqual({ value: 200, unit: "megabyte" });
  expect(fileSize(1.5 * 1024 ** 3)).toEqual({ value: 1.5, unit: "gigabyte" });
});

const run = (...events: UploadEvent[]): UploadState => events.reduce(uploadMachine, { name: "idle" } as UploadState);
const start: UploadEvent = { type: "start", fileName: "pairs.jsonl", total: 100 };

test("an upload goes from start to its import, and progress never falls", () => {
  expect(run(start, { type: "progress", sent: 60, at: 0 }, { type: "progress", sent: 40, at: 1 })).toMatchObject({
    sent: 60,
  });
  expect(run(start, { type: "progress", sent: 500, at: 0 })).toMatchObject({ sent: 100 });
  expect(run(start, { type: "done", importId: "i1" })).toEqual({
    name: "uploaded",
    fileName: "pairs.jsonl",
    importId: "i1",
  });
});

test("what arrives after a cancel changes nothing", () => {
  expect(
    run(start, { type: "cancel" }, { type: "progress", sent: 9, at: 0 }, { type: "done", importId: "i1" }),
  ).toEqual({
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

test("time left goes by the last seconds' speed, and starts anew after a break", () => {
  const at = (sent: number, seconds: number): UploadEvent => ({ type: "progress", sent, at: seconds * 1000 });
  const big: UploadEvent = { type: "start", fileName: "big", total: 1_000 };
  // 10 a second for a minute, then 20 a second: what is older than 15 seconds no longer counts.
  const slow = run(big, at(0, 0), at(100, 10));
  expect(secondsLeft(slow)).toBe(90);
  expect(secondsLeft(run(big, at(0, 0), at(100, 10), at(120, 14), at(420, 29)))).toBeCloseTo(29);
  expect(secondsLeft(run(big, at(0, 0), at(100, 10), { type: "wait" }))).toBeNull();
  expect(secondsLeft(run(big, at(0, 0), at(100, 10), { type: "wait" }, at(100, 60)))).toBeNull();
});

test("a layout with one response a row asks for that response, and KTO's for its label", () => {
  expect(mappingFaults(withLayout(mapping, "unpaired"))).toEqual(["noResponseA", "noDesirable"]);
  expect(mappingFaults({ ...withLayout(mapping, "unpaired"), responseA: "x", desirable: "l" })).toEqual([]);
  expect(mappingFaults({ ...withLayout(mapping, "scored_rows"), responseA: "x" })).toEqual([]);
  expect(mappingFaults(withLayout(mapping, "responses"))).toEqual([]);
});
