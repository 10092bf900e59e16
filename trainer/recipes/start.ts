import { adapted, openBase, withoutOutput } from "../adapters/openModel";
import { saveAdapterFolder } from "../adapters/peftFolder";
import { methodOf } from "../adapters/registry";
import type { AdapterConfig, BaseWeights } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import type { RunConfig } from "../contracts/runConfig";
import { derivedSeed, Random } from "../data/random";
import { type ModelFolder, saveModelFolder } from "../io/modelFolder";
import { isNf4Model } from "../io/nf4/model";
import type { Parameters } from "../io/safetensors";
import type { Job } from "../loop/trainLoop";
import { initialiseScore } from "../models/initialise";
import { type PreparedRun, saveTuned } from "./run";

/** A run that starts from a model. */
type TuningConfig = Extract<RunConfig, { readonly baseModel: string }>;

/** What a run starts from. */
export interface TuningStart {
  /** The model as it was: the reference, and what an adapter stands beside. */
  readonly base: ModelFolder;
  /** What is trained, adapter included, as it is before the first step. */
  readonly model: ModelFolder;
  /** Its parameters, trained and frozen apart. */
  readonly job: Pick<Job, "parameters" | "frozen" | "rates">;
  /** Writes the result: a whole model, or an adapter in PEFT's layout. */
  save(title: string): PreparedRun["save"];
}

/** Loads the language model a run starts from; an adapter in it becomes part of its weights, before they go into 4 bits. */
export function loadBase(folder: string, weights: BaseWeights = "full"): ModelFolder {
  const base = openBase(folder, weights);
  if (base.head === "causal") return base;
  throw new TrainerError("bad_model", `${folder} is a reward model; training starts from a language model.`);
}

/** Loads the base and puts beside it what is to be trained; a reward model gets a head of its own. */
export function startOf(config: TuningConfig, head: ModelFolder["head"]): TuningStart {
  const base = loadBase(config.baseModel, config.adapter.method === "full" ? "full" : config.adapter.baseWeights);
  const body = head === "reward" ? withoutOutput(base) : base.parameters;
  const score = head === "reward" ? initialiseScore(base.config, new Random(derivedSeed(config.seed, 3))) : {};
  const method = methodOf(config.adapter);
  if (!method) {
    requireWhole(config.baseModel, base);
    const parameters = { ...body, ...score };
    const model = { ...base, head, parameters };
    return {
      base,
      model,
      job: { parameters },
      save: (title) =>
        saveTuned(title, config, (folder, trained, card) =>
          saveModelFolder(folder, { ...model, parameters: trained }, card, "F32"),
        ),
    };
  }
  const { trained, kept } = method.start(config.adapter, base, derivedSeed(config.seed, 8));
  const parameters = { ...trained, ...score };
  return {
    base,
    model: adapted(base, { config: config.adapter, parameters: { ...parameters, ...kept }, head }),
    job: { parameters, frozen: { ...body, ...kept }, rates: ratesOf(config.adapter, trained) },
    save: (title) =>
      saveTuned(title, config, (folder, result, card) =>
        saveAdapterFolder(
          folder,
          { config: config.adapter, parameters: { ...result, ...kept }, head, baseModel: config.baseModel },
          base,
          card,
        ),
      ),
  };
}

/** Weights in 4 bits cannot be trained, only something beside them. */
function requireWhole(folder: string, base: ModelFolder): void {
  if (!isNf4Model(base)) return;
  throw new TrainerError(
    "bad_config",
    `${folder} has its weights in 4 bits, which cannot be trained: train an adapter beside them, or start from the model as it was.`,
    { field: "adapter.method" },
  );
}

/** The parameters that learn faster or slower than the others. */
function ratesOf(config: AdapterConfig, trained: Parameters): Record<string, number> {
  const rates = Object.keys(trained).map((name): [string, number] => [
    name,
    methodOf(config)?.rateOf(config, name) ?? 1,
  ]);
  return Object.fromEntries(rates.filter(([, rate]) => rate !== 1));
}
