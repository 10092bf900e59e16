import fc from "fast-check";
import { expect, test } from "vitest";
import { Tokenizer } from "@/trainer/data/tokenizer";
import { trainTokenizer } from "@/trainer/data/trainTokenizer";

const end = "<|endoftext|>";

// By hand: in "aaab aaab ab" the words are "aaab", " aaab", " ab". Pairs: a·a 2+2 = 4, a·b 1+1+1 = 3, Ġ·a 2. First merge a·a;
// then "aaab" is aa·a·b: a·b 3, aa·a 2, Ġ·aa 1, Ġ·a 1. Second merge a·b.
test("merges are learned by frequency, as worked out by hand", () => {
  const json = trainTokenizer(["aaab aaab ab"], 259, end);
  expect(json.model.merges).toEqual(["a a", "a b"]);
  expect(json.added_tokens[0]).toMatchObject({ id: 258, content: end });
});

const tokenizer = new Tokenizer(trainTokenizer(["the cat sat on the mat, the dog ran after the cat"], 300, end));

test("any text comes back, byte for byte", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => tokenizer.decode(tokenizer.encode(text)) === text));
  for (const text of ["你好，世界", "a\u0000b", "  two  spaces ", "👩‍👩‍👧"])
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test("a special token is one only where the caller says so", () => {
  expect(tokenizer.encode(end, { special: true })).toEqual([tokenizer.size - 1]);
  expect(tokenizer.encode(end).length).toBeGreaterThan(1);
});

test("a stream never shows half a character", () => {
  const decoder = tokenizer.streamDecoder();
  const pieces = tokenizer.encode("é你👍").map((id) => decoder.push(id));
  expect([...pieces, decoder.end()].join("")).toBe("é你👍");
  expect(pieces.join("")).not.toContain("\ufffd");
});
