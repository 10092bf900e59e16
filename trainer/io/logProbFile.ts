import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFolderAtomically } from "./atomic";

/** What a log-probability is of. */
export interface Scored {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
}

const file = "log-probs.bin";
const keyBytes = 16;
const checkBytes = 4;
/** 16 bytes of key, the value as float32, 4 bytes that tell whether both are whole. */
const recordBytes = keyBytes + 4 + checkBytes;

const digest = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

function keyOf({ prompt, completion }: Scored): string {
  const tokens = Int32Array.from([prompt.length, ...prompt, ...completion]);
  return digest(new Uint8Array(tokens.buffer)).subarray(0, keyBytes).toString("latin1");
}

/**
 * Summed log-probabilities of completions under one model, kept in memory and, where there is a folder, in it from run to run;
 * found by their tokens. What is damaged on the disk is as if it had never been there. A folder holds at most `bound` bytes:
 * the sets and, of one set, the entries written longest ago go first.
 */
export class LogProbFile {
  private readonly values: Map<string, number>;
  private changed = false;

  /** `set`: a name of model and texts by content. */
  constructor(
    private readonly folder: string | null,
    private readonly set: string,
    private readonly bound = 64 * 2 ** 20,
  ) {
    this.values = this.stored();
  }

  find(of: Scored): number | undefined {
    return this.values.get(keyOf(of));
  }

  /** The first value stays: batches differ in their rounding, and every use of a sequence is to see the same number. */
  add(of: Scored, value: number): void {
    const key = keyOf(of);
    if (this.values.has(key)) return;
    this.values.set(key, Math.fround(value));
    this.changed = true;
  }

  /** Puts what was added on the disk, beside what others put there meanwhile. A full disk costs the cache, not the run. */
  save(): void {
    const { folder } = this;
    if (!this.changed || folder === null) return;
    const all = [...this.stored(), ...this.values];
    const newest = new Map(all.slice(-Math.floor(this.bound / recordBytes)));
    const bytes = Buffer.alloc(newest.size * recordBytes);
    let at = 0;
    for (const [key, value] of newest) {
      bytes.write(key, at, "latin1");
      bytes.writeFloatLE(value, at + keyBytes);
      digest(bytes.subarray(at, at + keyBytes + 4)).copy(bytes, at + keyBytes + 4, 0, checkBytes);
      at += recordBytes;
    }
    try {
      mkdirSync(folder, { recursive: true });
      writeFolderAtomically(join(folder, this.set), { [file]: bytes });
      this.makeRoom(folder);
    } catch {
      // The next run computes them again.
    }
    this.changed = false;
  }

  private stored(): Map<string, number> {
    const values = new Map<string, number>();
    if (this.folder === null) return values;
    const path = join(this.folder, this.set, file);
    if (!existsSync(path)) return values;
    const bytes = readFileSync(path);
    for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
      const record = bytes.subarray(at, at + recordBytes);
      const check = digest(record.subarray(0, keyBytes + 4)).subarray(0, checkBytes);
      if (!check.equals(record.subarray(keyBytes + 4))) continue;
      values.set(record.toString("latin1", 0, keyBytes), record.readFloatLE(keyBytes));
    }
    return values;
  }

  private makeRoom(folder: string): void {
    const sets = readdirSync(folder)
      .map((name) => ({ name, ...sizeAndAge(join(folder, name, file)) }))
      .sort((a, b) => b.written - a.written);
    let held = 0;
    for (const { name, size } of sets) {
      held += size;
      if (held > this.bound && name !== this.set) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

function sizeAndAge(path: string): { size: number; written: number } {
  if (!existsSync(path)) return { size: 0, written: 0 };
  const { size, mtimeMs } = statSync(path);
  return { size, written: mtimeMs };
}
