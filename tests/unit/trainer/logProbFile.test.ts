import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LogProbFile } from "@/trainer/io/logProbFile";

const root = mkdtempSync(join(tmpdir(), "log-probs-"));
afterAll(() => rmSync(root, { recursive: true }));

const scored = (i: number) => ({ prompt: [1, 2, 3], completion: [i, 7] });
const recordBytes = 24;

/** A folder with the values 0.1·i of the first few, written by one model. */
function filled(name: string, count: number): { folder: string; path: string } {
  const folder = join(root, name);
  const file = new LogProbFile(folder, "m");
  for (let i = 0; i < count; i++) file.add(scored(i), 0.1 * i);
  file.save();
  return { folder, path: join(folder, "m", "log-probs.bin") };
}

const found = (folder: string, count: number, model = "m"): (number | undefined)[] => {
  const file = new LogProbFile(folder, model);
  return Array.from({ length: count }, (_, i) => file.find(scored(i)));
};

test("values come back by tokens and by model, to the last bit of a float32", () => {
  const { folder } = filled("plain", 3);
  expect(found(folder, 4)).toEqual([0, Math.fround(0.1), Math.fround(0.2), undefined]);
  expect(found(folder, 3, "other")).toEqual([undefined, undefined, undefined]);
  // Where the prompt ends is part of the key.
  const file = new LogProbFile(folder, "m");
  expect(file.find({ prompt: [1, 2], completion: [3, 1, 7] })).toBeUndefined();
});

test("a damaged entry is missing and the others are not; the end of a torn file too", () => {
  const { folder, path } = filled("damaged", 4);
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(4 * recordBytes);
  for (const at of [3, 17, 22]) {
    const damaged = Buffer.from(bytes);
    damaged[recordBytes + at] = (damaged[recordBytes + at] as number) ^ 1;
    writeFileSync(path, damaged);
    expect(found(folder, 4).map((x) => x !== undefined)).toEqual([true, false, true, true]);
  }
  writeFileSync(path, bytes.subarray(0, 2 * recordBytes + 5));
  expect(found(folder, 4).map((x) => x !== undefined)).toEqual([true, true, false, false]);
  writeFileSync(path, "no log-probabilities");
  expect(found(folder, 4)).toEqual([undefined, undefined, undefined, undefined]);
});

test("two runs at once lose nothing of each other", () => {
  const folder = join(root, "both");
  const [one, other] = [new LogProbFile(folder, "m"), new LogProbFile(folder, "m")];
  one.add(scored(0), 1);
  other.add(scored(1), 2);
  one.save();
  other.save();
  expect(found(folder, 2)).toEqual([1, 2]);
});

test("a folder stays within its bound: the oldest entries go, and the models written longest ago", () => {
  const folder = join(root, "bound");
  const write = (model: string, count: number) => {
    const file = new LogProbFile(folder, model, 4 * recordBytes);
    for (let i = 0; i < count; i++) file.add(scored(i), i);
    file.save();
  };
  write("a", 6);
  expect(found(folder, 6, "a")).toEqual([undefined, undefined, 2, 3, 4, 5]);
  write("b", 2);
  expect(readdirSync(folder)).toEqual(["b"]);
  expect(found(folder, 2, "b")).toEqual([0, 1]);
});
