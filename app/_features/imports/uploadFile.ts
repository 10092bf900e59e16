import { HttpError, readError } from "@/app/_ui/appError";
import { type Answer, type HttpCall, httpCall } from "./httpCall";

export interface Upload {
  /** The new import's id, or the upload's. */
  readonly done: Promise<string>;
  /** Stops sending; the server keeps what it has, and the same file goes on there. */
  abort(): void;
  /** Stops, and has the server forget it. */
  discard(): Promise<void>;
}

interface Listener {
  /** Bytes that are there or on their way. */
  progress(sent: number): void;
  /** Nobody answers: it is tried again. */
  wait(): void;
}

/** Small enough that a broken connection costs little, large enough that a round trip does not matter. */
const pieceBytes = 8 * 1024 ** 2;
const longestPauseMs = 30_000;
/** How often a piece may arrive otherwise than it was sent. */
const mostDamaged = 3;

export interface UploadTools {
  readonly call: (request: HttpCall) => Promise<Answer>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Waits, or until the browser says that it is on-line again. */
const pause: UploadTools["pause"] = (ms, signal) =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(cancelled());
      else resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });

const cancelled = () => new DOMException("upload cancelled", "AbortError");

/** Sends a file as an import, whose id it ends with. */
export const uploadFile = (projectId: string, file: File, listener: Listener, tools?: UploadTools): Upload =>
  sendFile(projectId, file, { purpose: "import", fileName: file.name }, listener, tools);

interface Destination {
  readonly purpose: "import" | "model";
  /** Among a model's files, its place. */
  readonly fileName: string;
}

/**
 * Sends a file piece by piece, from where the server has it; a lost connection or a server that restarts only delays it. A
 * model's file ends with its upload's id: the model takes it when all of its files are there.
 */
export function sendFile(
  projectId: string,
  file: File,
  { purpose, fileName }: Destination,
  listener: Listener,
  tools: UploadTools = { call: httpCall, pause },
): Upload {
  const gone = new AbortController();
  const base = `/api/import/${encodeURIComponent(projectId)}/uploads`;
  let place: string | null = null;
  let id = "";

  /** Calls until somebody answers; what the server refuses for good is thrown. */
  async function insist(call: HttpCall): Promise<Answer> {
    for (let waitMs = 1_000; ; waitMs = Math.min(longestPauseMs, waitMs * 2)) {
      const answer = await tools.call({ ...call, signal: gone.signal }).catch((error: unknown) => {
        if (gone.signal.aborted || !(error instanceof TypeError)) throw error;
        return null;
      });
      if (answer && answer.status < 500) return answer;
      if (answer && !readError(toError(answer)).retryable) throw toError(answer);
      // A full disk is somebody's to free; that takes longer than a person waits.
      if (answer?.status === 507) throw toError(answer);
      listener.wait();
      await tools.pause(waitMs, gone.signal);
    }
  }

  async function begin(): Promise<number> {
    const said = { fileName, bytes: file.size, fingerprint: String(file.lastModified), purpose };
    const answer = await insist({ method: "POST", url: base, body: JSON.stringify(said) });
    if (answer.status !== 200) throw toError(answer);
    const { uploadId, offset } = answer.json as { uploadId: string; offset: number };
    id = uploadId;
    place = `${base}/${uploadId}`;
    return offset;
  }

  async function sendFrom(offset: number): Promise<number> {
    const piece = file.slice(offset, offset + pieceBytes);
    const headers: Record<string, string> = {
      "upload-offset": String(offset),
      "content-type": "application/offset+octet-stream",
    };
    const checksum = await checksumOf(piece);
    if (checksum !== null) headers["upload-checksum"] = `sha256 ${checksum}`;
    const url = place as string;
    const onProgress = (sent: number) => listener.progress(offset + sent);
    try {
      const answer = await tools.call({ method: "PATCH", url, headers, body: piece, onProgress, signal: gone.signal });
      if (answer.status === 204) return Number(answer.header("upload-offset"));
      if (answer.json?.error?.code === "invalid_input") damaged += 1;
      const lasting = answer.status < 500 && answer.status !== 409 && answer.status !== 400;
      if (lasting || answer.status === 507 || damaged > mostDamaged) throw toError(answer);
    } catch (error) {
      if (gone.signal.aborted || !(error instanceof TypeError)) throw error;
      listener.wait();
      await tools.pause(1_000, gone.signal);
    }
    // How far it is, the server knows.
    const asked = await insist({ method: "HEAD", url });
    if (asked.status !== 200) throw toError(asked);
    return Number(asked.header("upload-offset"));
  }
  let damaged = 0;

  async function run(): Promise<string> {
    let offset = await begin();
    while (offset < file.size) {
      listener.progress(offset);
      offset = await sendFrom(offset);
    }
    listener.progress(file.size);
    if (purpose === "model") return id;
    const answer = await insist({ method: "POST", url: place as string, body: "" });
    if (answer.status !== 200) throw toError(answer);
    return (answer.json as { importId: string }).importId;
  }

  return {
    done: run(),
    abort: () => gone.abort(),
    async discard() {
      gone.abort();
      if (place !== null) await tools.call({ method: "DELETE", url: place });
    },
  };
}

export const discardUpload = (projectId: string, uploadId: string): Promise<unknown> =>
  httpCall({ method: "DELETE", url: `/api/import/${encodeURIComponent(projectId)}/uploads/${uploadId}` });

function toError({ status, json }: Answer): HttpError {
  const error = json?.error;
  return new HttpError(error?.code ?? "internal_error", error?.details, error?.requestId, status);
}

/** SHA-256 in base64; null where the browser keeps its cryptography to secure pages. */
async function checksumOf(piece: Blob): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
