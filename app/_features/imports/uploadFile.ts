import { HttpError } from "@/app/_ui/appError";
import type { ErrorDetails } from "@/server/domain/errors";

export interface Upload {
  /** The new import's id. */
  readonly done: Promise<string>;
  abort(): void;
}

/** Sends a file as it is. XMLHttpRequest, because fetch does not say how much of a body has gone out. */
export function uploadFile(projectId: string, file: File, onProgress: (sent: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<string>((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const answer = readAnswer(request);
      if (request.status >= 200 && request.status < 300 && answer.importId) resolve(answer.importId);
      else
        reject(new HttpError(answer.error?.code ?? "internal_error", answer.error?.details, answer.error?.requestId));
    };
    // What fetch throws when nobody answers.
    request.onerror = () => reject(new TypeError("upload failed"));
    request.onabort = () => reject(new DOMException("upload cancelled", "AbortError"));
    const url = `/api/import/${encodeURIComponent(projectId)}?fileName=${encodeURIComponent(file.name)}`;
    request.open("POST", url);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.send(file);
  });
  return { done, abort: () => request.abort() };
}

interface Answer {
  readonly importId?: string;
  readonly error?: { readonly code?: string; readonly details?: ErrorDetails; readonly requestId?: string };
}

function readAnswer(request: XMLHttpRequest): Answer {
  try {
    return (JSON.parse(request.responseText) ?? {}) as Answer;
  } catch {
    return {};
  }
}
