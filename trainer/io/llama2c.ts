import { Tokenizer } from "../data/tokenizer";
import { llamaConfig, type ModelConfig } from "../models/config";
import { parameterShapes } from "../models/initialise";
import { float32, sizeOf } from "../runtime/tree";
import { withFile } from "./binaryFile";
import { decodeFloats } from "./floats";
import type { ModelFolder } from "./modelFolder";
import { neighboursToHalves } from "./ropeOrder";
import type { Parameters } from "./safetensors";
import { type ScoredPiece, sentencePieceJson } from "./sentencePiece";
import { requireMemory } from "./weights";

const headerBytes = 28;

/** Reads llama2.c's .bin: seven int32, then float32 tensors grouped by kind; its RoPE pairs neighbours, ours pairs halves. */
export const readLlama2c = (path: string): { config: ModelConfig; parameters: Parameters } =>
  withFile(path, (file) => {
    const header = file.read(0, headerBytes);
    const [dim, hidden, layers, heads, kv, vocab, positions] = Array.from({ length: 7 }, (_, i) =>
      header.readInt32LE(4 * i),
    ) as [number, number, number, number, number, number, number];
    const sizes = [dim, hidden, layers, heads, kv, Math.abs(vocab), positions];
    if (sizes.some((n) => n <= 0 || n > 10_000_000) || layers > 1024 || dim % (2 * heads) !== 0 || heads % kv !== 0)
      throw file.bad(`is no llama2.c model of the first format: its sizes are ${sizes.join(", ")}`);
    const config = llamaConfig({
      hiddenSize: dim,
      intermediateSize: hidden,
      layers,
      heads,
      keyValueHeads: kv,
      vocabSize: Math.abs(vocab),
      maxPositions: positions,
      tied: vocab > 0,
      bosId: 1,
      eosId: 2,
    });
    const shapes = parameterShapes(config);
    const total = Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
    // The angles of RoPE lie between the last norm and an output of its own.
    const angles = positions * config.headSize;
    const needed = headerBytes + 4 * (total + angles);
    if (file.size !== needed) throw file.bad(`has ${file.size} bytes where its sizes need ${needed}`);
    requireMemory(path, total);
    const parameters: Parameters = {};
    let position = headerBytes;
    const take = (name: string) => {
      const shape = shapes[name] as number[];
      const data = new Float32Array(sizeOf(shape));
      const bytes = new Uint8Array(data.buffer);
      file.readInto(bytes, position);
      decodeFloats(bytes, "F32", data);
      position += bytes.length;
      const turned = /q_proj|k_proj/.test(name) ? neighboursToHalves(data, dim, config.headSize) : data;
      parameters[name] = float32(turned, shape);
    };
    const perLayer = (kind: string) => {
      for (let l = 0; l < layers; l++) take(`model.layers.${l}.${kind}.weight`);
    };
    take("model.embed_tokens.weight");
    for (const kind of ["input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]) perLayer(kind);
    for (const kind of ["self_attn.o_proj", "post_attention_layernorm"]) perLayer(kind);
    for (const kind of ["mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"]) perLayer(kind);
    take("model.norm.weight");
    position += 4 * angles;
    if (!config.tied) take("lm_head.weight");
    return { config, parameters };
  });

/** llama2.c's tokenizer file: int32 longest, then float32 score, int32 length and bytes of each piece. */
export const readLlama2cPieces = (path: string): ScoredPiece[] =>
  withFile(path, (file) => {
    const bytes = file.read(0, file.size);
    const pieces: ScoredPiece[] = [];
    for (let at = 4; at < bytes.length; ) {
      const length = at + 8 <= bytes.length ? bytes.readInt32LE(at + 4) : -1;
      if (length < 0 || at + 8 + length > bytes.length) throw file.bad(`is cut off at byte ${at}`);
      pieces.push({ score: bytes.readFloatLE(at), text: bytes.toString("utf8", at + 8, at + 8 + length) });
      at += 8 + length;
    }
    return pieces;
  });

/** A llama2.c model with its tokenizer, as a Hugging Face folder has them. */
export function loadLlama2c(path: string, tokenizerPath: string): ModelFolder {
  const { config, parameters } = readLlama2c(path);
  const names = ["<unk>", "<s>", "</s>"];
  const pieces = readLlama2cPieces(tokenizerPath).map(({ text, score }, id) => ({
    text: names[id] ?? text.replaceAll(" ", "▁"),
    score,
  }));
  const json = sentencePieceJson(pieces, {
    special: (id) => id < names.length,
    plain: (id) => id >= names.length && !/^<0x[0-9A-F]{2}>$/.test(pieces[id]?.text ?? ""),
    unknown: "<unk>",
    spaceInFront: true,
  });
  const tokenizer = new Tokenizer(json);
  return { config, head: "causal", parameters, tokenizer, chatTemplate: null, bosToken: "<s>", eosToken: "</s>" };
}
