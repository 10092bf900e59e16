import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BaseWeights } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import { loadModelFolder, type ModelDescription, type ModelFolder } from "../io/modelFolder";
import { inFourBits, inFullPrecision } from "../io/nf4/model";
import type { Parameters } from "../io/safetensors";
import { withAdapter } from "../models/config";
import { namesOf } from "../models/names";
import { placesOfBase } from "./basePlace";
import { baseOfDelta, isDeltaFolder, loadDeltaFolder } from "./bitdelta/folder";
import { type Adapter, baseOf, baseWeightsOf, isAdapterFolder, loadAdapterFolder } from "./peftFolder";
import { appliedMethodOf, type UsedConfig } from "./registry";

/** A model, and where it is a base with an adapter, the two. */
export interface OpenedModel extends ModelFolder {
  readonly parts: { readonly base: ModelFolder; readonly adapter: UsedConfig } | null;
}

/**
 * Opens a model's folder, or that of an adapter or a delta and that of its base. Adapters and deltas of one base share its
 * weights, with each other and with the base itself. The base's weights are as they were when an adapter was trained, or as
 * `weights` says; it lies where the adapter says, or in `baseFolder`, where the caller knows better.
 */
export function openModel(folder: string, weights?: BaseWeights, baseFolder?: string): OpenedModel {
  if (isDeltaFolder(folder)) {
    const base = openBase(baseFolder ?? placeOfBase(folder, baseOfDelta(folder)));
    const { tuned, parameters } = loadDeltaFolder(folder, base);
    return withDelta(base, tuned, parameters);
  }
  if (!isAdapterFolder(folder)) return { ...sharedFolder(folder, weights), parts: null };
  const base = openBase(baseFolder ?? placeOfBase(folder, baseOf(folder)), weights ?? baseWeightsOf(folder));
  return adapted(base, loadAdapterFolder(folder, base));
}

/** A model as one set of weights; an adapter in it becomes part of them, before they go into 4 bits. */
export function openBase(folder: string, weights: BaseWeights = "full"): ModelFolder {
  if (!isDeltaFolder(folder) && !isAdapterFolder(folder)) return sharedFolder(folder, weights);
  const whole = merged(openModel(folder));
  return weights === "nf4" ? inFourBits(whole) : whole;
}

/** The fine-tuned model that a delta makes of its base. */
export const withDelta = (base: ModelFolder, tuned: ModelDescription, parameters: Parameters): OpenedModel =>
  adapted(
    { ...tuned, head: base.head, parameters: base.parameters },
    { config: { method: "bitdelta" }, parameters, head: tuned.head },
  );

/** The base with an adapter on it. */
export function adapted(
  base: ModelFolder,
  { config, parameters, head }: Pick<Adapter, "parameters" | "head"> & { readonly config: UsedConfig },
): OpenedModel {
  const method = appliedMethodOf(config);
  if (!method) throw new Error("a fully trained model has no adapter");
  const llama = withAdapter(base.config, method.forward(base.config));
  const body = head === "reward" ? withoutOutput(base) : base.parameters;
  return { ...base, head, config: llama, parameters: { ...body, ...parameters }, parts: { base, adapter: config } };
}

/** The parameters without the language model's head, which a reward model does not have. */
export function withoutOutput({ config, parameters }: ModelFolder): Parameters {
  const { [`${namesOf(config).output}.weight`]: _head, ...body } = parameters;
  return body;
}

/** Whether one set of weights can hold the model. */
export const canMerge = ({ parts }: OpenedModel): boolean =>
  parts === null || appliedMethodOf(parts.adapter)?.merge != null;

/**
 * One set of weights, at full precision, that computes what base and adapter compute; the model itself where it has no
 * adapter. Of a base in 4 bits they are what these stand for, which the adapter was trained with.
 */
export function merged(model: OpenedModel): ModelFolder {
  const { parts, ...rest } = model;
  if (!parts) return rest;
  const { base, adapter } = parts;
  const method = appliedMethodOf(adapter);
  if (!method?.merge) {
    throw new TrainerError(
      "bad_model",
      `What ${adapter.method} tuning trains stands before the text: no weights can hold it. Use base and adapter together.`,
    );
  }
  const changed = method.merge(base.config, model.parameters);
  const own = Object.entries(model.parameters).filter(([name]) => name in base.parameters || name === "score.weight");
  const whole = inFullPrecision({ ...rest, config: base.config, parameters: Object.fromEntries(own) });
  const parameters = Object.entries(whole.parameters).map(([name, array]) => [name, changed[name] ?? array]);
  return { ...whole, parameters: Object.fromEntries(parameters) };
}

function placeOfBase(folder: string, base: string): string {
  const isModel = (at: string) => existsSync(join(at, "config.json")) || isAdapterFolder(at);
  const found = placesOfBase(folder, base).find(isModel);
  if (found) return found;
  throw new TrainerError(
    "bad_model",
    `${folder}: its base ${base} is not there. Put the base model's folder there, name the folder it lies in by TIEBREAK_MODELS, or write its path into its configuration file.`,
    { folder, base },
  );
}

interface Shared {
  readonly description: ModelDescription;
  readonly parameters: WeakRef<Parameters>;
}

/** Models in memory. Their weights are held for as long as somebody uses them. */
const held = new Map<string, Shared>();

/** A model's folder; while its weights are in use they are not read again. */
function sharedFolder(folder: string, weights: BaseWeights = "full"): ModelFolder {
  const key = `${resolve(folder)}|${weights}|${statSync(folder, { throwIfNoEntry: false })?.mtimeMs}`;
  const known = held.get(key);
  const inUse = known?.parameters.deref();
  if (known && inUse) return { ...known.description, parameters: inUse };
  for (const [other, { parameters }] of held) if (!parameters.deref()) held.delete(other);
  const { parameters, ...description } = loadModelFolder(folder, weights);
  held.set(key, { description, parameters: new WeakRef(parameters) });
  return { ...description, parameters };
}
