import { openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import { readPreferences, type Split } from "../data/examples";
import { type TokenPair, tokenisePairs } from "../data/preferences";
import type { ModelFolder } from "../io/modelFolder";
import type { Evaluation } from "../loop/trainLoop";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import { defaultExecution } from "./execution";
import { preferenceEvaluator, withReference } from "./preference";
import { rewardEvaluator } from "./reward";
import { sftEvaluator } from "./sft";
import { loadBase } from "./start";
import { parseConfig } from "./train";

export interface EvaluateRequest {
  readonly model: string;
  readonly dataset: string;
  readonly split: Split;
  /** The model that a policy is compared with. */
  readonly reference?: string | undefined;
  readonly beta: number;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly seed: number;
}

/** What decides how pairs are judged. */
interface Judging extends Pick<EvaluateRequest, "dataset" | "beta" | "batchSize" | "maxLength" | "seed"> {
  /** With one, a policy is also judged by DPO's rewards. */
  readonly reference: ModelFolder | null;
}

/**
 * Judges models on the same pairs: a reward model by accuracy and margin, a policy by the loss of a token of the chosen
 * answers, and with a reference also by DPO's rewards. Intervals are bootstrapped by prompt. Of what is compiled, models
 * whose parameters have the same names and shapes use the same: their configurations must be the same too.
 */
export function pairJudge(pairs: readonly TokenPair[], judging: Judging, cache: SessionCache) {
  const { reference, batchSize, seed, dataset, beta, maxLength } = judging;
  // Where models and results lie means nothing here.
  const common = { baseModel: ".", dataset, output: ".", batchSize, maxLength, seed, optimizer: { learningRate: 1 } };
  const config = (kind: "reward" | "dpo") => parseConfig({ kind, ...common, ...(kind === "dpo" && { beta }) });
  const completions = pairs.map((pair) => ({ ...pair, completion: pair.chosen, label: true }));
  let scored: ReturnType<typeof withReference> | null = null;

  async function evaluators(model: Pick<ModelFolder, "config" | "head">) {
    const reward = config("reward");
    if (model.head === "reward" && reward.kind === "reward")
      return [rewardEvaluator(reward, model.config, pairs, cache)];
    const language = sftEvaluator(
      { seed, size: batchSize, execution: defaultExecution },
      model.config,
      completions,
      cache,
    );
    const dpo = config("dpo");
    if (!reference || dpo.kind !== "dpo") return [language];
    scored ??= withReference(dpo, reference, pairs, cache);
    return [language, preferenceEvaluator(dpo, model.config, await scored, cache)];
  }

  return async (model: Pick<ModelFolder, "config" | "head" | "parameters">): Promise<Evaluation> => {
    const results: Evaluation[] = [];
    for (const evaluate of await evaluators(model)) results.push(await evaluate(model.parameters));
    const [first, second] = results as [Evaluation, Evaluation?];
    if (!second) return first;
    return {
      ...first,
      metrics: { ...tokenNames(first.metrics), ...second.metrics },
      intervals: { ...tokenNames(first.intervals), ...second.intervals },
    };
  };
}

/** Judges a model on one split of a dataset of pairs. */
export async function evaluateModel(
  request: EvaluateRequest,
  provider: Provider,
): Promise<Evaluation & { readonly dropped: Record<string, number> }> {
  const model = openModel(request.model);
  const reference = request.reference === undefined || model.head === "reward" ? null : loadBase(request.reference);
  if (reference && reference.tokenizer.size !== model.tokenizer.size) {
    throw new TrainerError("bad_model", `${request.reference} has another vocabulary than ${request.model}.`);
  }
  const maxLength = Math.min(request.maxLength, model.config.maxPositions);
  const { pairs, dropped } = tokenisePairs(readPreferences(request.dataset, request.split), model, maxLength);
  const cache = new SessionCache(provider);
  try {
    return { ...(await pairJudge(pairs, { ...request, maxLength, reference }, cache)(model)), dropped };
  } finally {
    await cache.dispose();
  }
}

/** Beside DPO's loss, that of a token gets a name of its own. */
const tokenNames = <T>(figures: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(figures).map(([name, x]) => [name === "eval_loss" ? "eval_token_loss" : name, x]));
