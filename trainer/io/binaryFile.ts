import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { TrainerError } from "../contracts/error";

/** What the system takes in one read. */
const largestRead = 2 ** 30;

/** A file read piece by piece. Reading past its end is an error that names the file. */
export class BinaryFile {
  private readonly descriptor: number;
  readonly size: number;

  constructor(readonly path: string) {
    try {
      this.descriptor = openSync(path, "r");
    } catch (cause) {
      throw new TrainerError("bad_model", `${path} cannot be read: ${(cause as Error).message}.`, { path }, { cause });
    }
    this.size = fstatSync(this.descriptor).size;
  }

  /** Fills `bytes` with the file's from `position` on. */
  readInto(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(this.descriptor, bytes, at, Math.min(largestRead, bytes.length - at), position + at);
      if (read === 0) throw this.bad(`ends at byte ${this.size}, and ${position + bytes.length} are needed`);
      at += read;
    }
  }

  read(position: number, length: number): Buffer {
    if (position + length > this.size) throw this.bad(`ends at byte ${this.size}, and ${position + length} are needed`);
    const bytes = Buffer.alloc(length);
    this.readInto(bytes, position);
    return bytes;
  }

  bad(what: string): TrainerError {
    return new TrainerError("bad_model", `${this.path} ${what}. Get the file again.`, { path: this.path });
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Opens a file for `use` and closes it whatever happens. */
export function withFile<T>(path: string, use: (file: BinaryFile) => T): T {
  const file = new BinaryFile(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}
