import { readFileSync } from "node:fs";
import type { Parameters } from "@/trainer/io/safetensors";
import { type LlamaConfig, llamaConfig } from "@/trainer/models/config";
import { parameterShapes } from "@/trainer/models/initialise";

/** Reads llama2.c's .bin: seven int32, then float32 tensors grouped by kind; its RoPE pairs neighbours, ours pairs halves. */
export function readLlama2c(file: string): { config: LlamaConfig; parameters: Parameters } {
  const bytes = readFileSync(file);
  const [dim, hidden, layers, heads, kv, vocab, positions] = Array.from({ length: 7 }, (_, i) =>
    bytes.readInt32LE(4 * i),
  ) as number[];
  const config = llamaConfig({
    hiddenSize: dim as number,
    intermediateSize: hidden as number,
    layers: layers as number,
    heads: heads as number,
    keyValueHeads: kv as number,
    vocabSize: Math.abs(vocab as number),
    maxPositions: positions as number,
    tied: (vocab as number) > 0,
    bosId: 1,
    eosId: 2,
  });
  const floats = new Float32Array(Uint8Array.from(bytes.subarray(28)).buffer);
  const shapes = parameterShapes(config);
  const parameters: Parameters = {};
  let at = 0;
  const take = (name: string) => {
    const shape = shapes[name] as number[];
    const n = shape.reduce((a, b) => a * b, 1);
    parameters[name] = { dtype: "float32", shape, data: floats.slice(at, at + n) };
    at += n;
  };
  const perLayer = (kind: string) => {
    for (let l = 0; l < config.layers; l++) take(`model.layers.${l}.${kind}.weight`);
  };
  take("model.embed_tokens.weight");
  for (const kind of [
    "input_layernorm",
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
  ])
    perLayer(kind);
  for (const kind of ["post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"]) perLayer(kind);
  take("model.norm.weight");
  for (const [name, array] of Object.entries(parameters)) {
    if (/q_proj|k_proj/.test(name))
      parameters[name] = { ...array, data: neighboursToHalves(array.data as Float32Array, config) };
  }
  return { config, parameters };
}

/** Row 2i of a head goes to i, row 2i + 1 to i + half. */
function neighboursToHalves(data: Float32Array, { headSize, hiddenSize }: LlamaConfig): Float32Array {
  const out = new Float32Array(data.length);
  const half = headSize / 2;
  for (let row = 0; row < data.length / hiddenSize; row++) {
    const [head, k] = [Math.floor(row / headSize) * headSize, row % headSize];
    const to = head + (k % 2) * half + Math.floor(k / 2);
    out.set(data.subarray(row * hiddenSize, (row + 1) * hiddenSize), to * hiddenSize);
  }
  return out;
}

/** A piece of llama2.c's tokenizer: the merge that makes the piece with the highest score is done first. */
interface Piece {
  readonly text: string;
  readonly score: number;
}

/** llama2.c's tokenizer file: int32 longest, then float32 score, int32 length and bytes of each piece. */
function readPieces(file: string): Piece[] {
  const bytes = readFileSync(file);
  const pieces: Piece[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = bytes.readInt32LE(at + 4);
    pieces.push({ score: bytes.readFloatLE(at), text: bytes.toString("utf8", at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return pieces;
}

/** SentencePiece's BPE as llama2.c does it: a space before the text, characters or their bytes, best score first. */
export class Llama2cTokenizer {
  private readonly pieces: readonly Piece[];
  private readonly ids: ReadonlyMap<string, number>;
  readonly bos = 1;

  constructor(file: string) {
    this.pieces = readPieces(file);
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
        const score = id === undefined ? Number.NEGATIVE_INFINITY : (this.pieces[id] as Piece).score;
        if (id !== undefined && score > best.score) best = { score, at: i, id };
      }
      if (best.at < 0) return ids;
      ids = [...ids.slice(0, best.at), best.id, ...ids.slice(best.at + 2)];
    }
  }

  private readonly textOf = (id: number): string => (this.pieces[id] as Piece).text;

  /** The text of a whole story begins with a space. */
  decode(ids: readonly number[]): string {
    const parts = ids.map((id) =>
      id >= 3 && id < 259 ? Buffer.from([id - 3]) : Buffer.from(id < 3 ? "" : this.textOf(id)),
    );
    return Buffer.concat(parts).toString("utf8");
  }
}
