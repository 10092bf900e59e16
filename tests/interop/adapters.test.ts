import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { trainedMethods } from "@/trainer/adapters/capabilities";
import { openModel } from "@/trainer/adapters/openModel";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { inFullPrecision } from "@/trainer/io/nf4/model";
import type { TensorParameters } from "@/trainer/models/tensors";
import { hiddenStates, scoresOf } from "@/trainer/models/transformer";
import { openProvider } from "@/trainer/runtime/provider";
import type * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32, zeros } from "@/trainer/runtime/tree";
import { adapterCase, moved, onBase } from "../helpers/adapterCase";
import { largestGap, logits } from "../helpers/logits";
import { tinyFamily } from "../helpers/tinyFamilies";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with torch, transformers and peft.");
const ids = [5, 9, 100, 7, 8, 250, 31, 44];

test.skipIf(!python)("PEFT loads every adapter that we write and computes our logits within 1e-4", async () => {
  const root = mkdtempSync(join(tmpdir(), "peft-"));
  const provider = await openProvider("onnx-cpu");
  const cases: { name: string; base: string; adapter: string; ours: Float32Array }[] = [];
  for (const family of ["llama, as SmolLM2", "gpt2"]) {
    const model = tinyFamily(family);
    for (const [name, { settings }] of Object.entries(trainedMethods)) {
      const own = adapterCase(model, settings, 0.05);
      const adapter = join(root, `${family} ${name}`);
      const base = join(root, `${family} ${own.config.baseWeights}`);
      // PEFT has no weights in 4 bits here: it gets what they stand for.
      if (!existsSync(base)) saveModelFolder(base, inFullPrecision(own.base), "", "F32");
      const parameters = { ...own.trained, ...own.kept };
      saveAdapterFolder(adapter, { config: own.config, parameters, head: "causal", baseModel: base }, model, "");
      cases.push({ name: `${family}: ${name}`, base, adapter, ours: await logits(provider, onBase(own), ids) });
    }
  }
  await provider.close();
  const file = join(root, "spec.json");
  writeFileSync(file, JSON.stringify({ ids, cases: cases.map(({ base, adapter }) => ({ base, adapter })) }));
  const out = execFileSync(python as string, [resolve("tests/interop/adapters.py"), file], {
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const theirs = JSON.parse(String(out)) as number[][];
  for (const [i, { name, ours }] of cases.entries()) {
    expect(largestGap(ours, theirs[i] as number[]), name).toBeLessThan(1e-4);
  }
});

const kinds = ["LoRA", "LoRA on some projections", "rsLoRA", "DoRA", "prompt", "prefix", "prefix through a network"];

test.skipIf(!python)("adapters that PEFT makes and saves are opened here with its logits within 1e-4", async () => {
  const root = mkdtempSync(join(tmpdir(), "theirs-"));
  const cases = ["llama, as SmolLM2", "gpt2"].flatMap((family) => {
    const base = join(root, family);
    saveModelFolder(base, tinyFamily(family), "", "F32");
    return kinds.map((kind) => ({ base, kind, out: join(root, `${family} ${kind}`) }));
  });
  const file = join(root, "spec.json");
  writeFileSync(file, JSON.stringify({ ids, cases }));
  const out = execFileSync(python as string, [resolve("tests/interop/peftWriter.py"), file], {
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const theirs = JSON.parse(String(out)) as number[][];
  const provider = await openProvider("onnx-cpu");
  for (const [i, { kind, out: folder, base }] of cases.entries()) {
    const gap = largestGap(await logits(provider, openModel(folder), ids), theirs[i] as number[]);
    expect(gap, `${base}: ${kind}`).toBeLessThan(1e-4);
  }
  await provider.close();
});

test.skipIf(!python)("PEFT loads a reward model that is an adapter and gives its scores within 1e-4", async () => {
  const root = mkdtempSync(join(tmpdir(), "reward-"));
  const provider = await openProvider("onnx-cpu");
  const cases: { base: string; adapter: string; head: "reward"; ours: number }[] = [];
  for (const family of ["llama, as SmolLM2", "gpt2"]) {
    const model = tinyFamily(family);
    const base = join(root, family);
    saveModelFolder(base, model, "", "F32");
    const own = adapterCase(model, { method: "lora" }, 0.05);
    const score = moved({ "score.weight": zeros([1, model.config.hiddenSize]) }, 0.3);
    const parameters = { ...own.trained, ...score };
    const adapter = join(root, `${family} judge`);
    saveAdapterFolder(adapter, { config: own.config, parameters, head: "reward", baseModel: base }, model, "");
    const { config, parameters: all } = openModel(adapter);
    const program = (p: TensorParameters, input: tf.Tensor) => scoresOf(p, hiddenStates(p, config, input));
    const args = [all, int32(ids, [1, ids.length])] as never;
    const compiled = await provider.compile(program as never, args);
    const { data } = (await compiled.run(args)) as unknown as HostArray;
    await compiled.dispose();
    cases.push({ base, adapter, head: "reward", ours: data.at(-1) as number });
  }
  await provider.close();
  const file = join(root, "spec.json");
  writeFileSync(file, JSON.stringify({ ids, cases }));
  const out = execFileSync(python as string, [resolve("tests/interop/adapters.py"), file], {
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const theirs = JSON.parse(String(out)) as number[][];
  for (const [i, { ours, base }] of cases.entries())
    expect(Math.abs(ours - (theirs[i]?.[0] as number)), base).toBeLessThan(1e-4);
});
