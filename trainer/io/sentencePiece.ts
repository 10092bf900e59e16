import type { TokenizerJson } from "../data/tokenizing/schema";

/** A piece of a SentencePiece model: the merge that makes the piece with the highest score is done first. */
export interface ScoredPiece {
  readonly text: string;
  readonly score: number;
}

export interface SentencePieceKind {
  readonly special: (id: number) => boolean;
  /** Pieces that merges make: neither bytes nor special. */
  readonly plain: (id: number) => boolean;
  readonly unknown: string | null;
  readonly spaceInFront: boolean;
}

/** Every way to put a piece together out of two others, best score first, then as transformers orders them. */
function mergesOf(pieces: readonly ScoredPiece[], plain: (id: number) => boolean): [string, string][] {
  const ids = new Map(pieces.map(({ text }, id) => [text, id]));
  const idOf = (text: string) => ids.get(text) as number;
  const merges = pieces.flatMap(({ text, score }, id) => {
    const characters = plain(id) ? Array.from(text) : [];
    const ways = characters.slice(1).map((_, i) => {
      const [left, right] = [characters.slice(0, i + 1).join(""), characters.slice(i + 1).join("")];
      return { left, right, lengths: [i + 1, characters.length - i - 1] as const, score };
    });
    return ways
      .filter(({ left, right }) => ids.has(left) && ids.has(right))
      .sort((a, b) => idOf(a.left) - idOf(b.left) || idOf(a.right) - idOf(b.right));
  });
  merges.sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
  return merges.map(({ left, right }) => [left, right]);
}

/** A SentencePiece BPE with byte fallback as the tokenizer.json that transformers makes of it. */
export function sentencePieceJson(pieces: readonly ScoredPiece[], kind: SentencePieceKind): TokenizerJson {
  const replace = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: pieces.flatMap(({ text: content }, id) => (kind.special(id) ? [{ id, content, ...flags }] : [])),
    normalizer: kind.spaceInFront
      ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, replace] }
      : replace,
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(kind.spaceInFront ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: "BPE",
      unk_token: kind.unknown,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
      merges: mergesOf(pieces, kind.plain),
    } as TokenizerJson["model"],
  };
}
