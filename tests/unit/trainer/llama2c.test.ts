import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Llama2cTokenizer } from "@/tools/starter/llama2c";
import { TrainerError } from "@/trainer/contracts/error";
import { loadLlama2c, readLlama2c } from "@/trainer/io/llama2c";

const folder = mkdtempSync(join(tmpdir(), "llama2c-"));
const [model, pieces] = [join(folder, "model.bin"), join(folder, "tokenizer.bin")];

/** dim 4, hidden 6, 1 layer, 2 heads, 1 key/value head, 10 tokens, 8 places; numbers count up from 0. */
function modelBytes(vocab = 10): Buffer {
  const [dim, hidden, kv] = [4, 6, 2];
  const weights = 10 * dim + dim + dim * dim + 2 * kv * dim + dim * dim + dim + 3 * hidden * dim + dim;
  const total = weights + 8 * 2 + (vocab < 0 ? 10 * dim : 0);
  const bytes = Buffer.alloc(28 + 4 * total);
  [dim, hidden, 1, 2, 1, vocab, 8].forEach((n, i) => {
    bytes.writeInt32LE(n, 4 * i);
  });
  for (let i = 0; i < total; i++) bytes.writeFloatLE(i, 28 + 4 * i);
  return bytes;
}

const vocabulary = ["<unk>", "\n<s>\n", "\n</s>\n", " ", "a", "b", " a", "ab", " ab", "ba"];
function pieceBytes(texts: readonly string[] = vocabulary): Buffer {
  const each = texts.map((text, i) => {
    const head = Buffer.alloc(8);
    head.writeFloatLE(i < 6 ? 0 : -i);
    head.writeInt32LE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  });
  return Buffer.concat([Buffer.alloc(4), ...each]);
}

test("weights are found where the format puts them, and RoPE's neighbours become halves", () => {
  writeFileSync(model, modelBytes());
  const { config, parameters } = readLlama2c(model);
  expect(config).toMatchObject({ hiddenSize: 4, intermediateSize: 6, keyValueHeads: 1, vocabSize: 10, tied: true });
  const firstOf = (name: string) => parameters[name]?.data[0];
  expect(firstOf("model.embed_tokens.weight")).toBe(0);
  expect(firstOf("model.layers.0.input_layernorm.weight")).toBe(40);
  expect(firstOf("model.layers.0.self_attn.v_proj.weight")).toBe(44 + 16 + 8);
  // wo, then the second norm, w1 (gate), w2 (down), w3 (up), the last norm.
  expect(firstOf("model.layers.0.self_attn.o_proj.weight")).toBe(76);
  expect(firstOf("model.layers.0.mlp.gate_proj.weight")).toBe(96);
  expect(firstOf("model.layers.0.mlp.down_proj.weight")).toBe(120);
  expect(firstOf("model.layers.0.mlp.up_proj.weight")).toBe(144);
  expect(firstOf("model.norm.weight")).toBe(168);
  // Heads of two numbers: neighbours and halves are the same rows.
  expect(firstOf("model.layers.0.self_attn.q_proj.weight")).toBe(44);
  writeFileSync(model, modelBytes(-10));
  expect(readLlama2c(model).parameters["lm_head.weight"]?.data[0]).toBe(172 + 16);
});

test("its tokenizer becomes merges that give the same tokens as its own algorithm", () => {
  writeFileSync(model, modelBytes());
  writeFileSync(pieces, pieceBytes());
  const { tokenizer } = loadLlama2c(model, pieces);
  const own = new Llama2cTokenizer(pieces);
  for (const text of ["ab", "ba", "aab", "ab ab", "abba", "a b", " ab"])
    expect(tokenizer.encode(text), text).toEqual(own.encode(text));
  expect(tokenizer.decode(tokenizer.encode("ab ba"))).toBe("ab ba");
});

test("a file that is cut, too long or another's is an error that names it", () => {
  const good = modelBytes();
  const negative = Buffer.from(good);
  negative.writeInt32LE(-4, 0);
  const huge = Buffer.from(good);
  huge.writeInt32LE(2 ** 30, 20);
  for (const bytes of [good.subarray(0, 20), good.subarray(0, -4), Buffer.concat([good, good]), negative, huge]) {
    writeFileSync(model, bytes);
    expect(() => readLlama2c(model)).toThrow(TrainerError);
    expect(() => readLlama2c(model)).toThrow(model);
  }
  writeFileSync(model, good);
  writeFileSync(pieces, pieceBytes().subarray(0, -1));
  expect(() => loadLlama2c(model, pieces)).toThrow(/is cut off at byte/);
});
