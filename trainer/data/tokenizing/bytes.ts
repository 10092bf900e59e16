/** GPT-2's reversible map from bytes to printable characters. */
export const byteToChar: readonly string[] = (() => {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable.includes(byte) ? byte : next++));
})();

export const charToByte: ReadonlyMap<string, number> = new Map(byteToChar.map((char, byte) => [char, byte]));

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const encoder = new TextEncoder();

/** UTF-8; half a surrogate pair becomes U+FFFD. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export const toByteChars = (word: string): string[] => Array.from(utf8(word), (byte) => byteToChar[byte] as string);

/** GPT-2's pre-tokeniser: contractions, words, numbers and symbols with one leading space, then runs of spaces. */
const words =
  /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

export const splitWords = (text: string): string[] => text.match(words) ?? [];
