import { afterAll, beforeAll, expect, test } from "vitest";
import { type PairLossName, pairHyperparameters } from "@/trainer/contracts/losses";
import { Random } from "@/trainer/data/random";
import { blank, type State, Stepper } from "@/trainer/loop/stepper";
import { pairLossFunctions, softLabelLoss } from "@/trainer/objectives/registry";
import type { Side } from "@/trainer/objectives/side";
import { learningRate } from "@/trainer/optim/schedule";
import { completionLogProbs } from "@/trainer/recipes/forward";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { float32, int32 } from "@/trainer/runtime/tree";
import { answers, batch, config, logProbsOf, optimizer, reference, tilted, variation } from "../../helpers/enumerable";

/**
 * Every answer of the enumerable language can be listed. The loss is the population's: over all pairs of answers, with the
 * true probability as soft label. So its optimum is known exactly.
 */
const N = answers.length;
const random = new Random(3);
const reward = answers.map(() => random.normal());
const sigma = (x: number) => 1 / (1 + Math.exp(-x));
/** P(i ≻ j) by Bradley–Terry on the rewards. */
const beats = (i: number, j: number) => sigma((reward[i] as number) - (reward[j] as number));
/** With soft labels the other half says the same, and an answer beside itself says nothing. */
const pairs = answers.flatMap((_, i) => answers.slice(0, i).map((__, j) => [i, j] as const));

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const steps = 600;

/** Trains on the population's loss; returns the probabilities of all answers. */
async function optimise(name: PairLossName, beta: number): Promise<number[]> {
  const referenceLogProbs = float32(await logProbsOf(provider, reference), [N]);
  const population = {
    ...batch,
    reference: referenceLogProbs,
    first: int32(
      pairs.map(([i]) => i),
      [pairs.length],
    ),
    second: int32(
      pairs.map(([, j]) => j),
      [pairs.length],
    ),
    probability: float32(
      pairs.map(([i, j]) => beats(i, j)),
      [pairs.length],
    ),
  };
  const h = pairHyperparameters(name, { beta });
  const objective = (p: Record<string, tf.Tensor>, b: Readonly<Record<string, tf.Tensor>>) => {
    const logp = completionLogProbs(p, config, b);
    const side = (which: tf.Tensor): Side => {
      const at = which as tf.Tensor1D;
      const length = tf.onesLike(b.probability as tf.Tensor);
      const meanLength = tf.scalar(1);
      return { logp: tf.gather(logp, at), reference: tf.gather(b.reference as tf.Tensor, at), length, meanLength };
    };
    const loss = softLabelLoss((w, l) => pairLossFunctions[name](w, l, h), b.probability as tf.Tensor);
    return { loss: tf.mean(loss(side(b.first as tf.Tensor), side(b.second as tf.Tensor))), metrics: {} };
  };
  const cache = new SessionCache(provider);
  const stepper = new Stepper(cache, objective, optimizer);
  let state: State = { p: reference, m: blank(reference), v: blank(reference) };
  for (let step = 1; step <= steps; step++) {
    const rate = learningRate(optimizer, step, steps);
    ({ state } = await stepper.step(state, [population], { step, rate }));
  }
  const probabilities = (await logProbsOf(provider, state.p)).map(Math.exp);
  await cache.dispose();
  return probabilities;
}

test("all answers together have probability one", async () => {
  const total = (await logProbsOf(provider, reference)).reduce((sum, l) => sum + Math.exp(l), 0);
  expect(total).toBeCloseTo(1, 4);
});

test("DPO converges to π_ref·exp(r/β) for the reward behind the votes", async () => {
  const before = await logProbsOf(provider, reference);
  const optimum = tilted(before, reward, 1);
  expect(variation(before.map(Math.exp), optimum)).toBeGreaterThan(0.2);
  expect(variation(await optimise("sigmoid", 1), optimum)).toBeLessThan(0.01);
});

test("IPO converges to π_ref·exp(r/β) for r the share of answers that an answer beats", async () => {
  // Least squares over all pairs: the log-ratio of answer i is, up to a constant, the mean over j of (2·P(i ≻ j) − 1)/(2β).
  const beaten = answers.map((_, i) => answers.reduce((sum, __, j) => sum + beats(i, j), 0) / N);
  const before = await logProbsOf(provider, reference);
  const optimum = tilted(before, beaten, 0.2);
  expect(variation(before.map(Math.exp), optimum)).toBeGreaterThan(0.2);
  expect(variation(await optimise("ipo_original", 0.2), optimum)).toBeLessThan(0.01);
});
