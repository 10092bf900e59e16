import { z } from "zod";
import { type RunConfig, runConfigSchema } from "./runConfig";

/** A field of a run's configuration as the JSON schema tells it. */
export interface JsonField {
  readonly type?: string;
  readonly title?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly anyOf?: readonly JsonField[];
  readonly description?: string;
  readonly source?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonField>>;
  readonly required?: readonly string[];
}

/** The one schema of run configurations, for the command line, programs and pages: each field with description, default and source. */
export const runConfigJsonSchema = (): { readonly oneOf: readonly JsonField[] } =>
  z.toJSONSchema(runConfigSchema, { io: "input" }) as unknown as { readonly oneOf: readonly JsonField[] };

/** A field with its place in the configuration; nested objects are opened. */
export interface ConfigField {
  readonly path: readonly string[];
  readonly field: JsonField;
  readonly required: boolean;
}

/** The fields of one kind of run, in the schema's order, without the kind itself. */
export function configFields(kind: RunConfig["kind"]): readonly ConfigField[] {
  kinds ??= new Map(
    runConfigJsonSchema().oneOf.map((schema) => [schema.properties?.kind?.const ?? "", fieldsUnder(schema, [])]),
  );
  return kinds.get(kind) ?? [];
}

let kinds: ReadonlyMap<string, readonly ConfigField[]> | undefined;

/** What to call a field on a page: its title, or its name in words, `sampleTokens` as "Sample tokens". */
export function titleOf({ path, field }: ConfigField): string {
  if (field.title) return field.title;
  const words = (path.at(-1) as string).replace(/[A-Z]+|[0-9]+/g, (part) => ` ${part.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const fieldsUnder = ({ properties = {}, required = [] }: JsonField, path: readonly string[]): ConfigField[] =>
  Object.entries(properties).flatMap(([name, field]) => {
    if (field.const !== undefined) return [];
    const own = [...path, name];
    if (field.properties) return fieldsUnder(field, own);
    return [{ path: own, field, required: required.includes(name) }];
  });
