import { rolloutPlan } from "../../contracts/online";
import type { OnlineConfig } from "../../contracts/runConfig";
import { readPrompts, type Split } from "../../data/examples";
import { encodePrompt } from "../../data/text";
import type { ModelFolder } from "../../io/modelFolder";
import type { Parameters } from "../../io/safetensors";
import type { Job } from "../../loop/trainLoop";
import type { Provider } from "../../runtime/program";
import { SessionCache } from "../../runtime/sessionCache";
import { type Execution, executionOf } from "../execution";
import { chunks, microBatchSize, type PreparedRun, pick, requireExamples } from "../run";
import { startOf, type TuningStart } from "../start";
import { type Examiner, examine } from "./examine";
import { grpoMethod, rlooMethod } from "./group";
import { type Bench, heldOutBench, sequenceKl } from "./heldOut";
import { type Experience, type Method, type ScoredAnswer, tokensIn } from "./method";
import { ppoMethod } from "./ppo";
import { answerShapes, type PromptExample, rolloutPrompts, rolloutSeeds, sampleAnswers, stepAnswers } from "./rollout";
import { openScorer, type Scorer } from "./scorer";

/** What the steps of one rollout share; JSON, and part of a checkpoint. */
interface Rollout {
  readonly experience: readonly Experience[];
  /** For the next rollout. */
  readonly klCoefficient: number;
}

/** The prompts of a split, one for each line, that leave room for an answer. */
function loadPrompts(config: OnlineConfig, base: ModelFolder, split: Split) {
  const room = Math.min(config.maxLength, base.config.maxPositions) - config.maxNewTokens;
  const dropped: Record<string, number> = {};
  const prompts = readPrompts(config.dataset, split).flatMap(({ promptId, prompt: promptText }): PromptExample[] => {
    const prompt = encodePrompt(base, promptText);
    const reason = prompt.length > room ? "prompt_too_long" : prompt.length === 0 ? "empty_prompt" : null;
    if (!reason) return [{ promptId, promptText, prompt }];
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    return [];
  });
  return { prompts, count: { used: prompts.length, dropped } };
}

function methodOf(config: OnlineConfig, start: TuningStart, execution: Execution): Method {
  switch (config.kind) {
    case "ppo":
      return ppoMethod(config, start, execution);
    case "grpo":
      return grpoMethod(config, start, execution);
    case "rloo":
      return rlooMethod(config, start, execution);
  }
}

type Sample = Bench["sample"];

/** A rollout's steps: answers of the present policy, scored once, trained on for some epochs. */
function rolloutSteps(
  config: OnlineConfig,
  method: Method,
  prompts: readonly PromptExample[],
  {
    sample,
    reward,
    provider,
    examiner,
  }: {
    readonly sample: Sample;
    readonly reward: Scorer;
    readonly provider: Provider;
    readonly examiner: Examiner;
  },
): Pick<Job, "totalSteps" | "stepsPerEpoch" | "stepsPerRollout" | "batches"> {
  const { seed, batchSize } = config;
  const sizes = { ...config, groupSize: method.answersPerPrompt };
  const { answers: count, stepsPerRollout, totalSteps } = rolloutPlan(sizes, prompts.length);

  async function rollOut(rollout: number, present: Parameters, klCoefficient: number) {
    const parameters = await provider.read(present);
    const asked = rolloutPrompts(prompts.length, config.rolloutPrompts, seed, rollout).flatMap((i) =>
      Array.from({ length: method.answersPerPrompt }, () => prompts[i] as PromptExample),
    );
    const seeds = rolloutSeeds(config.rolloutPrompts, method.answersPerPrompt, seed, rollout);
    const answers = await sample(parameters, asked, seeds);
    const scores = await reward.score(answers.map(({ text }, i) => ({ prompt: asked[i]?.promptText ?? [], text })));
    const figures = await examine(examiner, parameters, answers);
    const scored = answers.map(
      (answer, i): ScoredAnswer => ({ ...answer, ...(figures[i] as (typeof figures)[0]), score: scores[i] as number }),
    );
    return method.learn(scored, klCoefficient);
  }

  return {
    stepsPerRollout,
    totalSteps,
    stepsPerEpoch: (stepsPerRollout * prompts.length) / config.rolloutPrompts,
    async batches(step, { parameters, carry }) {
      const rollout = Math.floor((step - 1) / stepsPerRollout);
      const at = (step - 1) % stepsPerRollout;
      const before = carry as Rollout | null;
      const fresh = at === 0 ? await rollOut(rollout, parameters, before?.klCoefficient ?? method.klCoefficient) : null;
      const { experience, klCoefficient } = (fresh ?? before) as Rollout;
      const own = pick(experience, stepAnswers(count, batchSize, seed, { rollout, step: at }));
      const parts = chunks(own, examiner.batching.size);
      return {
        batches: parts.map((part) => method.collate(part, own, examiner.batching)),
        tokens: tokensIn(own) + own.reduce((sum, { prompt }) => sum + prompt.length, 0),
        carry: { experience, klCoefficient } satisfies Rollout,
        ...(fresh && { metrics: { ...fresh.metrics, episode: (rollout + 1) * count } }),
      };
    },
  };
}

