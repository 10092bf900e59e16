import { HttpError } from "@/app/_ui/appError";
import type { ErrorDetails } from "@/server/domain/errors";

/**
 * Lets the browser download what a route streams. A link alone would save a refusal as a file or show it as raw JSON, so
 * the answer's head is looked at first and its body left for the download itself.
 */
export async function startDownload(url: string): Promise<void> {
  const look = new AbortController();
  const response = await fetch(url, { signal: look.signal });
  if (!response.ok) {
    const answer: unknown = await response.json().catch(() => null);
    const { error } = (answer ?? {}) as { error?: { code?: string; details?: ErrorDetails; requestId?: string } };
    throw new HttpError(error?.code ?? "internal_error", error?.details, error?.requestId ?? null);
  }
  look.abort();
  window.location.assign(url);
}
