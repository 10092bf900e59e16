import type { Lexicon } from "../../contracts/online";

/** A text's words as a lexicon sees them: runs of Latin letters and apostrophes, in lower case. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]+(?:'[a-z]+)*/g) ?? [];

/** The weights of the different words, for a text of `perWords` words. */
export function lexiconScore({ weights, perWords, fewestWords }: Lexicon, text: string): number {
  const words = wordsOf(text);
  const sum = [...new Set(words)].reduce((total, word) => total + (weights[word] ?? 0), 0);
  return (perWords * sum) / Math.max(words.length, fewestWords);
}
