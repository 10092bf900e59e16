import { existsSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { AdapterConfig } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import { loadModelFolder, type ModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { withAdapter } from "../models/config";
import { namesOf } from "../models/names";
import { type Adapter, baseOf, isAdapterFolder, loadAdapterFolder } from "./peftFolder";
import { methodOf } from "./registry";

/** A model, and where it is a base with an adapter, the two. */
export interface OpenedModel extends ModelFolder {
  readonly parts: { readonly base: ModelFolder; readonly adapter: AdapterConfig } | null;
}

/** Opens a model's folder, or an adapter's and that of its base. Adapters of one base share its weights. */
export function openModel(folder: string): OpenedModel {
  if (!isAdapterFolder(folder)) return { ...loadModelFolder(folder), parts: null };
  const base = sharedBase(placeOfBase(folder));
  return adapted(base, loadAdapterFolder(folder, base));
}

/** The base with an adapter on it. */
export function adapted(base: ModelFolder, { config, parameters, head }: Omit<Adapter, "baseModel">): OpenedModel {
  const method = methodOf(config);
  if (!method) throw new Error("a fully trained model has no adapter");
  const llama = withAdapter(base.config, method.forward(config, base.config));
  const body = head === "reward" ? withoutOutput(base) : base.parameters;
  return { ...base, head, config: llama, parameters: { ...body, ...parameters }, parts: { base, adapter: config } };
}

/** The parameters without the language model's head, which a reward model does not have. */
export function withoutOutput({ config, parameters }: ModelFolder): Parameters {
  const { [`${namesOf(config).output}.weight`]: _head, ...body } = parameters;
  return body;
}

/** Whether one set of weights can hold the model. */
export const canMerge = ({ parts }: OpenedModel): boolean => parts === null || methodOf(parts.adapter)?.merge != null;

/** One set of weights that computes what base and adapter compute; the model itself where it has no adapter. */
export function merged(model: OpenedModel): ModelFolder {
  const { parts, ...rest } = model;
  if (!parts) return rest;
  const { base, adapter } = parts;
  const method = methodOf(adapter);
  if (!method?.merge) {
    throw new TrainerError(
      "bad_model",
      `What ${adapter.method} tuning trains stands before the text: no weights can hold it. Use base and adapter together.`,
    );
  }
  const changed = method.merge(adapter, base.config, model.parameters);
  const names = Object.keys(model.parameters).filter((name) => name in base.parameters || name === "score.weight");
  const parameters = Object.fromEntries(
    names.map((name) => [name, (changed[name] ?? model.parameters[name]) as Parameters[string]]),
  );
  return { ...rest, config: base.config, parameters };
}

function placeOfBase(folder: string): string {
  const base = baseOf(folder);
  const found = [isAbsolute(base) ? base : resolve(base), join(folder, base)].find((at) =>
    existsSync(join(at, "config.json")),
  );
  if (found) return found;
  throw new TrainerError(
    "bad_model",
    `${folder}: its base ${base} is not there. Put the base model's folder there, or its path into adapter_config.json.`,
    { folder, base },
  );
}

const bases = new Map<string, WeakRef<ModelFolder>>();

function sharedBase(folder: string): ModelFolder {
  const key = `${folder}|${statSync(folder).mtimeMs}`;
  const known = bases.get(key)?.deref();
  if (known) return known;
  const base = loadModelFolder(folder);
  bases.set(key, new WeakRef(base));
  return base;
}
