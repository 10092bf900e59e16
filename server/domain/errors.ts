/** Everything that can go wrong and be told to a person. One table below says how each is carried and worded. */
export type ErrorCode =
  | "not_signed_in"
  | "not_allowed"
  | "not_found"
  | "invalid_input"
  | "invite_invalid"
  | "link_invalid"
  | "email_taken"
  | "too_many_requests"
  | "nothing_to_judge"
  | "already_judged"
  | "assignment_gone"
  | "nothing_to_undo"
  | "change_too_late"
  | "import_unreadable"
  | "file_too_large"
  | "snapshot_empty"
  | "run_not_cancellable"
  | "model_in_use"
  | "hub_failed"
  | "worker_offline"
  | "disk_full"
  | "conflict";

/** What a caller must know about a code. `userMessage` is a key under `errors` in the message catalogues. */
interface ErrorMeaning {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 503 | 507;
  readonly retryable: boolean;
}

export const errorMeanings = {
  not_signed_in: { status: 401, retryable: false },
  not_allowed: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  invalid_input: { status: 400, retryable: false },
  invite_invalid: { status: 410, retryable: false },
  link_invalid: { status: 410, retryable: false },
  email_taken: { status: 409, retryable: false },
  too_many_requests: { status: 429, retryable: true },
  nothing_to_judge: { status: 404, retryable: true },
  already_judged: { status: 409, retryable: false },
  assignment_gone: { status: 410, retryable: false },
  change_too_late: { status: 409, retryable: false },
  nothing_to_undo: { status: 409, retryable: false },
  import_unreadable: { status: 422, retryable: false },
  file_too_large: { status: 413, retryable: false },
  snapshot_empty: { status: 422, retryable: false },
  run_not_cancellable: { status: 409, retryable: false },
  model_in_use: { status: 409, retryable: false },
  hub_failed: { status: 503, retryable: true },
  worker_offline: { status: 503, retryable: true },
  disk_full: { status: 507, retryable: true },
  conflict: { status: 409, retryable: true },
} as const satisfies Record<ErrorCode, ErrorMeaning>;

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** The one error that services throw. The tRPC formatter and the route handlers turn it into a response. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

/** What may be told to a person about an error: itself, or that the disk is full; null for one that nobody expected. */
export function toDomainError(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  return isDiskFull(error) ? new DomainError("disk_full", {}, { cause: error }) : null;
}

/** Whether an error of Node or SQLite says that the disk has no room. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL";
}
