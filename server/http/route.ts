import type { z } from "zod";
import { type App, getApp } from "../app";
import { startSession } from "../auth/auth";
import { isSameOrigin } from "../auth/origins";
import { addressKey, limit, rateRules } from "../auth/rateLimit";
import { DomainError, type ErrorDetails, errorMeanings, toDomainError } from "../domain/errors";
import { createContext } from "../trpc/context";
import type { SignedInUser, TrpcContext } from "../trpc/init";

/** What a route handler gets: the same as a procedure's context. */
export type RouteContext = TrpcContext;

const errorResponse = (status: number, code: string, details: ErrorDetails = {}): Response =>
  Response.json({ error: { code, details } }, { status, headers: { "cache-control": "no-store" } });

/** The one way errors leave a route handler: a DomainError by its meaning, anything else as a logged 500. */
function toResponse(error: unknown, { log }: App, requestId: string, path: string): Response {
  const told = toDomainError(error);
  if (told !== error) log.error({ requestId, path, err: error }, "unexpected error");
  if (told) return errorResponse(errorMeanings[told.code].status, told.code, told.details);
  return errorResponse(500, "internal_error", { requestId });
}

/**
 * Wraps a route handler: resolves the session, refuses what another site made the browser send, words errors as
 * `{ error: { code, details } }`.
 */
export async function handle(
  request: Request,
  work: (context: RouteContext) => Promise<Response> | Response,
): Promise<Response> {
  const app = getApp();
  const answer = new Headers();
  const { pathname } = new URL(request.url);
  let requestId = request.headers.get("x-request-id") ?? "";
  try {
    checkOrigin(request, app);
    const context = await createContext(app, request.headers, answer);
    requestId = context.requestId;
    const response = await work(context);
    // A handler that starts a session sets the cookie itself.
    if (!response.headers.has("set-cookie")) {
      for (const cookie of answer.getSetCookie()) response.headers.append("set-cookie", cookie);
    }
    return response;
  } catch (error) {
    return toResponse(error, app, requestId, pathname);
  }
}

/** Throws for a request that changes something and comes from another site. */
function checkOrigin(request: Request, { env }: App): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  if (!isSameOrigin(request.headers, env.publicUrl)) throw new DomainError("not_allowed", { reason: "origin" });
}

export function requireUser({ user }: RouteContext): SignedInUser {
  if (!user) throw new DomainError("not_signed_in");
  return user;
}

const largestJson = 100_000;

/** Reads a small JSON body, whatever its content type says: beacons can only send text. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const text = await request.text();
  if (text.length > largestJson) throw new DomainError("invalid_input", { field: "", problem: "is too long" });
  return parsed(schema, parseJson(text));
}

/** What came from outside, by its schema; the first thing that is wrong is told by field. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new DomainError("invalid_input", { field: issue?.path.join(".") ?? "", problem: issue?.message ?? "" });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts a request to a path where people prove who they are against the address it comes from. */
export function limitAddress(request: Request, { app, clientAddress }: RouteContext): void {
  limit(app.db, addressKey(clientAddress, new URL(request.url).pathname), rateRules.address);
}

/** Answers with JSON and a new session for a person who has just proved who they are. */
export async function signedIn(
  request: Request,
  { app }: RouteContext,
  userId: string,
  body: Record<string, unknown>,
): Promise<Response> {
  const response = Response.json(body, { headers: { "cache-control": "no-store" } });
  for (const cookie of await startSession(app, userId, request.headers)) response.headers.append("set-cookie", cookie);
  return response;
}
