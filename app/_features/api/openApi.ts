/** As much of OpenAPI 3.1 as our document uses and the page draws. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly { readonly token: readonly string[] }[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface OpenApi {
  readonly info: { readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Call extends Operation {
  readonly method: string;
  readonly path: string;
}

/** All calls in the document's order. */
export const callsOf = ({ paths }: OpenApi): Call[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );

const nameOf = (ref: string): string => ref.split("/").at(-1) ?? "";

/** A schema with its reference followed. */
const resolve = (schema: Schema, schemas: OpenApi["components"]["schemas"]): Schema =>
  schema.$ref === undefined ? schema : { ...schemas[nameOf(schema.$ref)], ...withoutRef(schema) };

const withoutRef = ({ $ref: _, ...rest }: Schema): Schema => rest;

const isNull = ({ type }: Schema): boolean => type === "null";

/** A schema's kind in a word or two: `string`, `array of Item`, `"a" | "b"`, `integer | null`. */
export function typeText(schema: Schema): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeText))].join(" | ");
  if (schema.type === "array") return `array of ${schema.items ? typeText(schema.items) : "anything"}`;
  if (schema.format) return `${schema.type} (${schema.format})`;
  return [schema.type ?? "anything"].flat().join(" | ");
}

/** What there is to unfold in a schema: its fields, those of its entries, or those of its variants. */
export function fieldsOf(
  schema: Schema,
  schemas: OpenApi["components"]["schemas"],
): { readonly fields: readonly (readonly [string, Schema, boolean])[] }[] {
  const found = resolve(schema, schemas);
  if (found.properties) {
    const required = new Set(found.required);
    return [{ fields: Object.entries(found.properties).map(([name, field]) => [name, field, required.has(name)]) }];
  }
  if (found.items) return fieldsOf(found.items, schemas);
  const choices = (found.anyOf ?? found.oneOf ?? []).filter((choice) => !isNull(choice));
  return choices.flatMap((choice) => fieldsOf(choice, schemas));
}

/** The named schemas whose fields belong to a schema: what to leave out when it comes again below itself. */
export function namesIn(schema: Schema): string[] {
  if (schema.$ref) return [nameOf(schema.$ref)];
  return [...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(namesIn);
}
