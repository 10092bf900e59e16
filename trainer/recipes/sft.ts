import type { SftConfig } from "../contracts/runConfig";
import { completionLength, type TokenCompletion, tokeniseCompletions } from "../data/completions";
import { readCompletions, type Split } from "../data/examples";
import { collateSequences, demandOf, documentsOf, filled, meanOf, shares } from "../data/sequences";
import type { Shape } from "../data/shapes";
import type { ModelFolder } from "../io/modelFolder";
import type { Job } from "../loop/trainLoop";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import { nllLoss } from "../objectives/nll";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { type HostArray, scalar } from "../runtime/tree";
import { defaultExecution, type Execution, executionOf } from "./execution";
import { completionStatistics, weightedMean } from "./forward";
import { batchesOver, microBatchSize, type PreparedRun, pick, requireExamples, stepsOver, summarise } from "./run";
import { sampler } from "./samples";
import { startOf } from "./start";

type Tensors = Record<string, tf.Tensor>;

/** Single answers of both splits as token ids. `both`: of pairs also the rejected answer. */
export function loadCompletions(
  config: { readonly dataset: string; readonly maxLength: number },
  base: ModelFolder,
  both: boolean,
) {
  const maxLength = Math.min(config.maxLength, base.config.maxPositions);
  const load = (split: Split) => {
    const { completions, dropped } = tokeniseCompletions(readCompletions(config.dataset, split, both), base, maxLength);
    return { completions, count: { used: completions.length, dropped } };
  };
  const [train, test] = [load("train"), load("test")];
  requireExamples(config.dataset, train.count);
  return { train, test, maxLength };
}

interface Sizes extends Pick<Execution, "layout"> {
  readonly size: number;
}

/** A batch as `collateSequences` lays it out, with `weight` [n] and `meanLength` [] over the whole step. */
function collate(
  part: readonly TokenCompletion[],
  step: readonly TokenCompletion[],
  { size, layout, shape }: Sizes & { readonly shape: Shape },
) {
  return {
    batch: {
      ...collateSequences(filled(part, size), { layout, shape }),
      weight: shares(part.length, size, step.length),
      meanLength: scalar(meanOf(step.map((s) => s.completion.length))),
    },
    tokens: part.reduce((sum, s) => sum + completionLength(s), 0),
  };
}

const batchingOf = (completions: readonly TokenCompletion[], { size, layout }: Sizes) => ({
  lengths: completions.map(completionLength),
  demandOf: (part: readonly number[]) => demandOf(documentsOf(filled(pick(completions, part), size), layout), 0),
});

/** What the loop minimises: the mean loss of a completion's token. Metric names are TRL's SFTTrainer's. */
export function sftObjective(llama: ModelConfig, execution: Execution = defaultExecution) {
  return (p: Tensors, batch: Batch) => {
    const { weight, meanLength } = batch as Record<"weight" | "meanLength", tf.Tensor>;
    const { logp, entropy, hits } = completionStatistics(p, llama, batch, execution);
    const perToken = (x: tf.Tensor) => weightedMean(tf.div(x, meanLength), weight);
    return {
      loss: weightedMean(nllLoss({ logp, meanLength }), weight),
      metrics: { entropy: perToken(entropy), mean_token_accuracy: perToken(hits) },
    };
  };
}

/** Judges language models on completions: held-out loss of a token, and how often the likeliest one is right. */
export function sftEvaluator(
  { seed, size, execution }: { readonly seed: number; readonly size: number; readonly execution: Execution },
  llama: ModelConfig,
  completions: readonly TokenCompletion[],
  cache: SessionCache,
): Job["evaluate"] {
  const judge = (p: Tensors, batch: Batch) => {
    const { logp, hits } = completionStatistics(p, llama, batch, execution);
    return { logp, hits };
  };
  const sizes = { size, layout: execution.layout };
  return async (p) => {
    const figures: Record<"loss" | "mean_token_accuracy", number[]> = { loss: [], mean_token_accuracy: [] };
    const meanLength = meanOf(completions.map((s) => s.completion.length));
    for (const { part, shape } of batchesOver(size, execution, batchingOf(completions, sizes))) {
      const own = pick(completions, part);
      const args = [p, collate(own, own, { ...sizes, shape }).batch] as never;
      const compiled = await cache.get("judge", judge as never, args);
      const out = (await compiled.run(args)) as unknown as Record<"logp" | "hits", HostArray>;
      part.forEach((completion, i) => {
        figures.loss[completion] = -(out.logp.data[i] as number) / meanLength;
        figures.mean_token_accuracy[completion] = (out.hits.data[i] as number) / meanLength;
      });
    }
    return summarise(completions, figures, seed);
  };
}

/** Prepares supervised fine-tuning on the completions of a dataset; of pairs, on the chosen answers. */
export async function prepareSft(config: SftConfig, provider: Provider): Promise<PreparedRun> {
  const start = startOf(config, "causal");
  const { model } = start;
  const { train, test } = loadCompletions(config, model, false);
  const cache = new SessionCache(provider);
  const size = microBatchSize(config);
  const execution = executionOf(
    config,
    model.config,
    train.completions.map((s) => s.completion.length),
  );
  const sizes = { size, layout: execution.layout };
  return {
    config,
    train: train.count,
    test: test.count,
    tokensPerEpoch: train.completions.reduce((sum, s) => sum + completionLength(s), 0),
    job: {
      ...start.job,
      objective: sftObjective(model.config, execution),
      ...stepsOver(config, execution, {
        ...batchingOf(train.completions, sizes),
        collate: (part, step, shape) =>
          collate(pick(train.completions, part), pick(train.completions, step), { ...sizes, shape }),
      }),
      evaluate: sftEvaluator({ seed: config.seed, size, execution }, model.config, test.completions, cache),
      sample: sampler(config, start, test.completions, provider),
    },
    save: start.save("Policy tuned on chosen answers"),
    dispose: () => cache.dispose(),
  };
}
