import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCorpus, Windows, windowOrder } from "@/trainer/data/corpus";
import type { Tokenizer } from "@/trainer/data/tokenizer";
import { stretches } from "@/trainer/recipes/likelihood";

const folder = mkdtempSync(join(tmpdir(), "corpus-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("sources are repeated and held out as they say; what follows the last separator is not read", () => {
  const human = file("human.txt", "one|two\n|three|cut sho");
  const made = file("made.txt", "four|five|");
  const sources = [
    { file: human, repeat: 2, holdOutFrom: 2 },
    { file: made, repeat: 1 },
  ];
  expect(readCorpus({ sources, separator: "|" })).toEqual({
    train: ["one", "two", "one", "two", "four", "five"],
    heldOut: ["three"],
  });
  expect(() => readCorpus({ sources: [{ file: made, repeat: 1 }], separator: "|" })).toThrow(
    /2 documents to learn from and 0 held out.*holdOutFrom/,
  );
});

test("windows overlap by the one token that the last place predicts", () => {
  const letters = { encode: (text: string) => Array.from(text, Number) } as unknown as Tokenizer;
  // 9 1 2 9 3 4 5 6
  const windows = new Windows(letters, ["12", "3456"], 9, 3);
  expect([windows.tokens, windows.count]).toEqual([8, 2]);
  expect(windows.batch([1, 0])).toEqual({
    inputs: Int32Array.of(9, 3, 4, 9, 1, 2),
    targets: Int32Array.of(3, 4, 5, 1, 2, 9),
  });
});

test("an epoch takes every window of its whole batches once, the next one in another order", () => {
  const at = windowOrder(7, 2, 5);
  const epoch = (first: number) => [0, 1, 2].flatMap((i) => at(first + i));
  const [first, second] = [epoch(1), epoch(4)];
  for (const windows of [first, second]) expect(new Set(windows).size).toBe(6);
  expect(second).not.toEqual(first);
  expect(windowOrder(7, 2, 5)(4)).toEqual(second.slice(0, 2));
});

test("a long sequence is cut so that each token but the first is scored once, with half a context before it", () => {
  expect(stretches(10, 6, 3)).toEqual([
    { from: 0, to: 6, scoreFrom: 1 },
    { from: 3, to: 9, scoreFrom: 6 },
    { from: 6, to: 10, scoreFrom: 9 },
  ]);
  expect(stretches(6, 6, 3)).toEqual([{ from: 0, to: 6, scoreFrom: 1 }]);
  expect(stretches(1, 6, 3)).toEqual([]);
});
