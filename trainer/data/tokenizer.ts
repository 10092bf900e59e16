import { TrainerError } from "../contracts/error";

/** The parts of a Hugging Face tokenizer.json that a byte-level BPE without normaliser uses. */
export interface TokenizerJson {
  readonly version: "1.0";
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly pre_tokenizer: { readonly type: string; readonly add_prefix_space?: boolean };
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
  };
  readonly [other: string]: unknown;
}

/** GPT-2's reversible map from bytes to printable characters. */
export const byteToChar: readonly string[] = (() => {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable.includes(byte) ? byte : next++));
})();
const charToByte = new Map(byteToChar.map((char, byte) => [char, byte]));

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** GPT-2's pre-tokeniser: contractions, words, numbers and symbols with one leading space, then runs of spaces. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

export const splitWords = (text: string): string[] => text.match(words) ?? [];

const encoder = new TextEncoder();
export const toByteChars = (word: string): string[] =>
  Array.from(encoder.encode(word), (byte) => byteToChar[byte] as string);

/** Byte-level BPE (Sennrich et al. 2016, as in GPT-2), read from a tokenizer.json. */
export class Tokenizer {
  private readonly vocab: ReadonlyMap<string, number>;
  private readonly pieces: ReadonlyMap<number, string>;
  private readonly ranks: ReadonlyMap<string, number>;
  private readonly special: ReadonlyMap<string, number>;
  private readonly specialIds: ReadonlySet<number>;
  private readonly specialPattern: RegExp | null;
  private readonly cache = new Map<string, readonly number[]>();

  constructor(readonly json: TokenizerJson) {
    if (json.model?.type !== "BPE" || json.pre_tokenizer?.type !== "ByteLevel") {
      throw new TrainerError(
        "bad_model",
        `tokenizer.json: model ${json.model?.type} with pre-tokeniser ${json.pre_tokenizer?.type} is not read yet; byte-level BPE is.`,
      );
    }
    this.vocab = new Map(Object.entries(json.model.vocab));
    this.special = new Map(json.added_tokens.map(({ content, id }) => [content, id]));
    this.specialIds = new Set(this.special.values());
    this.pieces = new Map([...this.vocab, ...this.special].map(([piece, id]) => [id, piece]));
    this.ranks = new Map(json.model.merges.map((m, rank) => [typeof m === "string" ? m : m.join(" "), rank]));
    const escaped = [...this.special.keys()].map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.specialPattern = escaped.length > 0 ? new RegExp(`(${escaped.join("|")})`) : null;
  }

  get size(): number {
    return Math.max(...this.pieces.keys()) + 1;
  }

  idOf(piece: string): number | undefined {
    return this.special.get(piece) ?? this.vocab.get(piece);
  }

  /** Token ids of a text. Special tokens written out in the text become their ids only with `special`. */
  encode(text: string, { special = false }: { readonly special?: boolean } = {}): number[] {
    const parts = special && this.specialPattern ? text.split(this.specialPattern) : [text];
    return parts.flatMap((part) => {
      const id = special ? this.special.get(part) : undefined;
      return id === undefined ? splitWords(part).flatMap((word) => this.encodeWord(word)) : [id];
    });
  }

  private encodeWord(word: string): readonly number[] {
    const cached = this.cache.get(word);
    if (cached) return cached;
    let parts = toByteChars(word);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 1 < parts.length; i++)
        best = Math.min(best, this.ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? best);
      if (best === Number.POSITIVE_INFINITY) break;
      parts = this.mergeAll(parts, best);
    }
    const ids = parts.map((part) => {
      const id = this.vocab.get(part);
      if (id === undefined)
        throw new TrainerError("bad_model", `tokenizer.json has no token for the byte piece ${part}.`);
      return id;
    });
    if (this.cache.size < 50_000) this.cache.set(word, ids);
    return ids;
  }

  private mergeAll(parts: readonly string[], rank: number): string[] {
    const merged: string[] = [];
    for (let i = 0; i < parts.length; i++) {
      const [left, right] = [parts[i] as string, parts[i + 1]];
      if (right !== undefined && this.ranks.get(`${left} ${right}`) === rank) {
        merged.push(left + right);
        i += 1;
      } else merged.push(left);
    }
    return merged;
  }

  /** The bytes of one token; special tokens have none. */
  bytesOf(id: number): Uint8Array {
    if (this.specialIds.has(id)) return new Uint8Array();
    return Uint8Array.from(this.pieces.get(id) ?? "", (char) => charToByte.get(char) ?? 0);
  }

  decode(ids: readonly number[]): string {
    return Buffer.concat(ids.map((id) => this.bytesOf(id))).toString("utf8");
  }

  /** A decoder for streaming: returns text as it becomes whole, never half a character. */
  streamDecoder(): { push(id: number): string; end(): string } {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return { push: (id) => decoder.decode(this.bytesOf(id), { stream: true }), end: () => decoder.decode() };
  }
}
