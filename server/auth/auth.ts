import { type BetterAuthPlugin, betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { APIError, createAuthEndpoint, createAuthMiddleware, isAPIError } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { account, rateLimit, session, user, verification } from "@/db/schema/identity";
import type { App } from "../app";
import { clientAddressHeader } from "../domain/clientAddress";
import { longestPassword, shortestPassword } from "./credentials";
import { trustedOrigins } from "./origins";
import { accountKey, consume, forgive, rateRules } from "./rateLimit";
import { readSecret } from "./secret";

/** Signs a person in without a password, after one of our own proofs. It has no path: only server code can call it. */
const sessions = {
  id: "tiebreak-sessions",
  endpoints: {
    startSession: createAuthEndpoint(
      { method: "POST", body: z.object({ userId: z.string() }), metadata: { scope: "server" } },
      async (ctx) => {
        const person = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (!person) throw new APIError("NOT_FOUND");
        const started = await ctx.context.internalAdapter.createSession(person.id);
        await setSessionCookie(ctx, { session: started, user: person });
        return { sessionId: started.id };
      },
    ),
  },
} satisfies BetterAuthPlugin;

const emailOf = (body: unknown): string => String((body as { email?: unknown } | undefined)?.email ?? "");

/** Wrong passwords are counted for the account, whether it exists or not; parallel guesses are counted before they run. */
const perAccount = ({ db }: App) => ({
  before: createAuthMiddleware(async (ctx) => {
    if (ctx.path !== "/sign-in/email") return;
    const retryAfterSeconds = consume(db, accountKey(emailOf(ctx.body)), rateRules.account);
    if (retryAfterSeconds !== null) throw new APIError("TOO_MANY_REQUESTS", { retryAfterSeconds });
  }),
  after: createAuthMiddleware(async (ctx) => {
    if (ctx.path !== "/sign-in/email" || isAPIError(ctx.context.returned)) return;
    forgive(db, accountKey(emailOf(ctx.body)));
  }),
});

function createAuth(app: App) {
  const { env, db } = app;
  const rule = { window: rateRules.address.windowSeconds, max: rateRules.address.max };
  return betterAuth({
    baseURL: env.publicUrl,
    secret: readSecret(env.dataDir),
    trustedOrigins: (request) => trustedOrigins(env.publicUrl, request?.headers.get("host") ?? null),
    // Not transactional: better-sqlite3 has synchronous transactions only. What must be whole we write ourselves.
    database: drizzleAdapter(db, {
      provider: "sqlite",
      transaction: false,
      schema: { user, session, account, verification, rateLimit },
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: shortestPassword,
      maxPasswordLength: longestPassword,
    },
    user: {
      additionalFields: { instanceRole: { type: ["admin", "member"], input: false, defaultValue: "member" } },
    },
    session: { expiresIn: 30 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: {
      enabled: true,
      ...rule,
      // Without a rule of its own better-auth allows three sign-ins in ten seconds: not even a small classroom.
      customRules: { "/sign-in/email": rule },
      customStorage: {
        consume: async (key, { max, window }) => {
          const retryAfter = consume(db, key, { max, windowSeconds: window });
          return { allowed: retryAfter === null, retryAfter };
        },
      },
    },
    advanced: {
      cookiePrefix: "tiebreak",
      useSecureCookies: env.publicUrl.startsWith("https:"),
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    telemetry: { enabled: false },
    logger: { log: (level, message) => app.log[level === "error" ? "warn" : "debug"]({ from: "auth" }, message) },
    hooks: perAccount(app),
    plugins: [sessions],
  });
}

export type Auth = ReturnType<typeof createAuth>;
const made = new WeakMap<App, Auth>();

/** The app's one auth server. */
export function authOf(app: App): Auth {
  const auth = made.get(app) ?? createAuth(app);
  made.set(app, auth);
  return auth;
}

/** Signs a person in: the `Set-Cookie` lines of their new session. Call it with proof of who they are only. */
export async function startSession(app: App, userId: string, headers: Headers): Promise<string[]> {
  const started = await authOf(app).api.startSession({ body: { userId }, headers, returnHeaders: true });
  return started.headers.getSetCookie();
}
