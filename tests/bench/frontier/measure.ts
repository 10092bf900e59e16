import { warmthOf } from "@/server/domain/demo/warmth";
import { distinctN } from "@/trainer/data/ngrams";
import { derivedSeed } from "@/trainer/data/random";
import { loadModelFolder, type ModelFolder } from "@/trainer/io/modelFolder";
import { bootstrapByGroup } from "@/trainer/loop/bootstrap";
import { defaultExecution } from "@/trainer/recipes/execution";
import { examine } from "@/trainer/recipes/online/examine";
import { type Answer, answerShapes, type PromptExample, sampleAnswers } from "@/trainer/recipes/online/rollout";
import type { Scorer } from "@/trainer/recipes/online/scorer";
import type { Provider } from "@/trainer/runtime/program";
import { SessionCache } from "@/trainer/runtime/sessionCache";

/** A policy's answers to the held-out prompts, judged by the rule. */
export interface Point {
  /** Warmth of each answer, in points for a hundred words. */
  readonly scores: readonly number[];
  readonly reward: number;
  readonly rewardInterval: readonly [number, number];
  /** Sequence KL to the starter in nats, and where it comes from. */
  readonly kl: number;
  readonly klInterval: readonly [number, number] | null;
  readonly distinct2: number;
  readonly words: number;
  readonly ended: number;
}

/** Sampled as the demo's pairs were. */
const sampling = { temperature: 0.9, maxNewTokens: 56 };
const size = 32;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export class Judge {
  private readonly cache: SessionCache;

  constructor(
    private readonly provider: Provider,
    private readonly base: ModelFolder,
    readonly prompts: readonly PromptExample[],
    private readonly seed: number,
  ) {
    this.cache = new SessionCache(provider);
  }

  private sample(model: ModelFolder, draw: number): Promise<Answer[]> {
    const policy = { model: model, parameters: model.parameters, provider: this.provider };
    const seeds = this.prompts.map((_, i) => derivedSeed(this.seed, 31, draw, i));
    return sampleAnswers(policy, sampling, this.prompts, seeds);
  }

  /** A tuned model: one answer to each prompt, drawn with the seeds that every policy has. */
  async tuned(folder: string): Promise<Point> {
    const model = loadModelFolder(folder);
    const answers = await this.sample(model, 0);
    const longest = Math.max(...this.prompts.map(({ prompt }) => prompt.length));
    const figures = await examine(
      {
        llama: this.base.config,
        reference: this.base.parameters,
        temperature: sampling.temperature,
        klEstimator: "k1",
        batching: { size, shapes: answerShapes(size, longest, sampling.maxNewTokens), execution: defaultExecution },
        cache: this.cache,
        valuesOf: () => null,
      },
      model.parameters,
      answers,
    );
    const kls = figures.map(({ kl }) => kl.reduce((a, b) => a + b, 0));
    return { ...this.judged(answers), kl: mean(kls), klInterval: this.interval(kls) };
  }

  /** The best of n answers of the base model by the reward model. Its KL is at most log n − (n − 1)/n (Beirami et al. 2024). */
  async bestOf(n: number, scorer: Scorer): Promise<Point> {
    const draws: { answers: Answer[]; scores: number[] }[] = [];
    for (let draw = 0; draw < n; draw++) {
      const answers = await this.sample(this.base, draw);
      const texts = answers.map(({ text }, i) => ({ prompt: this.prompts[i]?.promptText ?? [], text }));
      draws.push({ answers, scores: n === 1 ? texts.map(() => 0) : await scorer.score(texts) });
    }
    const best = this.prompts.map((_, i) => {
      const ranked = draws.map(({ answers, scores }) => ({ answer: answers[i] as Answer, score: scores[i] as number }));
      return ranked.reduce((a, b) => (b.score > a.score ? b : a)).answer;
    });
    return { ...this.judged(best), kl: Math.log(n) - (n - 1) / n, klInterval: null };
  }

  private judged(answers: readonly Answer[]): Omit<Point, "kl" | "klInterval"> {
    const texts = answers.map(({ text }) => text);
    const scores = texts.map((text) => warmthOf(text).score);
    return {
      scores,
      reward: mean(scores),
      rewardInterval: this.interval(scores),
      distinct2: distinctN(texts, 2),
      words: mean(texts.map((text) => warmthOf(text).words)),
      ended: mean(answers.map(({ ended }) => (ended ? 1 : 0))),
    };
  }

  /** By prompt. */
  interval(values: readonly number[]): [number, number] {
    return bootstrapByGroup(
      values,
      this.prompts.map(({ promptId }) => promptId),
      0,
    );
  }

  dispose(): Promise<void> {
    return this.cache.dispose();
  }
}
