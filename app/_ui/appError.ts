import { type ErrorCode, type ErrorDetails, errorMeanings } from "@/server/domain/errors";

/** A code of the product, or what has none: an unforeseen failure of the server, or no answer at all. */
type AppErrorCode = ErrorCode | "internal_error" | "network";

export interface AppError {
  readonly code: AppErrorCode;
  readonly details: ErrorDetails;
  /** Finds the failure in the server's log. */
  readonly requestId: string | null;
  readonly retryable: boolean;
}

/** A route handler's error answer: `{ error: { code, details } }`. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(
    readonly code: string,
    readonly details: ErrorDetails = {},
    readonly requestId: string | null = null,
    readonly status = 500,
  ) {
    super(code);
  }
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(errorMeanings, code);

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

function detailsOf(value: unknown): ErrorDetails {
  return record(value) as ErrorDetails;
}

/** Reads what any failed call of ours carries: a tRPC error, a route handler's error, or a fetch that found nobody. */
export function readError(error: unknown): AppError {
  const thrown = record(error);
  const data = record(thrown.data);
  const domain = record(data.domain);
  const requestId = [data.requestId, thrown.requestId].find((id): id is string => typeof id === "string") ?? null;
  const known = (code: ErrorCode, details: unknown): AppError => ({
    code,
    details: detailsOf(details),
    requestId,
    retryable: errorMeanings[code].retryable,
  });
  if (isErrorCode(domain.code)) return known(domain.code, domain.details);
  if (error instanceof HttpError) {
    if (isErrorCode(error.code)) return known(error.code, error.details);
    if (error.status === 429) return known("too_many_requests", {});
    return { code: "internal_error", details: {}, requestId, retryable: true };
  }
  if (data.httpStatus !== undefined || "code" in thrown) {
    return { code: "internal_error", details: {}, requestId, retryable: true };
  }
  // tRPC's client wraps a failed fetch in an error without data; a bare fetch throws a TypeError.
  const unreachable = thrown.name === "TRPCClientError" || error instanceof TypeError;
  return { code: unreachable ? "network" : "internal_error", details: {}, requestId, retryable: true };
}
