import type { DpoConfig } from "../contracts/runConfig";
import { collatePairs, pairLength, pairTokens, type TokenPair } from "../data/preferences";
import type { Parameters } from "../io/safetensors";
import type { HostBatch } from "../loop/stepper";
import type { Batch } from "../loop/trainStep";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import type * as tf from "../runtime/tf";
import { float32, type HostArray } from "../runtime/tree";
import { completionLogProbs } from "./forward";
import { loadPairs } from "./pairData";
import { lossPlan, preferenceObjective, preferenceScores } from "./preferenceObjective";
import { chunks, loadBase, microBatchSize, numbers, type PreparedRun, saveTuned, stepsOver, summarise } from "./run";
import { sampler } from "./samples";

type Tensors = Record<string, tf.Tensor>;

/** Summed log-probabilities under the reference. */
interface LogProbs {
  readonly chosen: number;
  readonly rejected: number;
}

/** Prepares the DPO family on a snapshot: any loss on pairs, or several; the base model is the reference. */
export async function preparePreference(config: DpoConfig, provider: Provider): Promise<PreparedRun> {
  const base = loadBase(config.baseModel);
  const { train, test } = loadPairs(config, base);
  const llama = base.config;
  const plan = lossPlan(config);
  const cache = new SessionCache(provider);
  const size = microBatchSize(config);

  // The base never changes: its log-probabilities are computed once.
  async function referenceOf(pairs: readonly TokenPair[]): Promise<LogProbs[]> {
    const forward = (p: Tensors, batch: Batch) => completionLogProbs(p, llama, batch);
    const out: LogProbs[] = [];
    for (const part of chunks(pairs, size)) {
      const args = [base.parameters, collatePairs(part, size).batch] as never;
      const compiled = await cache.get("logprobs", forward as never, args);
      const sums = numbers((await compiled.run(args)) as unknown as HostArray);
      part.forEach((_, i) => {
        out.push({ chosen: sums[i] as number, rejected: sums[size + i] as number });
      });
    }
    return out;
  }
  const references = plan.reference
    ? { train: await referenceOf(train.pairs), test: await referenceOf(test.pairs) }
    : null;

  /** The pairs with these indices as a batch with all that the losses need. */
  function collate(split: "train" | "test", part: readonly number[], step: readonly number[]) {
    const { pairs } = split === "train" ? train : test;
    const at = (i: number) => pairs[i] as TokenPair;
    const { batch, tokens } = collatePairs(part.map(at), size, { step: step.map(at), promptToo: plan.promptToo });
    if (!references) return { batch, tokens };
    const known = references[split];
    const rows = Array.from({ length: size }, (_, i) => known[part[i] ?? (part[0] as number)] as LogProbs);
    const reference = float32([...rows.map((r) => r.chosen), ...rows.map((r) => r.rejected)], [2 * size]);
    return { batch: { ...batch, reference } as HostBatch, tokens };
  }

  const scoresOf = preferenceScores(config, llama);
  const judge = (p: Tensors, batch: Batch) => {
    const { loss, rewards } = scoresOf(p, batch);
    return { loss, chosen: rewards[0], rejected: rewards[1] };
  };
  const evaluate = async (p: Parameters) => {
    const rows: { loss: number; chosen: number; rejected: number }[] = [];
    const all = test.pairs.map((_, i) => i);
    for (const part of chunks(all, size)) {
      const args = [p, collate("test", part, all).batch] as never;
      const compiled = await cache.get("judge", judge as never, args);
      const out = (await compiled.run(args)) as unknown as Record<"loss" | "chosen" | "rejected", HostArray>;
      part.forEach((_, i) => {
        const at = (key: "loss" | "chosen" | "rejected") => out[key].data[i] as number;
        rows.push({ loss: at("loss"), chosen: at("chosen"), rejected: at("rejected") });
      });
    }
    const figures = {
      loss: rows.map((r) => r.loss),
      "rewards/accuracies": rows.map((r) => (r.chosen > r.rejected ? 1 : r.chosen === r.rejected ? 0.5 : 0)),
      "rewards/margins": rows.map((r) => r.chosen - r.rejected),
      "rewards/chosen": rows.map((r) => r.chosen),
      "rewards/rejected": rows.map((r) => r.rejected),
    };
    return summarise(test.pairs, figures, config.seed);
  };

  const lengths = train.pairs.map(pairLength);
  return {
    config,
    train: train.count,
    test: test.count,
    tokensPerEpoch: train.pairs.reduce((sum, pair) => sum + pairTokens(pair), 0),
    job: {
      parameters: base.parameters,
      objective: preferenceObjective(config, llama),
      ...stepsOver(config, lengths, (part, step) => collate("train", part, step)),
      evaluate,
      sample: sampler(config, base, test.pairs, provider),
    },
    save: saveTuned(`Policy tuned with ${plan.parts.map((p) => p.loss).join(" + ")}`, config, base),
    dispose: () => cache.dispose(),
  };
}
