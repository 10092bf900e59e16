import type { KtoConfig } from "../contracts/runConfig";
import { completionLength, mismatched, type TokenCompletion } from "../data/completions";
import { collateSequences, demandOf, documentsOf, filled, meanOf, shares, type TokenSequence } from "../data/sequences";
import type { Demand, Shape } from "../data/shapes";
import type { Parameters } from "../io/safetensors";
import type { HostBatch } from "../loop/stepper";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import { detached } from "../models/withGradient";
import { ktoLoss, ktoReferencePoint } from "../objectives/kto";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { float32, type HostArray } from "../runtime/tree";
import { defaultExecution, type Execution, executionOf } from "./execution";
import { completionLogProbs, weightedMean } from "./forward";
import { type PrepareOptions, ReferenceScores } from "./referenceScores";
import { batchesOver, microBatchSize, numbers, type PreparedRun, pick, stepsOver, summarise } from "./run";
import { sampler } from "./samples";
import { loadCompletions } from "./sft";
import { startOf } from "./start";

type Tensors = Record<string, tf.Tensor>;

/** What means over one side say where there is an answer of that side, by the side's label. */
const sideMetrics = (label: boolean): string[] => {
  const side = label ? "chosen" : "rejected";
  return [`rewards/${side}`, `logps/${side}`, "rewards/margins"];
};

const mismatchedPrefix = "mismatched.";

/** A part of a batch whose names start with a prefix. */
const part = (batch: Batch, prefix: string): Tensors =>
  Object.fromEntries(
    Object.entries(batch).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  );

/** The reference point of a batch, constant to the gradient: []. */
function referencePoint(p: Tensors, llama: ModelConfig, batch: Batch, execution: Execution): tf.Tensor {
  const still = Object.fromEntries(Object.entries(p).map(([name, x]) => [name, detached(x)]));
  const other = part(batch, mismatchedPrefix);
  const ratio = tf.sub(completionLogProbs(still, llama, other, execution), other.reference as tf.Tensor);
  const real = batch.real as tf.Tensor;
  return ktoReferencePoint(tf.div(tf.sum(tf.mul(ratio, real)), tf.sum(real)));
}

/** What the loop minimises; metric names are TRL's KTOTrainer's. The reference point is each computed batch's own, as there. */
export function ktoObjective(config: KtoConfig, llama: ModelConfig, execution: Execution = defaultExecution) {
  return (p: Tensors, batch: Batch) => {
    const { reference, label, weight, desirable, undesirable } = batch as Tensors;
    const logp = completionLogProbs(p, llama, batch, execution);
    const z = referencePoint(p, llama, batch, execution);
    const side = { logp, reference: reference as tf.Tensor };
    const reward = tf.mul(tf.sub(logp, side.reference), config.beta);
    const over = (x: tf.Tensor, share: tf.Tensor | undefined) => weightedMean(x, share as tf.Tensor);
    const [chosen, rejected] = [over(reward, desirable), over(reward, undesirable)];
    return {
      loss: over(ktoLoss(side, label as tf.Tensor, z, config), weight),
      metrics: {
        kl: tf.mul(z, tf.sum(weight as tf.Tensor)),
        "rewards/chosen": chosen,
        "rewards/rejected": rejected,
        "rewards/margins": tf.sub(chosen, rejected),
        "logps/chosen": over(logp, desirable),
        "logps/rejected": over(logp, undesirable),
      },
    };
  };
}

