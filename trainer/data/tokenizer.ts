import { TrainerError } from "../contracts/error";
import { withTimeLimit } from "./timeLimit";
import { AddedTokens, type Part } from "./tokenizing/addedTokens";
import { Bpe } from "./tokenizing/bpe";
import { charToByte, utf8 } from "./tokenizing/bytes";
import { knownPatterns } from "./tokenizing/knownPatterns";
import { normaliserOf } from "./tokenizing/normalise";
import { flattened, parseTokenizerJson, patternsOf, type TokenizerJson } from "./tokenizing/schema";
import { splitterOf } from "./tokenizing/split";

interface EncodeOptions {
  /** Special tokens that are written out in the text become their ids. */
  readonly special?: boolean;
  /** The text goes on from other text: nothing is put in front of it. */
  readonly continues?: boolean;
}

/** Milliseconds for a text of so many characters, far above what any tokenizer needs. */
const mostTime = (characters: number): number => 2_000 + characters / 10;

/** A tokenizer.json with a BPE model: byte-level as GPT-2's, or SentencePiece's with or without byte fallback. */
export class Tokenizer {
  private readonly bpe: Bpe;
  private readonly normalise: ReturnType<typeof normaliserOf>;
  private readonly split: ReturnType<typeof splitterOf>;
  /** Added tokens to find in the text as it is, and in the normalised one; with special ones and without. */
  private readonly finders: Readonly<Record<"all" | "plain", readonly [raw: AddedTokens, normalised: AddedTokens]>>;
  private readonly added: ReadonlyMap<string, number>;
  private readonly addedIds: ReadonlySet<number>;
  private readonly bytes: ReadonlyMap<number, Uint8Array>;
  /** The first space of a decoded text is the one that encoding put there. */
  private readonly dropsFirstSpace: boolean;
  /** Its patterns are unknown ones: a hostile pattern can take time without end. */
  private readonly watched: boolean;
  readonly size: number;

  constructor(readonly json: TokenizerJson) {
    const { added_tokens, normalizer, pre_tokenizer, decoder, model } = parseTokenizerJson(json);
    this.bpe = new Bpe(model);
    this.normalise = normaliserOf(normalizer);
    this.split = splitterOf(pre_tokenizer);
    const components = [...flattened(normalizer, "normalizers"), ...flattened(pre_tokenizer, "pretokenizers")];
    this.watched = patternsOf(components).some((pattern) => !knownPatterns.has(pattern));
    const plain = added_tokens.filter((token) => !token.special);
    const finders = (tokens: typeof added_tokens) => {
      const of = (normalized: boolean) => new AddedTokens(tokens.filter((t) => t.normalized === normalized));
      return [of(false), of(true)] as const;
    };
    this.finders = { all: finders(added_tokens), plain: finders(plain) };
    this.added = new Map(added_tokens.map(({ content, id }) => [content, id]));
    this.addedIds = new Set(this.added.values());
    const decoders = flattened(decoder, "decoders");
    const byteLevel = [...decoders, ...flattened(pre_tokenizer, "pretokenizers")].some((c) => c.type === "ByteLevel");
    this.dropsFirstSpace = decoders.some(
      (d) => (d.type === "Strip" && Number(d.start) > 0) || (d.type === "Metaspace" && d.prepend_scheme !== "never"),
    );
    const bytesOf = byteLevel ? byteLevelBytes : sentencePieceBytes;
    this.bytes = new Map([
      ...Object.entries(model.vocab).map(([piece, id]): [number, Uint8Array] => [id, bytesOf(piece)]),
      ...added_tokens.map(({ id, content, special }): [number, Uint8Array] => [id, utf8(special ? "" : content)]),
    ]);
    this.size = Array.from(this.bytes.keys()).reduce((most, id) => Math.max(most, id + 1), 0);
  }

  idOf(piece: string): number | undefined {
    return this.added.get(piece) ?? this.bpe.idOf(piece);
  }

  /** Token ids of a text. */
  encode(text: string, options: EncodeOptions = {}): number[] {
    if (!this.watched) return this.encodeNow(text, options);
    const tooLong = () =>
      new TrainerError(
        "bad_model",
        `tokenizer.json: its patterns take longer than ${Math.round(mostTime(text.length) / 1000)} seconds for a text of ${text.length} characters. Take another model.`,
      );
    return withTimeLimit(mostTime(text.length), () => this.encodeNow(text, options), tooLong);
  }

  private encodeNow(text: string, { special = false, continues = false }: EncodeOptions): number[] {
    const [raw, normalised] = this.finders[special ? "all" : "plain"];
    const whole = /\p{Surrogate}/u.test(text) ? Buffer.from(text).toString() : text;
    let first = true;
    const encoded = (part: Part, encode: (text: string, first: boolean) => number[]) => {
      const ids = "id" in part ? [part.id] : encode(part.text, first);
      first = false;
      return ids;
    };
    return raw
      .split(whole)
      .flatMap((part, i) =>
        "id" in part
          ? encoded(part, () => [])
          : normalised
              .split(this.normalise(part.text, continues && i === 0))
              .flatMap((inner) => encoded(inner, (piece, isFirst) => this.words(piece, isFirst, continues))),
      );
  }

  private words(text: string, first: boolean, continues: boolean): number[] {
    return this.split({ text, first: first && !continues, continues: first && continues }).flatMap((word) => [
      ...this.bpe.encode(word),
    ]);
  }

  /** The id is of an added token. */
  isAdded(id: number): boolean {
    return this.addedIds.has(id);
  }

  decode(ids: readonly number[]): string {
    const decoder = this.streamDecoder();
    return ids.map((id) => decoder.push(id)).join("") + decoder.end();
  }

  /** A decoder for streaming: returns text as it becomes whole, never half a character. Special tokens have no text. */
  streamDecoder(): { push(id: number): string; end(): string } {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let atStart = this.dropsFirstSpace;
    return {
      push: (id) => {
        const bytes = this.bytes.get(id) ?? new Uint8Array();
        const text = decoder.decode(bytes, { stream: true });
        if (!atStart || bytes.length === 0) return text;
        atStart = false;
        return text.replace(/^ /, "");
      },
      end: () => decoder.decode(),
    };
  }
}

/** A piece of GPT-2's characters as bytes; one with other characters as its text. */
function byteLevelBytes(piece: string): Uint8Array {
  const bytes = Array.from(piece, (char) => charToByte.get(char));
  return bytes.includes(undefined) ? utf8(piece) : Uint8Array.from(bytes as number[]);
}

/** <0x0A> is a byte, ▁ a space. */
function sentencePieceBytes(piece: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return byte ? Uint8Array.of(Number.parseInt(byte[1] as string, 16)) : utf8(piece.replaceAll("▁", " "));
}
