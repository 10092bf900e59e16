import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { trainedMethods } from "@/trainer/adapters/capabilities";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { inFullPrecision } from "@/trainer/io/nf4/model";
import { openProvider } from "@/trainer/runtime/provider";
import { adapterCase, onBase } from "../helpers/adapterCase";
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
