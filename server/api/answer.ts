import { randomUUID } from "node:crypto";
import { type App, getApp } from "../app";
import { countRequest, type RateWindow } from "../auth/rateLimit";
import { clientAddressHeader } from "../domain/clientAddress";
import { DomainError } from "../domain/errors";
import { parsed, parseJson } from "../http/route";
import { openToken } from "../services/tokens.service";
import { endpoints } from "./calls";
import type { Endpoint, Params } from "./endpoint";
import { openApiDocument } from "./openapi";
import { ApiRefusal, inPart, problemOf, problemResponse, toProblem } from "./problem";

const apiBase = "/api/v1";

/** Calls of one token: ten a second for long, bursts of a minute's worth. */
const tokenRule = { max: 600, windowSeconds: 60 } as const;
/** Calls without a valid token from one address: a program that guesses is slowed down. */
const strangerRule = { max: 60, windowSeconds: 60 } as const;

/** Kept in this one process: a count that a restart forgets is no loss, and a call must not cost a write. */
const windows = new Map<string, RateWindow>();
const mostWindows = 10_000;

function limit(key: string, rule: typeof tokenRule | typeof strangerRule, now = Date.now()): void {
  if (windows.size > mostWindows)
    for (const [old, { startedAt }] of windows) if (now - startedAt > rule.windowSeconds * 1000) windows.delete(old);
  const { next, retryAfterSeconds } = countRequest(windows.get(key) ?? null, rule, now);
  windows.set(key, next);
  if (retryAfterSeconds !== null) throw new DomainError("too_many_requests", { retryAfterSeconds });
}

/** Answers a call of the REST API. Tokens only: a browser's session is not looked at, so no other site can use it. */
export async function answerApi(request: Request): Promise<Response> {
  const app = getApp();
  const requestId = request.headers.get("x-request-id") ?? randomUUID();
  try {
    return await dispatch(app, request);
  } catch (error) {
    const told = toProblem(error, requestId);
    if (told) return problemResponse(told.problem, told.headers);
    const path = new URL(request.url).pathname;
    app.log.error({ requestId, path, err: error }, "unexpected error");
    return problemResponse(problemOf("internal_error", 500, "Nothing half-done was saved.", requestId));
  }
}

async function dispatch(app: App, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice(apiBase.length);
  if (path === "/openapi.json" && request.method === "GET") return Response.json(openApiDocument());
  const token = presentedToken(app, request);
  const { call, params } = route(path, request.method);
  if (call.scope !== null && !token.scopes.includes(call.scope))
    throw new ApiRefusal("scope_missing", 403, `This token lacks the scope "${call.scope}".`, "header.authorization");
  const query = part("query", () => call.query && parsed(call.query, Object.fromEntries(url.searchParams)));
  const body = await readBody(call, request);
  const given = { params, query, body } as { params: Params; query: never; body: never };
  const work = async () => call.handle({ app, request, token, access: token.access }, given);
  const answer = await work().catch((error: unknown) => {
    throw inPart(partOf(call, error), error);
  });
  if (answer instanceof Response) return answer;
  return Response.json(answer, { status: call.answer.status, headers: { "cache-control": "no-store" } });
}

/** The token of the request. One that opens nothing counts against the address it comes from. */
function presentedToken({ db }: App, request: Request) {
  const [, presented] = /^Bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  try {
    if (presented === undefined) throw new DomainError("not_signed_in", { reason: "missing" });
    const token = openToken(db, presented);
    limit(`token|${token.id}`, tokenRule);
    return token;
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_signed_in")
      limit(`address|${request.headers.get(clientAddressHeader) ?? "unknown"}`, strangerRule);
    throw error;
  }
}

const patterns = endpoints.map((call) => ({
  call,
  pattern: new RegExp(`^${call.path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
}));

function route(path: string, method: string): { call: Endpoint; params: Params } {
  const found = patterns.flatMap(({ call, pattern }) => {
    const match = pattern.exec(path);
    return match ? [{ call, params: decoded(match.groups ?? {}) }] : [];
  });
  const one = found.find(({ call }) => call.method === method.toLowerCase());
  if (one) return one;
  if (found.length === 0) throw new ApiRefusal("no_such_call", 404, `There is nothing at ${apiBase}${path}.`, "path");
  const allow = found.map(({ call }) => call.method.toUpperCase()).join(", ");
  throw new ApiRefusal("method_not_allowed", 405, `${method} is not offered here, but ${allow}.`, "method", { allow });
}

function decoded(groups: Readonly<Record<string, string>>): Params {
  return part("path", () =>
    Object.fromEntries(
      Object.entries(groups).map(([name, value]) => {
        try {
          return [name, decodeURIComponent(value)];
        } catch {
          throw new DomainError("invalid_input", { field: name, problem: "is not percent-encoded UTF-8" });
        }
      }),
    ),
  );
}

/** Errors of a part of the request say which part it was. */
function part<T>(name: "query" | "body" | "path", read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw inPart(name, error);
  }
}

/** Which part of the request a field belongs to that was found wrong later on. */
function partOf({ query, body }: Endpoint, error: unknown): "query" | "body" {
  const field = error instanceof DomainError ? String(error.details.field ?? "") : "";
  return query && (field in query.shape || body === null) ? "query" : "body";
}

const largestJson = 1_000_000;

async function readBody({ body }: Endpoint, request: Request): Promise<unknown> {
  if (body?.kind !== "json") return null;
  const text = await request.text();
  return part("body", () => {
    if (text.length > largestJson)
      throw new DomainError("invalid_input", { field: "", problem: `has more than ${largestJson} characters` });
    const value = text.trim() === "" ? {} : parseJson(text);
    if (value === undefined) throw new DomainError("invalid_input", { field: "", problem: "is not JSON" });
    return parsed(body.schema, value);
  });
}