/** Prepares PPO, GRPO or RLOO on a dataset's prompts; the base model is the reference. */
export async function prepareOnline(config: OnlineConfig, provider: Provider): Promise<PreparedRun> {
  const start = startOf(config, "causal");
  const { base, model } = start;
  const [train, test] = [loadPrompts(config, model, "train"), loadPrompts(config, model, "test")];
  requireExamples(config.dataset, train.count);
  const heldOut = [...new Map(test.prompts.map((p) => [p.promptId, p])).values()].slice(0, config.evalPrompts);
  const size = microBatchSize(config);
  const execution = executionOf(config, model.config, new Array<number>(size).fill(config.maxNewTokens));
  const method = methodOf(config, start, execution);
  const longest = Math.max(...[...train.prompts, ...heldOut].map(({ prompt }) => prompt.length));
  const cache = new SessionCache(provider);
  const examiner: Examiner = {
    llama: model.config,
    reference: base.parameters,
    temperature: config.temperature,
    klEstimator: method.klEstimator,
    batching: { size, shapes: answerShapes(size, longest, config.maxNewTokens), execution },
    cache,
    valuesOf: method.valuesOf,
  };
  const [reward, judge] = [
    openScorer(config.reward, provider),
    config.judge === undefined ? null : openScorer(config.judge, provider),
  ];
  const policy = Object.keys(model.parameters);
  const only = (names: readonly string[], all: Parameters): Parameters =>
    Object.fromEntries(names.map((name) => [name, all[name] as Parameters[string]]));
  const policyOf = (all: Parameters) => only(policy, all);
  const sample: Sample = async (parameters, prompts, seeds) => {
    // The base answers as it is, with nothing beside it.
    const by = parameters === base.parameters ? base : model;
    const own = only(Object.keys(by.parameters), await provider.read(parameters));
    return sampleAnswers({ model: by, parameters: own, provider }, config, prompts, seeds);
  };
  const save = start.save(method.title);
  const trained = Object.keys(start.job.parameters);
  return {
    config,
    train: train.count,
    test: { ...test.count, used: heldOut.length },
    tokensPerEpoch: train.prompts.reduce(
      (sum, { prompt }) => sum + method.answersPerPrompt * (prompt.length + config.maxNewTokens),
      0,
    ),
    job: {
      ...start.job,
      parameters: { ...start.job.parameters, ...method.extra },
      objective: method.objective,
      ...rolloutSteps(config, method, train.prompts, { sample, reward, provider, examiner }),
      ...heldOutBench(config, {
        prompts: heldOut,
        base: base.parameters,
        sample,
        divergence: async (parameters, answers) =>
          sequenceKl(
            await examine(
              { ...examiner, klEstimator: "k1", valuesOf: () => null },
              policyOf(await provider.read(parameters)),
              answers,
            ),
          ),
        reward,
        judge,
        klCoefficient: method.klCoefficient,
      }),
    },
    save: (folder, parameters, evaluation) => save(folder, only(trained, parameters), evaluation),
    async dispose() {
      await Promise.all([cache.dispose(), reward.dispose(), judge?.dispose()]);
    },
  };
}
