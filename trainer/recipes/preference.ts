import type { DpoConfig } from "../contracts/runConfig";
import { collatePairs, pairDemand, pairTokens, type TokenPair } from "../data/preferences";
import { filled } from "../data/sequences";
import type { Shape } from "../data/shapes";
import type { ModelFolder } from "../io/modelFolder";
import type { HostBatch } from "../loop/stepper";
import type { Job } from "../loop/trainLoop";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import type * as tf from "../runtime/tf";
import { float32, type HostArray } from "../runtime/tree";
import { type Execution, executionOf } from "./execution";
import { completionLogProbs } from "./forward";
import { loadPairs } from "./pairData";
import { lossPlan, preferenceObjective, preferenceScores } from "./preferenceObjective";
import { type PrepareOptions, ReferenceScores } from "./referenceScores";
import { batchesOver, microBatchSize, numbers, type PreparedRun, pick, stepsOver, summarise } from "./run";
import { sampler } from "./samples";
import { startOf } from "./start";

type Tensors = Record<string, tf.Tensor>;

/** Summed log-probabilities under the reference. */
interface LogProbs {
  readonly chosen: number;
  readonly rejected: number;
}

/** Pairs, and with a loss that needs them their log-probabilities under the reference. */
interface ScoredPairs {
  readonly pairs: readonly TokenPair[];
  readonly reference: readonly LogProbs[] | null;
}

/** How these pairs are computed. */
const executionOver = (config: DpoConfig, llama: ModelConfig, pairs: readonly TokenPair[]): Execution =>
  executionOf(
    config,
    llama,
    pairs.map(({ chosen, rejected }) => chosen.length + rejected.length),
  );

const layoutOf = (config: DpoConfig, { layout }: Execution) => ({ layout, promptToo: lossPlan(config).promptToo });

const batchingOf = (config: DpoConfig, pairs: readonly TokenPair[], execution: Execution) => ({
  lengths: pairs.map(pairTokens),
  demandOf: (part: readonly number[]) =>
    pairDemand(pick(pairs, part), microBatchSize(config), layoutOf(config, execution)),
});

