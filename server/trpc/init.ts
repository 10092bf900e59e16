import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import type { App } from "../app";
import { DomainError, type ErrorCode, errorMeanings, toDomainError } from "../domain/errors";
import type { ProjectRole } from "../domain/roles";
import { authorize } from "../services/access";

export interface SignedInUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly instanceAdmin: boolean;
}

export interface TrpcContext {
  readonly app: App;
  readonly user: SignedInUser | null;
  /** The session they came with, so that it can be told from their others. */
  readonly sessionId?: string | null;
  readonly requestId: string;
  readonly clientAddress: string;
}

/** What a procedure needs from its caller; the permission test walks these. */
export interface ProcedureMeta {
  readonly needs: "public" | "user" | "instance-admin" | ProjectRole;
}

const trpcCodes = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  410: "NOT_FOUND",
  413: "PAYLOAD_TOO_LARGE",
  422: "UNPROCESSABLE_CONTENT",
  429: "TOO_MANY_REQUESTS",
  503: "SERVICE_UNAVAILABLE",
  507: "INTERNAL_SERVER_ERROR",
} as const;

const t = initTRPC
  .context<TrpcContext>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    sse: {
      ping: { enabled: true, intervalMs: 5_000 },
      client: { reconnectAfterInactivityMs: 15_000 },
      maxDurationMs: 3_600_000,
    },
    errorFormatter({ shape, error, ctx }) {
      const domain =
        error.cause instanceof DomainError ? { code: error.cause.code, details: error.cause.details } : null;
      return {
        ...shape,
        message: domain?.code ?? (error.code === "INTERNAL_SERVER_ERROR" ? "internal_error" : shape.message),
        data: { code: shape.data.code, httpStatus: shape.data.httpStatus, requestId: ctx?.requestId ?? null, domain },
      };
    },
  });

/** Turns a DomainError into tRPC's error, logs what nobody expected. */
const errors = t.middleware(async ({ ctx, next, path, type }) => {
  const started = performance.now();
  const result = await next();
  const ms = Math.round(performance.now() - started);
  if (result.ok) {
    ctx.app.log.debug({ requestId: ctx.requestId, path, type, ms, user: ctx.user?.id }, "call");
    return result;
  }
  const { cause } = result.error;
  const told = toDomainError(cause);
  if (told) {
    if (told !== cause) ctx.app.log.error({ requestId: ctx.requestId, path, err: cause }, "unexpected error");
    throw new TRPCError({ code: trpcCodes[errorMeanings[told.code].status], message: told.code, cause: told });
  }
  const zodIssue = cause instanceof z.core.$ZodError ? cause.issues[0] : undefined;
  if (zodIssue && result.error.code === "BAD_REQUEST") {
    const details = { field: zodIssue.path.join("."), problem: zodIssue.message };
    throw new TRPCError({
      code: "BAD_REQUEST",
      message: "invalid_input",
      cause: new DomainError("invalid_input", details),
    });
  }
  if (result.error.code === "INTERNAL_SERVER_ERROR") {
    ctx.app.log.error({ requestId: ctx.requestId, path, err: cause ?? result.error }, "unexpected error");
  }
  return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

export const publicProcedure = t.procedure.use(errors).meta({ needs: "public" });

export const userProcedure = t.procedure
  .use(errors)
  .meta({ needs: "user" })
  .use(({ ctx, next }) => {
    if (!ctx.user) throw domainError("not_signed_in");
    return next({ ctx: { ...ctx, user: ctx.user } });
  });

export const instanceAdminProcedure = userProcedure.meta({ needs: "instance-admin" }).use(({ ctx, next }) => {
  if (!ctx.user.instanceAdmin) throw domainError("not_allowed");
  return next();
});

/** A procedure on one project: checks the membership on every call and hands the service its proof as `ctx.access`. */
export const projectProcedure = <R extends ProjectRole>(needs: R) =>
  userProcedure
    .meta({ needs })
    .input(z.object({ projectId: z.string().min(1) }))
    .use(({ ctx, input, next }) =>
      next({ ctx: { ...ctx, access: authorize(ctx.app.db, ctx.user.id, input.projectId, needs) } }),
    );

function domainError(code: ErrorCode): DomainError {
  return new DomainError(code);
}
