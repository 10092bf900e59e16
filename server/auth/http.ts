import type { App } from "../app";
import type { ErrorCode } from "../domain/errors";
import { authOf } from "./auth";
import { isSameOrigin } from "./origins";

/** All of better-auth that the product uses; the rest of its paths do not exist. */
const offered = ["/api/auth/sign-in/email", "/api/auth/sign-out", "/api/auth/get-session"];

const codes: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_input",
  401: "not_signed_in",
  403: "not_allowed",
  404: "not_found",
  429: "too_many_requests",
};

/** better-auth's handler, with errors worded as everywhere: `{ error: { code, details } }`. */
export async function answerAuth(app: App, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const answered = await answerOffered(app, request, pathname);
  if (answered.status < 400) return answered;
  const body = (await answered.json().catch(() => ({}))) as { code?: string; retryAfterSeconds?: number };
  const retryAfter = body.retryAfterSeconds ?? Number(answered.headers.get("x-retry-after") ?? 0);
  const details = {
    ...(body.code === "INVALID_EMAIL_OR_PASSWORD" ? { reason: "wrong_credentials" } : {}),
    ...(answered.status === 429 ? { retryAfterSeconds: retryAfter } : {}),
  };
  const code = codes[answered.status] ?? "internal_error";
  return Response.json({ error: { code, details } }, { status: answered.status });
}

async function answerOffered(app: App, request: Request, pathname: string): Promise<Response> {
  if (!offered.includes(pathname)) return new Response(null, { status: 404 });
  if (request.method !== "GET" && !isSameOrigin(request.headers, app.env.publicUrl))
    return new Response(null, { status: 403 });
  return authOf(app).handler(request);
}
