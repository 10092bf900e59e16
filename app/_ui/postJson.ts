import type { ErrorDetails } from "@/server/domain/errors";
import { HttpError } from "./appError";

/** Posts JSON to a route handler of ours and gives its JSON answer; throws HttpError with the handler's code. */
export async function postJson<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { error } = (answer ?? {}) as { error?: { code?: string; details?: ErrorDetails } };
  const requestId = error?.details?.requestId;
  throw new HttpError(
    error?.code ?? "internal_error",
    error?.details,
    typeof requestId === "string" ? requestId : null,
    response.status,
  );
}
