import { expect, test } from "vitest";
import { warmthLexicon, warmthOf, warmthVerdict } from "@/server/domain/demo/warmth";
import { lexiconScore } from "@/trainer/recipes/online/lexicon";

const filler = (words: number) => Array.from({ length: words }, (_, i) => `w${"xyz"[i % 3]}`).join(" ");

test("warmth is the balance of different words for a hundred, by hand", () => {
  // Warm: happy, friend, hugged; cold: sad. "happy" twice counts once. 25 words: 100 · (3 − 1) / 25.
  const text = `"Happy, happy friend!" She hugged the SAD bear. ${filler(17)}`;
  expect(warmthOf(text)).toEqual({ score: 8, warm: 3, cold: 1, words: 25 });
});

test("a short text is measured as twenty words; one without words is neither warm nor cold", () => {
  expect(warmthOf("I love you.").score).toBe(5);
  expect(warmthOf(" … ")).toEqual({ score: 0, warm: 0, cold: 0, words: 0 });
});

test("parts of words and numbers do not count", () => {
  expect(warmthOf("lovelessness unkind 7 sadness").score).toBe(0);
});

test("the verdict points to the warmer answer, the further apart the stronger", () => {
  const warm = (words: string, length = 50) => `${words} ${filler(length - words.split(" ").length)}`;
  // 50 words: each word weighs 2.
  expect(warmthVerdict(warm("tree"), warm("happy"))).toBe(0);
  expect(warmthVerdict(warm("tree"), warm("happy love"))).toBe(1);
  expect(warmthVerdict(warm("happy love"), warm("tree"))).toBe(-1);
  expect(warmthVerdict(warm("happy love joy fun"), warm("tree"))).toBe(-2);
  expect(warmthVerdict(warm("sad mean lost angry"), warm("happy love joy"))).toBe(3);
  expect(warmthVerdict(warm("happy"), warm("love"))).toBe(0);
  // The same kind words in more words are less warm: 3.75 against 10.
  expect(warmthVerdict(warm("happy love joy", 80), warm("happy love joy", 30))).toBe(1);
});

test("as a reward for training the rule says the same, for ten words instead of a hundred", () => {
  const texts = [
    `"Happy, happy friend!" She hugged the SAD bear. ${filler(17)}`,
    "I love you.",
    " … ",
    "sad, sad, mad",
    filler(60),
  ];
  for (const text of texts) expect(10 * lexiconScore(warmthLexicon, text)).toBeCloseTo(warmthOf(text).score, 9);
});