/** Scores pairs with the reference model, unless `scores` knows them; null where no loss of the plan needs it. */
export async function withReference(
  config: DpoConfig,
  base: ModelFolder,
  pairs: readonly TokenPair[],
  cache: SessionCache,
  scores?: ReferenceScores,
): Promise<ScoredPairs> {
  if (!lossPlan(config).reference) return { pairs, reference: null };
  const size = microBatchSize(config);
  const execution = executionOver(config, base.config, pairs);
  const forward = (p: Tensors, batch: Batch) => completionLogProbs(p, base.config, batch, execution);
  const score = async () => {
    const found: number[][] = [];
    for (const { part, shape } of batchesOver(size, execution, batchingOf(config, pairs, execution))) {
      const { batch } = collatePairs(pick(pairs, part), size, { ...layoutOf(config, execution), shape });
      const args = [base.parameters, batch] as never;
      const compiled = await cache.get("logprobs", forward as never, args);
      const sums = numbers((await compiled.run(args)) as unknown as HostArray);
      part.forEach((pair, i) => {
        found[pair] = [sums[i] as number, sums[size + i] as number];
      });
    }
    return found;
  };
  const sides = pairs.map(({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ]);
  const reference = (await (scores?.of(sides, score) ?? score())).map(
    ([chosen, rejected]): LogProbs => ({ chosen: chosen as number, rejected: rejected as number }),
  );
  return { pairs, reference };
}

/** The pairs with these indices, a part of a step, as a batch with all that the losses need. */
function collate(
  config: DpoConfig,
  { pairs, reference }: ScoredPairs,
  part: readonly number[],
  step: readonly number[],
  options: ReturnType<typeof layoutOf> & { readonly shape: Shape },
) {
  const size = microBatchSize(config);
  const { batch, tokens } = collatePairs(pick(pairs, part), size, { ...options, step: pick(pairs, step) });
  if (!reference) return { batch, tokens };
  const rows = pick(reference, filled(part, size));
  const both = float32([...rows.map((r) => r.chosen), ...rows.map((r) => r.rejected)], [2 * size]);
  return { batch: { ...batch, reference: both } as HostBatch, tokens };
}

/** Judges policies on pairs: held-out loss, and rewards as TRL reports them. */
export function preferenceEvaluator(
  config: DpoConfig,
  llama: ModelConfig,
  heldOut: ScoredPairs,
  cache: SessionCache,
): Job["evaluate"] {
  const execution = executionOver(config, llama, heldOut.pairs);
  const scoresOf = preferenceScores(config, llama, execution);
  const judge = (p: Tensors, batch: Batch) => {
    const { loss, rewards, drifts } = scoresOf(p, batch);
    return { loss, chosen: rewards[0], rejected: rewards[1], ...drifts };
  };
  const all = heldOut.pairs.map((_, i) => i);
  return async (p) => {
    const rows: Record<string, number>[] = [];
    for (const { part, shape } of batchesOver(
      microBatchSize(config),
      execution,
      batchingOf(config, heldOut.pairs, execution),
    )) {
      const options = { ...layoutOf(config, execution), shape };
      const args = [p, collate(config, heldOut, part, all, options).batch] as never;
      const compiled = await cache.get("judge", judge as never, args);
      const judged = (await compiled.run(args)) as unknown as Record<string, HostArray>;
      part.forEach((pair, i) => {
        rows[pair] = Object.fromEntries(Object.entries(judged).map(([name, { data }]) => [name, data[i] as number]));
      });
    }
    const column = (name: string) => rows.map((row) => row[name] as number);
    const [chosen, rejected] = [column("chosen"), column("rejected")];
    const margins = chosen.map((reward, i) => reward - (rejected[i] as number));
    const figures = {
      loss: column("loss"),
      "rewards/accuracies": margins.map((margin) => (margin > 0 ? 1 : margin === 0 ? 0.5 : 0)),
      "rewards/margins": margins,
      "rewards/chosen": chosen,
      "rewards/rejected": rejected,
      ...(lossPlan(config).reference && {
        "logratios/mean": column("logratios/mean"),
        "logratios/drift": column("logratios/drift"),
      }),
    };
    return summarise(heldOut.pairs, figures, config.seed);
  };
}

/** Prepares the DPO family on a snapshot: any loss on pairs, or several; the base model is the reference, scored once. */
export async function preparePreference(
  config: DpoConfig,
  provider: Provider,
  options: PrepareOptions = {},
): Promise<PreparedRun> {
  const start = startOf(config, "causal");
  const { base } = start;
  const llama = start.model.config;
  const { train, test } = loadPairs(config, start.model);
  const cache = new SessionCache(provider);
  const scores = new ReferenceScores(base, provider, [microBatchSize(config), config.execution], options);
  const trained = await withReference(config, base, train.pairs, cache, scores);
  const heldOut = await withReference(config, base, test.pairs, cache, scores);
  const execution = executionOver(config, llama, train.pairs);
  const losses = lossPlan(config).parts.map((part) => part.loss);
  return {
    config,
    train: train.count,
    test: test.count,
    notes: lossPlan(config).reference ? scores.note : [],
    tokensPerEpoch: train.pairs.reduce((sum, pair) => sum + pairTokens(pair), 0),
    job: {
      ...start.job,
      objective: preferenceObjective(config, llama, execution),
      ...stepsOver(config, execution, {
        ...batchingOf(config, train.pairs, execution),
        collate: (part, step, shape) => collate(config, trained, part, step, { ...layoutOf(config, execution), shape }),
      }),
      evaluate: preferenceEvaluator(config, llama, heldOut, cache),
      sample: sampler(config, start, test.pairs, provider),
    },
    save: start.save(`Policy tuned with ${losses.join(" + ")}`),
    dispose: () => cache.dispose(),
  };
}
