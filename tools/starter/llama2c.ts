import { readLlama2cPieces } from "@/trainer/io/llama2c";
import type { ScoredPiece } from "@/trainer/io/sentencePiece";

/** SentencePiece's BPE as llama2.c does it: a space before the text, characters or their bytes, best score first. */
export class Llama2cTokenizer {
  private readonly pieces: readonly ScoredPiece[];
  private readonly ids: ReadonlyMap<string, number>;
  readonly bos = 1;

  constructor(file: string) {
    this.pieces = readLlama2cPieces(file);
    this.ids = new Map(this.pieces.map(({ text }, id) => [text, id]));
  }

  /** Ids without begin and end of text. */
  encode(text: string): number[] {
    let ids = Array.from(` ${text}`).flatMap((char) => {
      const id = this.ids.get(char);
      // The bytes follow <unk>, <s> and </s>.
      return id === undefined ? Array.from(Buffer.from(char), (byte) => byte + 3) : [id];
    });
    for (;;) {
      let best = { score: Number.NEGATIVE_INFINITY, at: -1, id: -1 };
      for (let i = 0; i + 1 < ids.length; i++) {
        const id = this.ids.get(this.textOf(ids[i] as number) + this.textOf(ids[i + 1] as number));
        const score = id === undefined ? Number.NEGATIVE_INFINITY : (this.pieces[id] as ScoredPiece).score;
        if (id !== undefined && score > best.score) best = { score, at: i, id };
      }
      if (best.at < 0) return ids;
      ids = [...ids.slice(0, best.at), best.id, ...ids.slice(best.at + 2)];
    }
  }

  private readonly textOf = (id: number): string => (this.pieces[id] as ScoredPiece).text;

  /** The text of a whole story begins with a space. */
  decode(ids: readonly number[]): string {
    const parts = ids.map((id) =>
      id >= 3 && id < 259 ? Buffer.from([id - 3]) : Buffer.from(id < 3 ? "" : this.textOf(id)),
    );
    return Buffer.concat(parts).toString("utf8");
  }
}
