import { DomainError, type ErrorCode, errorMeanings, toDomainError } from "../domain/errors";

/** RFC 9457, with where it is wrong and what to do about it beside what it is. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  /** What is wrong here and now. */
  readonly detail: string;
  /** Which part of the request: `query.limit`, `body.rule.testShare`, `header.authorization`. */
  readonly where?: string;
  /** What to do. */
  readonly action: string;
  readonly requestId: string;
}

/** Refusals that only programs meet. */
export type ApiCode = ErrorCode | "scope_missing" | "no_such_call" | "method_not_allowed" | "internal_error";

/** What each code means to a program and what it should do. */
export const problemWords: Readonly<Record<ApiCode, { readonly title: string; readonly action: string }>> = {
  not_signed_in: {
    title: "The token opens nothing",
    action: "Send a valid token as Authorization: Bearer tbk_…; an admin makes one in the project's settings.",
  },
  scope_missing: {
    title: "The token may not do this",
    action: "Make a token with the scope that this call names and use that one.",
  },
  not_allowed: {
    title: "Not allowed",
    action: "Ask an owner of the project for the role that this needs.",
  },
  no_such_call: { title: "There is no such call", action: "See openapi.json for the calls that there are." },
  method_not_allowed: {
    title: "This address has no such method",
    action: "Use a method that the Allow header names.",
  },
  not_found: { title: "Not found", action: "Check the id; list the resource to see what there is." },
  invalid_input: { title: "The request is not right", action: "Correct what `where` names and send it again." },
  invite_invalid: { title: "The invite is not valid", action: "Ask for a new one." },
  link_invalid: { title: "The link is not valid", action: "Ask for a new one." },
  email_taken: { title: "The address is taken", action: "Use another address." },
  too_many_requests: { title: "Too many requests", action: "Wait as long as the Retry-After header says." },
  nothing_to_judge: { title: "There is nothing to judge", action: "Try again later." },
  already_judged: { title: "Judged already", action: "Go on with the next pair." },
  assignment_gone: { title: "The pair is gone", action: "Claim another." },
  nothing_to_undo: { title: "Nothing to undo", action: "Go on with the next pair." },
  change_too_late: { title: "Too late to change", action: "Leave it as it is." },
  import_unreadable: {
    title: "The file cannot be read",
    action: "Correct the file as the detail says and send it again; docs/formats.md lists what is recognised.",
  },
  file_too_large: { title: "The file is too large", action: "Send it in several parts." },
  snapshot_empty: {
    title: "No pair would be left to train on",
    action: "Collect more judgements or loosen the rule.",
  },
  hub_failed: { title: "The model hub gave nothing", action: "Do what the detail says, or try again later." },
  run_not_cancellable: { title: "The run has ended already", action: "There is nothing to cancel." },
  model_in_use: { title: "The model is in use", action: "Wait until that has ended." },
  worker_offline: { title: "The worker is not running", action: "Restart Tiebreak." },
  disk_full: { title: "The server's disk is full", action: "Free some room there and send it again." },
  conflict: {
    title: "The state of this does not allow it now",
    action: "Read it again and see what it is doing.",
  },
  internal_error: {
    title: "Something unexpected went wrong",
    action: "Try again; the server's log has the request id.",
  },
};

/** A refusal of the API itself. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  constructor(
    readonly code: Exclude<ApiCode, ErrorCode | "internal_error">,
    readonly status: number,
    readonly detail: string,
    readonly where?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** The problem's own address: stable, and found in the documentation's list. */
const typeOf = (code: ApiCode): string => `urn:tiebreak:problem:${code}`;

const tokenReasons: Readonly<Record<string, string>> = {
  missing: "There is no token in the request.",
  unknown: "There is no such token.",
  revoked: "This token was revoked.",
  expired: "This token has expired.",
  maker: "The person who made this token is no admin of the project any more, so it opens nothing.",
};

function detailOf({ code, details }: DomainError): string {
  const { reason, problem, what, retryAfterSeconds, limitBytes } = details;
  if (code === "not_signed_in") return tokenReasons[String(reason)] ?? "The token opens nothing.";
  if (code === "too_many_requests") return `Ask again in ${retryAfterSeconds} seconds.`;
  if (code === "file_too_large") return `A file may have ${limitBytes} bytes.`;
  if (code === "snapshot_empty") return `Left out: ${JSON.stringify(details)}.`;
  if (typeof problem === "string" && problem !== "") return problem;
  if (typeof what === "string") return `There is no such ${what} in this project.`;
  return typeof reason === "string" ? reason : problemWords[code].title;
}

/** What a program is told of an error; null for one that nobody expected. */
export function toProblem(
  error: unknown,
  requestId: string,
): { problem: Problem; headers: Record<string, string> } | null {
  if (error instanceof ApiRefusal) {
    const { code, status, detail, where, headers } = error;
    return { problem: problemOf(code, status, detail, requestId, where), headers: { ...headers } };
  }
  const told = toDomainError(error);
  if (!told) return null;
  const { status } = errorMeanings[told.code];
  const { field, retryAfterSeconds } = told.details;
  const where =
    told.code === "not_signed_in"
      ? "header.authorization"
      : typeof field === "string" && field !== ""
        ? field
        : undefined;
  const headers: Record<string, string> = {};
  if (told.code === "not_signed_in") headers["www-authenticate"] = 'Bearer realm="tiebreak"';
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  return { problem: problemOf(told.code, status, detailOf(told), requestId, where), headers };
}

export function problemOf(code: ApiCode, status: number, detail: string, requestId: string, where?: string): Problem {
  const { title, action } = problemWords[code];
  return {
    type: typeOf(code),
    title,
    status,
    code,
    detail,
    ...(where === undefined ? {} : { where }),
    action,
    requestId,
  };
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

/** Names the part of the request that a field belongs to. */
export const inPart = (part: "query" | "body" | "path", error: unknown): unknown =>
  error instanceof DomainError && error.code === "invalid_input"
    ? new DomainError("invalid_input", {
        ...error.details,
        field: [part, error.details.field].filter((name) => name !== "" && name !== undefined).join("."),
      })
    : error;
