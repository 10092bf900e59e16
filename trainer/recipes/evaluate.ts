import { openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import { readPreferences, type Split } from "../data/examples";
import { tokenisePairs } from "../data/preferences";
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

/**
 * Judges a model on one split of a dataset of pairs: a reward model by accuracy and margin, a policy by the loss of a token
 * of the chosen answers, and with a reference also by DPO's rewards. Intervals are bootstrapped by prompt.
 */
export async function evaluateModel(
  request: EvaluateRequest,
  provider: Provider,
): Promise<Evaluation & { readonly dropped: Record<string, number> }> {
  const model = openModel(request.model);
  const { batchSize, seed, dataset, beta } = request;
  const maxLength = Math.min(request.maxLength, model.config.maxPositions);
  const { pairs, dropped } = tokenisePairs(readPreferences(dataset, request.split), model, maxLength);
  const cache = new SessionCache(provider);
  const common = { baseModel: request.reference ?? request.model, dataset, output: ".", batchSize, maxLength, seed };
  const config = (kind: "reward" | "dpo") =>
    parseConfig({ kind, ...common, optimizer: { learningRate: 1 }, ...(kind === "dpo" && { beta }) });
  const evaluators = async () => {
    if (model.head === "reward") {
      const reward = config("reward");
      if (reward.kind === "reward") return [rewardEvaluator(reward, model.config, pairs, cache)];
    }
    const completions = pairs.map((pair) => ({ ...pair, completion: pair.chosen, label: true }));
    const language = sftEvaluator(
      { seed, size: batchSize, execution: defaultExecution },
      model.config,
      completions,
      cache,
    );
    const dpo = config("dpo");
    if (request.reference === undefined || dpo.kind !== "dpo") return [language];
    const base = loadBase(request.reference);
    if (base.tokenizer.size !== model.tokenizer.size) {
      throw new TrainerError("bad_model", `${request.reference} has another vocabulary than ${request.model}.`);
    }
    const scored = await withReference(dpo, base, pairs, cache);
    return [language, preferenceEvaluator(dpo, model.config, scored, cache)];
  };
  try {
    const results: Evaluation[] = [];
    for (const evaluate of await evaluators()) results.push(await evaluate(model.parameters));
    const [first, second] = results as [Evaluation, Evaluation?];
    const renamed = second
      ? { ...first, metrics: tokenNames(first.metrics), intervals: tokenNames(first.intervals) }
      : first;
    return {
      ...renamed,
      metrics: { ...renamed.metrics, ...second?.metrics },
      intervals: { ...renamed.intervals, ...second?.intervals },
      dropped,
    };
  } finally {
    await cache.dispose();
  }
}

/** Beside DPO's loss, that of a token gets a name of its own. */
const tokenNames = <T>(figures: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(figures).map(([name, x]) => [name === "eval_loss" ? "eval_token_loss" : name, x]));
