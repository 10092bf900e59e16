import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collateSequences, defaultLayout, type LayoutOptions, type TokenSequence } from "@/trainer/data/sequences";
import { completionLogProbs, rewards } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray } from "@/trainer/runtime/tree";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { tinyModel } from "../../helpers/tinyModel";

let provider: Provider;
let cache: SessionCache;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
  cache = new SessionCache(provider);
});
afterAll(async () => {
  await cache.dispose();
  await provider.close();
});

const model = tinyModel(6, { layers: 2 });
for (const { shape, data } of Object.values(model.parameters)) {
  if (shape.length > 1) data.set(data.map((x) => x * 12));
}
const { config } = model;
const parameters = {
  ...model.parameters,
  "score.weight": float32(
    Array.from({ length: config.hiddenSize }, (_, i) => Math.sin(i + 1)),
    [1, config.hiddenSize],
  ),
};

type Tensors = Record<string, tf.Tensor>;
type Arrays = Record<string, HostArray>;
const names = Object.keys(parameters);

/** Log-probabilities, rewards, and the gradients of a sum of both with shares of their own. */
const program = (p: Tensors, batch: Tensors) => {
  const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((n, i) => [n, values[i] as tf.Tensor]));
  const results = (q: Tensors) => ({ logp: completionLogProbs(q, config, batch), reward: rewards(q, config, batch) });
  const loss = (...values: tf.Tensor[]) => {
    const { logp, reward } = results(named(values));
    const share = batch.share as tf.Tensor;
    return tf.add(tf.sum(tf.mul(logp, share)), tf.sum(tf.mul(reward, tf.square(share))));
  };
  return { ...results(p), gradients: named(tf.grads(loss)(names.map((n) => p[n] as tf.Tensor))) };
};

const shareOf = (i: number) => Math.cos(2 * i + 1);

async function run(sequences: readonly TokenSequence[], first: number, layout: LayoutOptions) {
  const share = float32(
    sequences.map((_, i) => shareOf(first + i)),
    [sequences.length],
  );
  const args = [parameters, { ...collateSequences(sequences, { layout }), share }];
  const compiled = await cache.get("both", program as never, args as never);
  return (await compiled.run(args as never)) as unknown as Record<"logp" | "reward", HostArray> & { gradients: Arrays };
}

/** A group has a prompt, which may be empty, and some completions, of which some are one token. */
const token = fc.integer({ min: 0, max: config.vocabSize - 1 });
const group = fc.record({
  prompt: fc.array(token, { maxLength: 20 }),
  completions: fc.array(fc.array(token, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 }),
});

const sequencesOf = (groups: readonly { prompt: number[]; completions: number[][] }[]): TokenSequence[] =>
  groups.flatMap(({ prompt, completions }, group) => completions.map((completion) => ({ prompt, completion, group })));

test("prompts shared and documents packed give every sequence the log-probability it has alone in double precision", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 5 }), fc.boolean(), async (groups, pack) => {
      const sequences = sequencesOf(groups);
      const { logp } = await run(sequences, 0, { ...defaultLayout, pack });
      sequences.forEach(({ prompt, completion }, i) => {
        const logits = plainLogits(parameters, config, [...prompt, ...completion]);
        // The first token of a text is predicted by nothing.
        const expected = completion.reduce((sum, id, j) => {
          const before = logits[prompt.length + j - 1];
          return before ? sum + plainLogProb(before, id) : sum;
        }, 0);
        expect(Math.abs((logp.data[i] as number) - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
      });
    }),
    { numRuns: 12, seed: 11 },
  );
});

test("log-probabilities, rewards and gradients are those of the sequences one by one, whatever the layout", async () => {
  const layouts: LayoutOptions[] = [
    defaultLayout,
    { ...defaultLayout, pack: false },
    { ...defaultLayout, sharePrompt: false },
    { ...defaultLayout, completionsOnly: false },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(group, { minLength: 2, maxLength: 4 }), async (groups) => {
      const sequences = sequencesOf(groups);
      const alone = [];
      for (const [i, sequence] of sequences.entries()) alone.push(await run([sequence], i, defaultLayout));
      for (const layout of layouts) {
        const together = await run(sequences, 0, layout);
        alone.forEach((one, i) => {
          expect(Math.abs((together.logp.data[i] as number) - (one.logp.data[0] as number))).toBeLessThan(
            1e-5 * (1 + Math.abs(one.logp.data[0] as number)),
          );
          expect(together.reward.data[i]).toBeCloseTo(one.reward.data[0] as number, 4);
        });
        for (const name of names) {
          const sum = new Float64Array((together.gradients[name] as HostArray).data.length);
          for (const { gradients } of alone) {
            gradients[name]?.data.forEach((g, k) => {
              sum[k] = (sum[k] as number) + g;
            });
          }
          const scale = Math.max(...sum.map(Math.abs), 1e-3);
          const worst = Math.max(...sum.map((g, k) => Math.abs(g - (together.gradients[name]?.data[k] as number))));
          expect(worst / scale, `${name}, ${JSON.stringify(layout)}`).toBeLessThan(2e-5);
        }
      }
    }),
    { numRuns: 4, seed: 12 },
  );
});
