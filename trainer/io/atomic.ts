import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { TrainerError } from "../contracts/error";

/** An error of writing to `path`: of a full disk one that says so. */
export function toDiskError(error: unknown, path: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOSPC") return error;
  return new TrainerError(
    "disk_full",
    `The disk is full: ${path} could not be written. Free some space and start the run again.`,
    { path },
  );
}

/** A file's bytes, whole or piece by piece. */
type Content = Uint8Array | string | Iterable<Uint8Array>;

function piecesOf(content: Content): Iterable<Uint8Array> {
  if (typeof content === "string") return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** Writes a file and waits until it is on the disk. */
function writeDurably(path: string, content: Content): void {
  const file = openSync(path, "w");
  try {
    for (const bytes of piecesOf(content)) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Writes a folder's files so that it is there whole or not at all: into a neighbour, flushed, then renamed. A folder of
 * the same name is replaced.
 */
export function writeFolderAtomically(path: string, files: Readonly<Record<string, Content>>): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      writeDurably(join(temporary, name), content);
    }
    syncFolder(temporary);
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw toDiskError(error, path);
  }
}
