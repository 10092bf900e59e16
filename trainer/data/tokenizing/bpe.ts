import { TrainerError } from "../../contracts/error";
import { utf8 } from "./bytes";
import type { BpeJson } from "./schema";

/** Above every id: two ids make one key. */
const base = 2 ** 24;

/** Byte-pair encoding (Sennrich et al. 2016) as Hugging Face's tokenizers computes it: the merge of lowest rank, leftmost first. */
export class Bpe {
  private readonly vocab: ReadonlyMap<string, number>;
  /** Rank of the merge of two ids. */
  private readonly ranks = new Map<number, number>();
  /** What the merge of that rank makes. */
  private readonly merged: number[] = [];
  private readonly cache = new Map<string, readonly number[]>();
  private readonly unknown: number | null;

  constructor(private readonly json: BpeJson) {
    this.vocab = new Map(Object.entries(json.vocab));
    json.merges.forEach((merge, rank) => {
      const [left, right] = typeof merge === "string" ? merge.split(" ") : merge;
      const ids = [left, right, `${left}${right}`].map((piece) => this.vocab.get(piece ?? ""));
      const [a, b, both] = ids as [number, number, number];
      if (ids.includes(undefined))
        throw new TrainerError(
          "bad_model",
          `tokenizer.json: merge ${rank + 1} (${String(merge).slice(0, 60)}) is of tokens that are not in the vocabulary.`,
        );
      this.ranks.set(a * base + b, rank);
      this.merged.push(both);
    });
    this.unknown = this.vocab.get(json.unk_token ?? "") ?? null;
  }

  idOf(piece: string): number | undefined {
    return this.vocab.get(piece);
  }

  /** Ids of one word. */
  encode(word: string): readonly number[] {
    const cached = this.cache.get(word);
    if (cached) return cached;
    const whole = this.json.ignore_merges ? this.vocab.get(word) : undefined;
    const ids = whole === undefined ? this.merge(this.symbols(word)) : [whole];
    if (word.length < 64 && this.cache.size < 50_000) this.cache.set(word, ids);
    return ids;
  }

  /** A word's characters as ids; those without one become their bytes, or the token for what is unknown, or are left out. */
  private symbols(word: string): number[] {
    const ids: number[] = [];
    let unknownBefore = false;
    for (const char of word) {
      const id = this.vocab.get(char);
      const known = id === undefined ? this.bytes(char) : [id];
      if (known) ids.push(...known);
      else if (this.unknown !== null && !(unknownBefore && this.json.fuse_unk)) ids.push(this.unknown);
      unknownBefore = !known;
    }
    return ids;
  }

  private bytes(char: string): number[] | null {
    if (!this.json.byte_fallback) return null;
    const ids = Array.from(utf8(char), (byte) =>
      this.vocab.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
    );
    return ids.includes(undefined) ? null : (ids as number[]);
  }

  private merge(ids: number[]): readonly number[] {
    const n = ids.length;
    const next = Int32Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : -1));
    const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
    const queue = new Queue();
    const rankAt = (at: number): number | undefined =>
      next[at] === -1 ? undefined : this.ranks.get((ids[at] as number) * base + (ids[next[at] as number] as number));
    const offer = (at: number) => {
      const rank = rankAt(at);
      if (rank !== undefined) queue.push(rank * n + at);
    };
    for (let at = 0; at + 1 < n; at++) offer(at);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const at = key % n;
      const rank = Math.floor(key / n);
      // Merged away, or another pair by now.
      if (ids[at] === -1 || rankAt(at) !== rank) continue;
      const gone = next[at] as number;
      ids[at] = this.merged[rank] as number;
      ids[gone] = -1;
      next[at] = next[gone] as number;
      if (next[at] !== -1) previous[next[at] as number] = at;
      if (previous[at] !== -1) offer(previous[at] as number);
      offer(at);
    }
    return ids.filter((id) => id !== -1);
  }
}

/** Numbers, smallest first: a binary heap. */
class Queue {
  private readonly heap: number[] = [];

  push(key: number): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) <= key) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = key;
  }

  pop(): number | undefined {
    const { heap } = this;
    const [top] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
