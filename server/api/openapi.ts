import { z } from "zod";
import { version } from "@/package.json";
import { webhookEventTypes } from "../domain/webhooks";
import { endpoints } from "./calls";
import { apiTags, type Endpoint } from "./endpoint";
import { problemWords } from "./problem";
import { answers, problem, webhookMessage } from "./schemas";

type Json = Record<string, unknown>;

const about = `Everything that a program may do with one project. A token (Authorization: Bearer tbk_…) belongs to one project
and has scopes; an admin makes it in the project's settings. It never may more than the person who made it may now.

Lists that can be long come in pages: send \`nextCursor\` back as \`cursor\` until it is null. Errors are problem+json
(RFC 9457) and say what is wrong, where, and what to do. A token has 600 calls a minute; beyond that the answer is 429 with
Retry-After. Times are ISO 8601 in UTC.`;

const refTo = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

/** What a named schema is called in the document; its own JSON schema where it has no name. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const named = answers.get(schema)?.id;
  if (named) return refTo(named);
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  return json;
}

/** Answers may get more fields in time: the document does not forbid them. */
const open = ({ jsonSchema }: { jsonSchema: Json }): void => {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

function components(): Json {
  const made = z.toJSONSchema(answers, { io: "output", uri: (id) => `#/components/schemas/${id}`, override: open });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, schema]) => {
      const { $schema: _s, $id: _i, ...json } = schema as Json;
      return [id, json];
    }),
  );
}

const problemAnswer = (description: string): Json => ({
  description,
  content: { "application/problem+json": { schema: schemaOf(problem, "output") } },
});

const usualErrors: Readonly<Record<number, string>> = {
  400: "The request is not right: `where` names the part.",
  401: problemWords.not_signed_in.title,
  403: problemWords.scope_missing.title,
  404: problemWords.not_found.title,
  409: problemWords.conflict.title,
  413: problemWords.file_too_large.title,
  422: "It is right in form, but nothing can come of it.",
  429: problemWords.too_many_requests.title,
};

function parameters({ path, query }: Endpoint): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  if (!query) return inPath;
  const json = schemaOf(query, "input");
  const required = new Set(json.required as string[] | undefined);
  const inQuery = Object.entries(json.properties as Record<string, Json>).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(required.has(name) ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  return [...inPath, ...inQuery];
}

const fileTypes = ["application/x-ndjson", "application/octet-stream"];

function requestBody({ body }: Endpoint): Json {
  if (body === null) return {};
  const content =
    body.kind === "file"
      ? Object.fromEntries(fileTypes.map((type) => [type, {}]))
      : { "application/json": { schema: schemaOf(body.schema, "input") } };
  return { requestBody: { required: true, content } };
}

function responses({ answer, errors = [], scope }: Endpoint): Json {
  const content =
    "schema" in answer
      ? { "application/json": { schema: schemaOf(answer.schema, "output") } }
      : Object.fromEntries(answer.types.map((type) => [type, {}]));
  const refused = [400, 401, ...(scope === null ? [] : [403]), 429, ...errors].sort((x, y) => x - y);
  return {
    [answer.status]: { description: answer.what, content },
    ...Object.fromEntries(refused.map((status) => [status, problemAnswer(usualErrors[status] ?? "")])),
  };
}

function operation(call: Endpoint): Json {
  const given = parameters(call);
  return {
    operationId: call.operationId,
    tags: [call.tag],
    summary: call.summary,
    ...(call.description === undefined ? {} : { description: call.description }),
    // Of a bearer token OpenAPI 3.1 takes the scopes as roles.
    security: [{ token: call.scope === null ? [] : [call.scope] }],
    ...(given.length > 0 ? { parameters: given } : {}),
    ...requestBody(call),
    responses: responses(call),
  };
}

const signed = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => ({
  name,
  in: "header",
  required: true,
  schema: { type: "string" },
}));

const webhookOf = (type: string): Json => ({
  post: {
    operationId: `on.${type}`,
    summary: `Sent when it comes to ${type}`,
    description:
      "Signed as Standard Webhooks says: HMAC-SHA256 of `id.timestamp.body` with the webhook's secret. Any 2xx answer takes it; else it is sent again for about three days, under the same id.",
    parameters: signed,
    requestBody: { required: true, content: { "application/json": { schema: schemaOf(webhookMessage, "output") } } },
    responses: { "2XX": { description: "Taken." } },
  },
});

let made: Json | null = null;

/** The API's OpenAPI 3.1 document, drawn from the schemas that check and type its calls. */
export function openApiDocument(): Json {
  made ??= {
    openapi: "3.1.0",
    info: {
      title: "Tiebreak",
      version,
      summary: "Items, judgements, datasets and runs of a project.",
      description: about,
    },
    servers: [{ url: "/api/v1" }],
    tags: apiTags.map((name) => ({ name })),
    paths: paths(),
    webhooks: Object.fromEntries(webhookEventTypes.map((type) => [type, webhookOf(type)])),
    components: {
      schemas: components(),
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "A project token: tbk_…" } },
    },
  };
  return made;
}

function paths(): Json {
  const all: Record<string, Json> = {};
  for (const call of endpoints) all[call.path] = { ...all[call.path], [call.method]: operation(call) };
  return all;
}
