import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { DatasetManifest } from "@/trainer/contracts/example";
import { canonicalJson } from "../domain/imports/identity";
import type { CombinationRule } from "../domain/preference";
import type { SnapshotPair, SnapshotResponse, SnapshotSink, Split } from "./snapshots.pairs";

export const snapshotFolder = (snapshotsDir: string, contentHash: string): string => join(snapshotsDir, contentHash);

type Part = Split | `${Split}-responses`;

/** A snapshot's files (those with labelled responses only where there are any), written into a neighbouring folder and hashed on the way; nobody sees them until `publish`. */
export class SnapshotWriter implements SnapshotSink {
  readonly #folder: string;
  readonly #hash = createHash("sha256");
  readonly #files = new Map<Part, WriteStream>();

  private constructor(
    readonly snapshotsDir: string,
    folder: string,
    rule: CombinationRule,
  ) {
    this.#folder = folder;
    this.#hash.update(`${canonicalJson(rule)}\n`);
    for (const split of ["train", "test"] as const) this.#fileOf(split);
  }

  #fileOf(part: Part): WriteStream {
    const open = this.#files.get(part);
    if (open) return open;
    const file = createWriteStream(join(this.#folder, `${part}.jsonl`));
    // An error shows up where the stream is waited for; without a listener it would end the process.
    file.on("error", () => {});
    this.#files.set(part, file);
    return file;
  }

  static async open(snapshotsDir: string, rule: CombinationRule): Promise<SnapshotWriter> {
    const folder = join(snapshotsDir, `.part-${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    return new SnapshotWriter(snapshotsDir, folder, rule);
  }

  async write(pairs: readonly SnapshotPair[]): Promise<void> {
    await this.#append(pairs.map(({ split, example }) => [split, example]));
  }

  async writeResponses(responses: readonly SnapshotResponse[]): Promise<void> {
    await this.#append(responses.map(({ split, response }) => [`${split}-responses`, response]));
  }

  async #append(rows: readonly (readonly [Part, object])[]): Promise<void> {
    const texts = new Map<Part, string>();
    for (const [part, row] of rows) {
      const line = `${JSON.stringify(row)}\n`;
      this.#hash.update(`${part} ${line}`);
      texts.set(part, (texts.get(part) ?? "") + line);
    }
    for (const [part, text] of texts) {
      const file = this.#fileOf(part);
      if (file.errored) throw file.errored;
      if (!file.write(text)) await once(file, "drain");
    }
  }

  /** Ends the files; the hash of the rule and of every line with its split. */
  async end(): Promise<string> {
    for (const file of this.#files.values()) {
      file.end();
      await finished(file);
    }
    return this.#hash.digest("hex");
  }

  /** Adds manifest and card, makes all of it lasting, and puts it in place of what an interrupted attempt may have left. */
  async publish(manifest: DatasetManifest, card: string): Promise<void> {
    const handle = { manifest: join(this.#folder, "manifest.json"), card: join(this.#folder, "README.md") };
    await writeFlushed(handle.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    await writeFlushed(handle.card, card);
    for (const name of [...[...this.#files.keys()].map((part) => `${part}.jsonl`), "."])
      await flush(join(this.#folder, name));
    const target = snapshotFolder(this.snapshotsDir, manifest.contentHash);
    await rm(target, { recursive: true, force: true });
    await rename(this.#folder, target);
    await flush(this.snapshotsDir);
  }

  async discard(): Promise<void> {
    for (const file of this.#files.values()) file.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const handle = await open(path, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const hasFiles = (snapshotsDir: string, contentHash: string): Promise<boolean> =>
  access(join(snapshotFolder(snapshotsDir, contentHash), "manifest.json")).then(
    () => true,
    () => false,
  );
