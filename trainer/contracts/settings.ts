import { z } from "zod";
import { type PairHyperparameters, pairLosses, pairLossNameSchema } from "./losses";
import { type RunConfigInput, runConfigSchema, type SnapshotRunKind } from "./runConfig";
import { type ConfigField, configFields } from "./schema";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/**
 * What a person sets differently from a preset, by a field's path: `{ "optimizer.learningRate": 1e-5 }`. Only the outline is
 * checked here; whether a field exists and takes the value says the run's own schema (`unknownSetting`, `configIssues`).
 */
export const settingsSchema = z.record(
  z.string().max(100),
  z.union([scalar, z.array(z.union([scalar, z.record(z.string(), scalar)])).max(100)]),
);
export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/** A field's name in `Settings`, in messages and on the page. */
export const pathOf = ({ path }: Pick<ConfigField, "path">): string => path.join(".");

/** Folders and what scores answers are the product's business, not a setting. */
const folders = { output: "output", baseModel: "baseModel", dataset: "dataset", reward: "reward" };
const notSettable: ReadonlySet<string> = new Set([...Object.keys(folders), "judge"]);

/** Everything that can be set on a kind of run, in the schema's order. */
export const settableFields = (kind: SnapshotRunKind): ConfigField[] =>
  configFields(kind).filter((field) => !notSettable.has(pathOf(field)));

/** Those of a loss's own numbers that the loss, or one of several, uses; all of them while it is not known. */
export function usesSetting(loss: unknown, path: string): boolean {
  if (!lossNumbers.has(path)) return true;
  const names = Array.isArray(loss) ? loss.map((part) => part?.loss) : [loss];
  return names.some((name) => {
    const known = pairLossNameSchema.safeParse(name);
    return !known.success || path in pairLosses[known.data].defaults;
  });
}

const lossNumbers: ReadonlySet<string> = new Set<keyof PairHyperparameters>([
  "beta",
  "gamma",
  "labelSmoothing",
  "lambda",
]);

/** A setting that this kind of run does not have; null when it has them all. */
export function unknownSetting(kind: SnapshotRunKind, settings: Settings): string | null {
  const known = new Set(settableFields(kind).map(pathOf));
  return Object.keys(settings).find((path) => !known.has(path)) ?? null;
}

type Json = Readonly<Record<string, unknown>>;

/** A copy of the configuration with a value at a path; `undefined` leaves it as it is. */
export function put(config: Json, [name, ...rest]: readonly string[], value: unknown): Json {
  if (name === undefined || value === undefined) return config;
  return { ...config, [name]: rest.length === 0 ? value : put((config[name] ?? {}) as Json, rest, value) };
}

/** What stands at a path; `undefined` where nothing does. */
export const valueAt = (config: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (at as Json | undefined)?.[name], config);

/** The configuration with the settings that this kind of run has. */
export const withSettings = (kind: SnapshotRunKind, config: Json, settings: Settings): Json =>
  settableFields(kind).reduce((result, field) => put(result, field.path, settings[pathOf(field)]), config);

/** What the run's schema says against a configuration that has no folders yet, each with the path of its field. */
export function configIssues(config: object) {
  const checked = runConfigSchema.safeParse({ ...config, ...folders } as RunConfigInput);
  return checked.success ? [] : checked.error.issues.map((issue) => ({ path: issue.path.join("."), issue }));
}
