import { randomUUID } from "node:crypto";
import type { App } from "../app";
import { authOf } from "../auth/auth";
import { clientAddressHeader } from "../domain/clientAddress";
import type { TrpcContext } from "./init";

/**
 * Who is calling, from a request's headers. Given `answer`, a session that is used past its first day is renewed and its
 * cookie set there; pages that only render cannot set cookies, so they leave the renewal to the next call.
 */
export async function createContext(app: App, headers: Headers, answer: Headers | null): Promise<TrpcContext> {
  const found = await authOf(app).api.getSession({
    headers,
    query: { disableRefresh: answer === null },
    returnHeaders: true,
  });
  for (const cookie of found.headers.getSetCookie()) answer?.append("set-cookie", cookie);
  const { session, user } = found.response ?? { session: null, user: null };
  return {
    app,
    user: user && {
      id: user.id,
      name: user.name,
      email: user.email,
      instanceAdmin: user.instanceRole === "admin",
    },
    sessionId: session?.id ?? null,
    requestId: headers.get("x-request-id") ?? randomUUID(),
    clientAddress: headers.get(clientAddressHeader) ?? "unknown",
  };
}
