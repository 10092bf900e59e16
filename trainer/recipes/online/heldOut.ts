import type { OnlineConfig } from "../../contracts/runConfig";
import type { RunEvent } from "../../contracts/runEvent";
import { distinctN } from "../../data/ngrams";
import { derivedSeed } from "../../data/random";
import type { Parameters } from "../../io/safetensors";
import type { Job } from "../../loop/trainLoop";
import { summarise } from "../run";
import { sum } from "./method";
import type { Answer, PromptExample } from "./rollout";
import type { Scorer } from "./scorer";

/** What judges held-out answers. */
export interface Bench {
  readonly prompts: readonly PromptExample[];
  readonly base: Parameters;
  sample(parameters: Parameters, prompts: readonly PromptExample[], seeds: readonly number[]): Promise<Answer[]>;
  /** KL of each answer to the reference, in nats. */
  divergence(parameters: Parameters, answers: readonly Answer[]): Promise<number[]>;
  readonly reward: Scorer;
  /** Trains nothing: tells whether the reward is being gamed. */
  readonly judge: Scorer | null;
  readonly klCoefficient: number;
}

interface Judged {
  readonly answers: readonly Answer[];
  readonly scores: readonly number[];
  readonly judged: readonly number[] | null;
}

/**
 * Judges policies by answers to held-out prompts, the base model's and theirs drawn with the same seeds: mean score, its rise
 * over the base (paired by prompt), the judge's likewise, sequence KL, length and how many different words there are.
 * `loss` is what training is after, negated: β·KL − score. Samples are the first of these answers.
 */
export function heldOutBench(config: OnlineConfig, bench: Bench): Pick<Job, "evaluate" | "sample"> {
  const { prompts } = bench;
  const seeds = prompts.map((_, i) => derivedSeed(config.seed, 24, i));
  const answered = (answers: readonly Answer[]) =>
    answers.map(({ text }, i) => ({ prompt: prompts[i]?.promptText ?? [], text }));
  async function judge(parameters: Parameters): Promise<Judged> {
    const answers = await bench.sample(parameters, prompts, seeds);
    const texts = answered(answers);
    const judged = bench.judge ? await bench.judge.score(texts) : null;
    return { answers, scores: await bench.reward.score(texts), judged };
  }
  let base: Judged | null = null;
  let latest: Judged | null = null;
  const rise = (now: readonly number[], before: readonly number[]) => now.map((x, i) => x - (before[i] as number));

  return {
    async evaluate(parameters) {
      if (prompts.length === 0) return { metrics: {}, intervals: {}, pairs: 0, prompts: 0 };
      base ??= await judge(bench.base);
      const now = await judge(parameters);
      latest = now;
      const kl = await bench.divergence(parameters, now.answers);
      const result = summarise(
        prompts,
        {
          loss: kl.map((k, i) => bench.klCoefficient * k - (now.scores[i] as number)),
          score: now.scores,
          score_rise: rise(now.scores, base.scores),
          ...(now.judged && base.judged && { judge: now.judged, judge_rise: rise(now.judged, base.judged) }),
          kl,
          length: now.answers.map(({ completion }) => completion.length),
          ended: now.answers.map(({ ended }) => (ended ? 1 : 0)),
        },
        config.seed,
      );
      const texts = now.answers.map(({ text }) => text);
      const distinct = { eval_distinct_1: distinctN(texts, 1), eval_distinct_2: distinctN(texts, 2) };
      return { ...result, metrics: { ...result.metrics, ...distinct } };
    },

    async *sample(_parameters, step): AsyncGenerator<RunEvent> {
      if (!base || !latest) return;
      const [before, now] = [base, latest];
      for (const [i, { promptText }] of prompts.slice(0, config.samplePrompts).entries()) {
        yield {
          type: "sample",
          step,
          prompt: promptText.map((m) => m.content).join("\n"),
          base: before.answers[i]?.text ?? "",
          tuned: now.answers[i]?.text ?? "",
          scores: { base: before.scores[i] as number, tuned: now.scores[i] as number },
        };
      }
    },
  };
}

export const sequenceKl = (figures: readonly { readonly kl: readonly number[] }[]): number[] =>
  figures.map(({ kl }) => sum(kl));
