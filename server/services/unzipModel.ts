import { createWriteStream, statfsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { isDiskFull } from "../domain/errors";
import { safePath } from "../domain/models/modelFiles";
import { listFiles } from "./additionFiles";

/** Why a packed model cannot be unpacked, as a sentence. */
export class UnpackProblem extends Error {
  override readonly name = "UnpackProblem";
}

const mostFiles = 2_000;

/** Unpacks the one zip file that a folder holds, in its place; a folder of anything else stays as it is. */
export async function unzipModel(folder: string, signal: AbortSignal): Promise<void> {
  const [only, ...others] = listFiles(folder);
  if (!only || others.length > 0 || !/\.zip$/i.test(only)) return;
  const path = join(folder, only);
  const { bavail, bsize } = statfsSync(folder);
  let left = bavail * bsize;
  try {
    const zip = await openPromise(path);
    try {
      if (zip.entryCount > mostFiles) throw new UnpackProblem(`${only} holds more than ${mostFiles} files.`);
      for await (const entry of zip.eachEntry()) {
        signal.throwIfAborted();
        const { fileName, uncompressedSize } = entry;
        if (fileName.endsWith("/") || /(^|\/)(\.|__MACOSX\/)/.test(fileName)) continue;
        const name = safePath(fileName);
        if (!name)
          throw new UnpackProblem(`${only} holds a file whose name leads elsewhere: ${fileName.slice(0, 80)}.`);
        left -= uncompressedSize;
        if (left < 0) throw new UnpackProblem(`${only} unpacks to more than the disk has room for.`);
        const target = join(folder, name);
        await mkdir(dirname(target), { recursive: true });
        // yauzl ends a stream that gives more than its entry said.
        await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target), { signal });
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof UnpackProblem || isDiskFull(error) || signal.aborted) throw error;
    throw new UnpackProblem(`${only} is damaged: ${(error as Error).message.slice(0, 120)}. Pack it again.`);
  }
  await rm(path);
}
