/** The words of Llama 3 and what came after it; `digits` says how numbers are cut. */
const words = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

export const llama3Words = words("\\p{N}{1,3}");
export const qwen2Words = words("\\p{N}");

/** Patterns that are known to take time in proportion to the text: they need no watch. */
export const knownPatterns: ReadonlySet<string> = new Set([llama3Words, qwen2Words]);
