import { sendFile } from "../imports/uploadFile";

export interface ChosenFile {
  readonly path: string;
  readonly bytes: number;
  readonly file: File;
}

/** Sends a model's files one after the other and returns the upload of each. The server keeps what it has when this is stopped. */
export async function sendModel(
  projectId: string,
  files: readonly ChosenFile[],
  progress: (sent: number, waiting: boolean) => void,
  signal: AbortSignal,
  send: typeof sendFile = sendFile,
): Promise<{ uploadId: string; path: string }[]> {
  const placed: { uploadId: string; path: string }[] = [];
  let before = 0;
  for (const { path, bytes, file } of files) {
    signal.throwIfAborted();
    let now = 0;
    const upload = send(
      projectId,
      file,
      { purpose: "model", fileName: path },
      {
        progress: (sent) => {
          now = sent;
          progress(before + sent, false);
        },
        wait: () => progress(before + now, true),
      },
    );
    const stop = () => upload.abort();
    signal.addEventListener("abort", stop);
    try {
      placed.push({ path, uploadId: await upload.done });
    } finally {
      signal.removeEventListener("abort", stop);
    }
    before += bytes;
  }
  return placed;
}
