import { readFileSync } from "node:fs";
import type { Parameters } from "@/trainer/io/safetensors";
import type { LlamaConfig } from "@/trainer/models/config";
import { parameterShapes } from "@/trainer/models/initialise";

/** Reads llama2.c's .bin: seven int32, then float32 tensors grouped by kind; its RoPE pairs neighbours, ours pairs halves. */
export function readLlama2c(file: string): { config: LlamaConfig; parameters: Parameters } {
  const bytes = readFileSync(file);
  const [dim, hidden, layers, heads, kv, vocab, positions] = Array.from({ length: 7 }, (_, i) =>
    bytes.readInt32LE(4 * i),
  ) as number[];
  const config: LlamaConfig = {
    hiddenSize: dim as number,
    intermediateSize: hidden as number,
    layers: layers as number,
    heads: heads as number,
    keyValueHeads: kv as number,
    headSize: (dim as number) / (heads as number),
    vocabSize: Math.abs(vocab as number),
    maxPositions: positions as number,
    ropeTheta: 10_000,
    normEpsilon: 1e-5,
    tied: (vocab as number) > 0,
    bosId: 1,
    eosId: 2,
  };
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

interface Piece {
  readonly text: string;
  readonly score: number;
}

/** llama2.c's tokenizer file: int32 longest, then score, length and bytes of each piece. */
function readScoredPieces(file: string): Piece[] {
  const bytes = readFileSync(file);
  const pieces: Piece[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = bytes.readInt32LE(at + 4);
    pieces.push({ score: bytes.readFloatLE(at), text: bytes.toString("utf8", at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return pieces;
}

export const readPieces = (file: string): string[] => readScoredPieces(file).map(({ text }) => text);

/** Encodes as llama2.c does: a space in front, characters (or bytes, from id 3 on), then the neighbours with the best score joined. */
export function llama2cEncoder(file: string): (text: string) => number[] {
  const pieces = readScoredPieces(file);
  const idOf = new Map(pieces.map(({ text }, id) => [text, id]));
  return (text) => {
    const ids = Array.from(` ${text}`).flatMap((c) => idOf.get(c) ?? [...Buffer.from(c)].map((byte) => byte + 3));
    for (;;) {
      let best: { at: number; id: number; score: number } | null = null;
      for (let at = 0; at + 1 < ids.length; at++) {
        const joined = idOf.get(`${pieces[ids[at] as number]?.text}${pieces[ids[at + 1] as number]?.text}`);
        const score = joined === undefined ? Number.NEGATIVE_INFINITY : (pieces[joined] as Piece).score;
        if (joined !== undefined && score > (best?.score ?? Number.NEGATIVE_INFINITY)) best = { at, id: joined, score };
      }
      if (!best) return ids;
      ids.splice(best.at, 2, best.id);
    }
  };
}