/** Prepares KTO on a dataset of single answers with labels; a pair is one desirable and one undesirable answer. */
export async function prepareKto(
  config: KtoConfig,
  provider: Provider,
  options: PrepareOptions = {},
): Promise<PreparedRun> {
  const start = startOf(config, "causal");
  const { base } = start;
  const { train, test, maxLength } = loadCompletions(config, start.model, true);
  const llama = start.model.config;
  const cache = new SessionCache(provider);
  const size = Math.max(2, microBatchSize(config));
  const execution = executionOf(
    config,
    llama,
    train.completions.map((s) => s.completion.length),
  );
  const { layout } = execution;
  const logProbs = (c: ModelConfig) => (p: Tensors, batch: Batch) => completionLogProbs(p, c, batch, execution);
  const programs = { policy: logProbs(llama), reference: logProbs(base.config) };
  const demand = (sequences: readonly TokenSequence[]) => demandOf(documentsOf(sequences, layout), 0);

  async function logProbsOf(
    who: keyof typeof programs,
    p: Parameters,
    sequences: readonly TokenSequence[],
  ): Promise<number[]> {
    const batching = {
      lengths: sequences.map(completionLength),
      demandOf: (part: readonly number[]) => demand(filled(pick(sequences, part), size)),
    };
    const out: number[] = [];
    for (const { part, shape } of batchesOver(size, execution, batching)) {
      const args = [p, collateSequences(filled(pick(sequences, part), size), { layout, shape })] as never;
      const compiled = await cache.get(who, programs[who] as never, args);
      const sums = numbers((await compiled.run(args)) as unknown as HostArray);
      part.forEach((sequence, i) => {
        out[sequence] = sums[i] as number;
      });
    }
    return out;
  }

  const scores = new ReferenceScores(base, provider, [size, config.execution], options);
  // Of base and data, which do not change: computed once.
  const prepare = async (completions: readonly TokenCompletion[]) => {
    const others = mismatched(completions, maxLength, config.seed);
    const of = async (sequences: readonly TokenSequence[]) => {
      const score = async () => (await logProbsOf("reference", base.parameters, sequences)).map((x) => [x]);
      const each = sequences.map((sequence) => [sequence]);
      return (await scores.of(each, score)).flat();
    };
    const [own, other] = [await of(completions), await of(others)];
    return { completions, others, own, other };
  };
  const [trained, heldOut] = [await prepare(train.completions), await prepare(test.completions)];

  /** Room for each completion of a batch and for its mismatched partner alike. */
  function roomOf(part: readonly number[]): Demand {
    const rows = filled(part, size);
    const [own, other] = [demand(pick(trained.completions, rows)), demand(pick(trained.others, rows))];
    const lengths = own.lengths.map((n, i) => Math.max(n, other.lengths[i] as number));
    return { lengths, scored: Math.max(own.scored, other.scored), promptScored: 0 };
  }

  function collate(indices: readonly number[], step: readonly number[], shape: Shape) {
    const rows = filled(indices, size);
    const options = { layout, shape, room: roomOf(indices).lengths };
    const column = (values: readonly number[]) => float32(values, [size]);
    const labels = pick(trained.completions, rows).map((c) => Number(c.label));
    const desirable = step.filter((i) => trained.completions[i]?.label).length;
    const real = (i: number) => (i < indices.length ? 1 : 0);
    const shareOf = (label: number, total: number) =>
      column(labels.map((own, i) => (own === label && total > 0 ? real(i) / total : 0)));
    const others = {
      ...collateSequences(pick(trained.others, rows), options),
      reference: column(pick(trained.other, rows)),
    };
    const batch: HostBatch = {
      ...collateSequences(pick(trained.completions, rows), options),
      ...Object.fromEntries(Object.entries(others).map(([name, x]) => [`${mismatchedPrefix}${name}`, x])),
      reference: column(pick(trained.own, rows)),
      label: column(labels),
      real: column(labels.map((_, i) => real(i))),
      weight: shares(indices.length, size, step.length),
      desirable: shareOf(1, desirable),
      undesirable: shareOf(0, step.length - desirable),
    };
    const tokens = indices.reduce((sum, i) => sum + completionLength(trained.completions[i] as TokenCompletion), 0);
    return { batch, tokens };
  }

  /** Over the whole held-out split: one reference point for all of it. */
  const evaluate = async (p: Parameters) => {
    const rewards = difference(await logProbsOf("policy", p, heldOut.completions), heldOut.own);
    const drift = difference(await logProbsOf("policy", p, heldOut.others), heldOut.other);
    const z = Math.max(0, drift.reduce((a, b) => a + b, 0) / Math.max(1, drift.length));
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    const { beta, desirableWeight, undesirableWeight } = config;
    const judged = heldOut.completions.map(({ label }, i) => {
      const gain = beta * ((rewards[i] as number) - z);
      return {
        loss: label ? desirableWeight * (1 - sigma(gain)) : undesirableWeight * (1 - sigma(-gain)),
        right: gain === 0 ? 0.5 : Number(gain > 0 === label),
      };
    });
    const summary = summarise(
      heldOut.completions,
      { loss: judged.map((j) => j.loss), "rewards/accuracies": judged.map((j) => j.right) },
      config.seed,
    );
    const ofSide = (wanted: boolean) => rewards.filter((_, i) => heldOut.completions[i]?.label === wanted);
    const [good, bad] = [ofSide(true), ofSide(false)];
    if (heldOut.completions.length === 0) return summary;
    const metrics = {
      ...summary.metrics,
      ...(good.length > 0 && { "eval_rewards/chosen": beta * meanOf(good) }),
      ...(bad.length > 0 && { "eval_rewards/rejected": beta * meanOf(bad) }),
      ...(good.length > 0 && bad.length > 0 && { "eval_rewards/margins": beta * (meanOf(good) - meanOf(bad)) }),
      eval_kl: z,
    };
    return { ...summary, metrics };
  };

  return {
    config,
    train: train.count,
    test: test.count,
    notes: scores.note,
    tokensPerEpoch: train.completions.reduce((sum, s) => sum + completionLength(s), 0),
    job: {
      ...start.job,
      objective: ktoObjective(config, llama, execution),
      ...stepsOver(config, execution, {
        lengths: train.completions.map(completionLength),
        demandOf: roomOf,
        collate,
        absent: (step) =>
          [true, false].flatMap((label) =>
            step.some((i) => trained.completions[i]?.label === label) ? [] : sideMetrics(label),
          ),
      }),
      evaluate,
      sample: sampler(config, start, test.completions, provider),
    },
    save: start.save("Policy tuned with KTO"),
    dispose: () => cache.dispose(),
  };
}

const difference = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - (b[i] as number));
