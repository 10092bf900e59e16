import type { z } from "zod";
import type { App } from "../app";
import type { ApiScope } from "../domain/api/scopes";
import type { OpenedToken } from "../services/tokens.service";

export interface ApiContext {
  readonly app: App;
  readonly request: Request;
  readonly token: OpenedToken;
  readonly access: OpenedToken["access"];
}

export const apiTags = ["Project", "Items", "Judgements", "Imports", "Snapshots", "Runs", "Models"] as const;
type ApiTag = (typeof apiTags)[number];

/** What a call answers when all is well. */
type Answer =
  | { readonly status: 200 | 201 | 202; readonly schema: z.ZodType; readonly what: string }
  | { readonly status: 200; readonly types: readonly string[]; readonly what: string };

interface Call {
  readonly method: "get" | "post";
  /** Below `/api/v1`, with `{name}` for what varies. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: ApiTag;
  /** The scope that it needs; null: any token will do. */
  readonly scope: ApiScope | null;
  readonly summary: string;
  readonly description?: string;
  readonly answer: Answer;
  /** Errors beyond those that every call can have. */
  readonly errors?: readonly number[];
}

export type Params = Readonly<Record<string, string>>;
type Shape = z.ZodObject;

/** A call as the router and the documentation see it. */
export interface Endpoint extends Call {
  readonly query: Shape | null;
  readonly body: { readonly kind: "json"; readonly schema: z.ZodType } | { readonly kind: "file" } | null;
  /** A Response goes out as it is, anything else as JSON. */
  handle(context: ApiContext, given: { params: Params; query: never; body: never }): unknown;
}

/** A call with its parameters typed by its schemas. */
export function endpoint<Q extends Shape | null, B extends z.ZodType | "file" | null>(
  call: Call & {
    readonly query: Q;
    readonly body: B;
    handle(
      context: ApiContext,
      given: {
        params: Params;
        query: Q extends Shape ? z.output<Q> : null;
        body: B extends z.ZodType ? z.output<B> : null;
      },
    ): unknown;
  },
): Endpoint {
  const { body, ...rest } = call;
  return {
    ...rest,
    body: body === null ? null : body === "file" ? { kind: "file" } : { kind: "json", schema: body as z.ZodType },
  } as unknown as Endpoint;
}
