import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import { quantisations } from "@/trainer/io/gguf/dequantise";
import { readGguf } from "@/trainer/io/gguf/model";
import type { TensorParameters } from "@/trainer/models/tensors";
import { hiddenStates, logitsOf } from "@/trainer/models/transformer";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import type * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";
import { tinyModel } from "../helpers/tinyModel";
import { variedTexts } from "../helpers/variedTexts";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with torch, transformers and gguf.");

const folder = mkdtempSync(join(tmpdir(), "gguf-"));
const { tokenizer } = tinyModel();
const tokens = [...Object.keys(tokenizer.json.model.vocab), "<|endoftext|>"];
const ids = Array.from({ length: 20 }, (_, i) => (i * 37 + 5) % 260);
const texts = variedTexts(200, new Random(4));
let provider: Provider;

beforeAll(async () => {
  if (!python) return;
  const merges = tokenizer.json.model.merges;
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ tokens, merges, ids, texts }));
  execFileSync(python, [resolve("tests/interop/gguf.py"), folder], { stdio: ["ignore", "ignore", "inherit"] });
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider?.close());

test.skipIf(!python)("random blocks of every quantisation are what PyPI's gguf makes of them, bit for bit", () => {
  const blocks: Record<string, Record<"bytes" | "values", string>> = JSON.parse(
    readFileSync(join(folder, "blocks.json"), "utf8"),
  );
  for (const [name, { bytes, values }] of Object.entries(blocks)) {
    const quantisation = [...quantisations.values()].find((q) => q.name === name);
    const expected = new Float32Array(Uint8Array.from(Buffer.from(values as string, "base64")).buffer);
    const out = new Float32Array(expected.length);
    quantisation?.decode(Uint8Array.from(Buffer.from(bytes as string, "base64")), out);
    const differing = out.findIndex((x, i) => !Object.is(x, expected[i]));
    expect(differing, `${name}, number ${differing}`).toBe(-1);
  }
});

test.skipIf(!python)("each architecture's file has transformers' logits within 1e-3, and its tokens", async () => {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.gguf")));
  expect(names.length).toBe(8);
  for (const name of names) {
    const { config, parameters, tokenizer: own } = readGguf(join(folder, name, "model.gguf"));
    const answers: { logits: number[][]; ids: number[][] } = JSON.parse(
      readFileSync(join(folder, name, "answers.json"), "utf8"),
    );
    const program = (p: TensorParameters, input: tf.Tensor) => logitsOf(p, config, hiddenStates(p, config, input));
    const args = [parameters, int32(ids, [1, ids.length])] as never;
    const compiled = await provider.compile(program as never, args);
    const { data } = (await compiled.run(args)) as unknown as HostArray;
    const gap = answers.logits.flat().reduce((most, z, i) => Math.max(most, Math.abs(z - (data[i] as number))), 0);
    expect(gap, name).toBeLessThan(1e-3);
    texts.forEach((text, i) => {
      expect(own.encode(text, { special: true }), `${name}: ${text}`).toEqual(answers.ids[i]);
    });
    await compiled.dispose();
  }
});
