import { configFields } from "@/trainer/contracts/schema";
import { pathOf, valueAt } from "@/trainer/contracts/settings";
import { settingText } from "../runForm";
import type { RunDetail } from "../runTypes";

export interface SettingRow {
  /** As in a configuration file: `optimizer.learningRate`. */
  readonly path: string;
  /** One for each run, with defaults filled in; null where a run has no such setting or leaves it open. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

/** The settings of several runs side by side, in the schema's order; those that only some kinds have come with them. */
export function compareSettings(configs: readonly RunDetail["config"][]): SettingRow[] {
  const columns = configs.map((config) => {
    const fields = configFields(config.kind).filter(({ path }) => !folders.has(path[0] as string));
    return new Map(
      fields.map(({ path, field }) => [pathOf({ path }), settingText(valueAt(config, path) ?? field.default)]),
    );
  });
  const paths = new Set(columns.flatMap((column) => [...column.keys()]));
  return [...paths].map((path) => {
    const values = columns.map((column) => column.get(path) ?? null);
    return { path, values, differs: new Set(values).size > 1 };
  });
}

const folders: ReadonlySet<string> = new Set(["output", "baseModel", "dataset"]);
