import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capabilities, type Promises } from "@/trainer/adapters/capabilities";
import { merged, openModel } from "@/trainer/adapters/openModel";
import { collatePairs } from "@/trainer/data/preferences";
import { completeOnce } from "@/trainer/generation/generate";
import { type ModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import type { TensorParameters } from "@/trainer/models/tensors";
import { hiddenStates, logitsOf } from "@/trainer/models/transformer";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";
import { type CaseSettings, capabilityCase, onBase, saveCase } from "../../helpers/adapterCase";
import { largestGap, logits } from "../../helpers/logits";
import { plainLogProb } from "../../helpers/plainLlama";
import { tinyFamily } from "../../helpers/tinyFamilies";

/** Holds every method to its row of the capability table, on grouped-query Llama and on GPT-2. */
let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const ids = [5, 9, 100, 7, 8, 250, 31, 44];
const rows = Object.entries(capabilities) as [string, Promises & { settings: CaseSettings }][];
const bases = { "grouped-query Llama": tinyFamily("llama, as SmolLM2"), "GPT-2": tinyFamily("gpt2") };
const projections = /\.(\w+_proj|c_attn|c_proj|c_fc)\.weight$/;
/** Logits here are of order one to ten; float32 programs that compute the same in another order differ by this. */
const rounding = 1e-4;

describe.each(Object.entries(bases))("%s", (_, whole) => {
  describe.each(rows)("%s", (_name, row) => {
    const { base } = capabilityCase(whole, row.settings, 0);
    const started = () => capabilityCase(base, row.settings, 0);
    const moved = () => capabilityCase(base, row.settings, 0.05);

    test(`starts as the base: ${row.startsAsBase}`, async () => {
      const gap = largestGap(await logits(provider, onBase(started()), ids), await logits(provider, base, ids));
      if (row.startsAsBase === "exactly") expect(gap).toBe(0);
      else if (row.startsAsBase === "to rounding") expect(gap).toBeLessThan(rounding);
      else expect(gap).toBeGreaterThan(0.01);
    });

    test("off is the base, whose weights are held once and never written", async () => {
      const before = Object.values(base.parameters).map(({ data }) => data.slice());
      const on = onBase(moved());
      expect(largestGap(await logits(provider, on, ids), await logits(provider, base, ids))).toBeGreaterThan(0.01);
      const off = on.parts?.base as ModelFolder;
      expect(await logits(provider, off, ids)).toEqual(await logits(provider, base, ids));
      for (const [name, array] of Object.entries(base.parameters)) {
        expect(off.parameters[name]).toBe(array);
        // A delta keeps whole what is no projection.
        if (row.obtained === "trained" || projections.test(name)) expect(on.parameters[name]).toBe(array);
      }
      if (row.merges !== "no") merged(on);
      expect(Object.values(base.parameters).map(({ data }) => data)).toEqual(before);
    });

    test(`merges: ${row.merges}`, async () => {
      const on = onBase(moved());
      if (row.merges === "no") {
        expect(() => merged(on)).toThrow(/no weights can hold it/);
        return;
      }
      const once = merged(on);
      expect(once.config).toBe(base.config);
      expect(Object.keys(once.parameters)).toEqual(Object.keys(whole.parameters));
      expect(largestGap(await logits(provider, once, ids), await logits(provider, on, ids))).toBeLessThan(rounding);
      expect(merged({ ...once, parts: null }).parameters).toEqual(once.parameters);
    });

    test("what is saved and loaded computes the same", async () => {
      const folder = mkdtempSync(join(tmpdir(), "adapter-"));
      saveModelFolder(join(folder, "base"), whole, "", "F32");
      saveCase(join(folder, "adapter"), moved(), join(folder, "base"));
      const loaded = openModel(join(folder, "adapter"));
      expect(
        largestGap(await logits(provider, loaded, ids), await logits(provider, onBase(moved()), ids)),
      ).toBeLessThan(rounding);
      expect(loaded.parts?.base.parameters).toEqual(base.parameters);
    });

    test("packed pairs with a shared prompt and answers through the cache see what one text alone sees", async () => {
      const on = onBase(moved());
      const { config, parameters } = on;
      const pair = {
        promptId: "p",
        promptText: [],
        prompt: [5, 9, 100],
        chosen: [7, 8, 250],
        rejected: [44, 3],
        probability: 1,
        strength: 1,
      };
      const { batch } = collatePairs([pair, { ...pair, prompt: [77], rejected: [12] }], 2);
      const scores = (p: TensorParameters, b: Record<string, tf.Tensor>) => completionLogProbs(p, config, b);
      const compiled = await provider.compile(scores as never, [parameters, batch] as never);
      const { data } = (await compiled.run([parameters, batch] as never)) as unknown as HostArray;
      await compiled.dispose();
      const alone = async (prompt: number[], completion: number[]) => {
        const all = await logits(provider, on, [...prompt, ...completion]);
        const row = (i: number) => Array.from(all.subarray(i * config.vocabSize, (i + 1) * config.vocabSize));
        return completion.reduce((sum, id, i) => sum + plainLogProb(row(prompt.length + i - 1), id), 0);
      };
      const expected = [
        await alone([5, 9, 100], pair.chosen),
        await alone([77], pair.chosen),
        await alone([5, 9, 100], pair.rejected),
        await alone([77], [12]),
      ];
      expect(largestGap(data, expected)).toBeLessThan(10 * rounding);
      const [completion] = await completeOnce({ ...base, config }, parameters, provider, [
        { prompt: [{ role: "user", content: "the cat" }], sampling: { maxTokens: 5, temperature: 0 } },
      ]);
      let text = [config.bosId as number, ...base.tokenizer.encode("the cat")];
      const from = text.length;
      for (let i = 0; i < 5; i++) {
        const last = (await logits(provider, on, text)).subarray(-config.vocabSize);
        const next = last.indexOf(Math.max(...last));
        if (next === config.eosId) break;
        text = [...text, next];
      }
      expect(completion?.text).toBe(base.tokenizer.decode(text.slice(from)));
    });

    test("gradients are those of finite differences", async () => {
      const it = moved();
      const { config, parameters } = onBase(it);
      // DoRA's norm is constant to the gradient by design: of it only the lengths can be compared.
      const names = Object.keys(it.trained).filter(
        (name) => !("decomposed" in it.config && it.config.decomposed) || name.endsWith("magnitude_vector"),
      );
      const weights = Float32Array.from({ length: ids.length * config.vocabSize }, (_, i) => Math.sin(i));
      const value = (p: TensorParameters, input: tf.Tensor) =>
        tf.sum(
          tf.mul(
            logitsOf(p, config, hiddenStates(p, config, input)),
            tf.tensor(weights, [ids.length, config.vocabSize]),
          ),
        );
      const gradient = (p: TensorParameters, input: tf.Tensor) => {
        const rebuilt = (xs: tf.Tensor[]) => ({
          ...p,
          ...Object.fromEntries(names.map((name, i) => [name, xs[i] as tf.Tensor])),
        });
        const grads = tf.grads((...xs: tf.Tensor[]) => value(rebuilt(xs), input))(
          names.map((name) => p[name] as tf.Tensor),
        );
        return Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor]));
      };
      const args = [parameters, int32(ids, [1, ids.length])] as never;
      const [g, f] = [await provider.compile(gradient as never, args), await provider.compile(value as never, args)];
      const grads = (await g.run(args)) as unknown as Record<string, HostArray>;
      for (const name of names) {
        const [own, grad] = [parameters[name] as HostArray, grads[name] as HostArray];
        // Along the gradient itself the slope is its length.
        const length = Math.hypot(...grad.data);
        const size = 2e-3 * (1 + Math.hypot(...own.data));
        const at = async (by: number) => {
          const data = Float32Array.from(own.data, (x, i) => x + (by * (grad.data[i] as number)) / length);
          const out = await f.run([{ ...parameters, [name]: { ...own, data } }, int32(ids, [1, ids.length])] as never);
          return (out as unknown as HostArray).data[0] as number;
        };
        const slope = ((await at(size)) - (await at(-size))) / (2 * size);
        expect(length, name).toBeGreaterThan(0);
        expect(Math.abs(slope / length - 1), name).toBeLessThan(0.03);
      }
      await g.dispose();
      await f.dispose();
    });
  });
});
