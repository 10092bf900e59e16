import type { ErrorDetails } from "@/server/domain/errors";

export interface HttpCall {
  readonly method: "POST" | "HEAD" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | string;
  readonly onProgress?: (sent: number) => void;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly json: { readonly error?: { code?: string; details?: ErrorDetails; requestId?: string } } | null;
  header(name: string): string | null;
}

/** One request. XMLHttpRequest, because fetch does not say how much of a body has gone out. Throws a TypeError when nobody answers. */
export function httpCall({ method, url, headers = {}, body, onProgress, signal }: HttpCall): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () =>
      resolve({
        status: request.status,
        json: readJson(request.responseText),
        header: (name) => request.getResponseHeader(name),
      });
    // What fetch throws when nobody answers.
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(new DOMException("upload cancelled", "AbortError"));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
  });
}

function readJson(text: string): Answer["json"] {
  try {
    return JSON.parse(text) as Answer["json"];
  } catch {
    return null;
  }
}
