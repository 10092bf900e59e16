import { expect, test } from "vitest";
import { beginningOf, wholeSentences } from "@/tools/demo/stories";
import { distinctN, ngrams } from "@/trainer/data/ngrams";
import { lengthGuess, wordGuess } from "../../bench/demo/baselines";

test("a continuation ends with its last whole sentence, quotes included", () => {
  expect(wholeSentences(' Tom ran. "Stop!" said Mum. Then he')).toBe(' Tom ran. "Stop!" said Mum.');
  expect(wholeSentences(' "Stop!" He said "no." and')).toBe(' "Stop!" He said "no."');
  expect(wholeSentences(" He ran and")).toBeNull();
  expect(wholeSentences(" It cost 3.5 coins")).toBeNull();
});

test("a beginning is the fewest of the first two sentences that make 40 characters", () => {
  expect(beginningOf("Once there was a big dog who liked to run. He was Max. He ran.")).toBe(
    "Once there was a big dog who liked to run.",
  );
  expect(beginningOf("Tom was sad. He had lost his favourite red ball. He cried.")).toBe(
    "Tom was sad. He had lost his favourite red ball.",
  );
  expect(beginningOf("Hi. Yes. No more than that can be said of it.")).toBeNull();
  expect(beginningOf(`${"very ".repeat(40)}long.`)).toBeNull();
});

const pair = (chosen: string, rejected: string) => ({ promptId: "p", chosen, rejected });

test("the length guess learns the direction; the word guess the one word that says most", () => {
  const train = [pair("a kind cat", "a dog that barked"), pair("kind", "a dog"), pair("a kind long story", "so")];
  const length = lengthGuess(train);
  expect(length.name).toBe("the shorter answer");
  expect([pair("ab", "abc"), pair("abc", "ab"), pair("a", "b")].map(length.guess)).toEqual([1, 0, 0.5]);
  const word = wordGuess(train);
  expect(word.name).toBe("the answer with “kind”");
  expect([pair("Kind.", "x"), pair("kindness", "kind"), pair("a", "b")].map(word.guess)).toEqual([1, 0, 0.5]);
  const without = wordGuess([pair("a", "bad a"), pair("b", "bad c")]);
  expect([without.name, without.guess(pair("good", "bad"))]).toEqual(["the answer without “bad”", 1]);
});

test("n-grams are of words whatever their case; distinct-n is the share of different ones over all texts", () => {
  expect(ngrams("The cat, the cat!", 2)).toEqual(["the cat", "cat the", "the cat"]);
  expect(distinctN(["The cat, the cat!"], 2)).toBeCloseTo(2 / 3);
  expect(distinctN(["a b", "a b"], 2)).toBe(0.5);
});
