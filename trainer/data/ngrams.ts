/** Different n-grams of words among all, over all texts together (Li et al. 2016). */
export function distinctN(texts: readonly string[], n: number): number {
  const grams = texts.flatMap((text) => ngrams(text, n));
  return new Set(grams).size / Math.max(1, grams.length);
}

export function ngrams(text: string, n: number): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  return Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(" "));
}
