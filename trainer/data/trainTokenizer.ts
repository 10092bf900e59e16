import { byteToChar, splitWords, toByteChars } from "./tokenizing/bytes";
import type { TokenizerJson } from "./tokenizing/schema";

/**
 * Learns a byte-level BPE of `vocabSize` tokens: the 256 bytes, the most frequent merges (ties to the pair seen first in
 * byte order, so the result is the same on every machine), and `endOfText` as the last id.
 */
export function trainTokenizer(texts: readonly string[], vocabSize: number, endOfText: string): TokenizerJson {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const entries = [...counts].map(([word, count]) => ({ parts: toByteChars(word), count }));
  const vocab: string[] = [...byteToChar].sort();
  const merges: string[] = [];
  const pairs = new PairCounts(entries);
  while (vocab.length < vocabSize - 1) {
    const best = pairs.mostFrequent();
    if (!best) break;
    pairs.merge(best);
    merges.push(best);
    vocab.push(best.replace(" ", ""));
  }
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: vocab.length,
        content: endOfText,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      } as never,
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab.map((piece, id) => [piece, id])),
      merges,
    } as TokenizerJson["model"],
  };
}

interface WordEntry {
  parts: string[];
  readonly count: number;
}

/** How often each adjacent pair occurs, kept up to date word by word. */
class PairCounts {
  private readonly counts = new Map<string, number>();
  private readonly places = new Map<string, Set<WordEntry>>();

  constructor(entries: readonly WordEntry[]) {
    for (const entry of entries) this.add(entry, 1);
  }

  private add(entry: WordEntry, sign: 1 | -1): void {
    for (let i = 0; i + 1 < entry.parts.length; i++) {
      const pair = `${entry.parts[i]} ${entry.parts[i + 1]}`;
      this.counts.set(pair, (this.counts.get(pair) ?? 0) + sign * entry.count);
      if (sign > 0) {
        const places = this.places.get(pair) ?? new Set();
        places.add(entry);
        this.places.set(pair, places);
      }
    }
  }

  mostFrequent(): string | null {
    let best: string | null = null;
    let most = 1;
    for (const [pair, count] of this.counts) {
      if (count > most || (count === most && best !== null && pair < best)) {
        best = pair;
        most = count;
      }
    }
    return best;
  }

  merge(pair: string): void {
    const [left, right] = pair.split(" ") as [string, string];
    for (const entry of this.places.get(pair) ?? []) {
      this.add(entry, -1);
      const parts: string[] = [];
      for (let i = 0; i < entry.parts.length; i++) {
        if (entry.parts[i] === left && entry.parts[i + 1] === right) {
          parts.push(left + right);
          i += 1;
        } else parts.push(entry.parts[i] as string);
      }
      entry.parts = parts;
      this.add(entry, 1);
    }
    this.counts.delete(pair);
    this.places.delete(pair);
  }
}
