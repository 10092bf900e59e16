import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { DomainError, isDiskFull } from "../domain/errors";
import type { UploadPart } from "./imports.parts";

/** How much an upload may become when it is unpacked. */
const maxUnpackedBytes = 8 * 1024 ** 3;
const maxParts = 200;

type Packing = "gzip" | "zstd" | "zip";

const unreadable = (fileName: string, reason: string) => new DomainError("import_unreadable", { fileName, reason });

/** How a file is packed, by its first bytes; null when it is not. */
async function packingOf(file: string): Promise<Packing | null> {
  const handle = await open(file, "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return "gzip";
    const magic = buffer.readUInt32LE(0);
    if (magic === 0xfd2fb528) return "zstd";
    return magic === 0x04034b50 || magic === 0x06054b50 ? "zip" : null;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks gzip, zstd and zip (whose files may be packed again) beside the upload, which then goes: readers come back to a
 * file several times. Data that breaks off is kept up to there, and the part says so.
 */
export async function unpack(file: string, fileName: string): Promise<void> {
  const packing = await packingOf(file);
  if (packing === null) return;
  const building = `${file}.unpacking`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building);
  try {
    const budget = { left: maxUnpackedBytes };
    const parts: UploadPart[] = [];
    if (packing === "zip") await unzip(file, fileName, building, parts, budget);
    else parts.push(await decompress(createReadStream(file), packing, stripped(fileName), building, 0, budget));
    await writeFile(join(building, "parts.json"), JSON.stringify(parts));
    await rename(building, `${file}.parts`);
    await rm(file);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    if (error instanceof TooMuch)
      throw unreadable(fileName, `It unpacks to more than ${maxUnpackedBytes / 1024 ** 3} GB. Split it.`);
    throw error;
  }
}

const stripped = (name: string): string => name.replace(/\.(gz|gzip|zst|zstd)$/i, "");

class TooMuch extends Error {}

/** Counts what comes out against what is left of the budget. */
class Meter extends Transform {
  constructor(readonly budget: { left: number }) {
    super();
  }
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.budget.left -= chunk.length;
    if (this.budget.left < 0) done(new TooMuch());
    else done(null, chunk);
  }
}

class ZstdDecoder extends Transform {
  readonly #decoder = new Decompress((chunk) => {
    if (chunk.length > 0) this.push(Buffer.from(chunk));
  });
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#attempt(chunk, false, done);
  }
  override _flush(done: TransformCallback): void {
    this.#attempt(new Uint8Array(0), true, done);
  }
  #attempt(chunk: Uint8Array, final: boolean, done: TransformCallback): void {
    try {
      this.#decoder.push(chunk, final);
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}

async function decompress(
  source: Readable,
  packing: "gzip" | "zstd",
  name: string,
  folder: string,
  number: number,
  budget: { left: number },
): Promise<UploadPart> {
  const decoder = packing === "gzip" ? createGunzip() : new ZstdDecoder();
  const written = createWriteStream(join(folder, String(number)));
  const meter = new Meter(budget);
  let broken: string | null = null;
  // A stream that fails would take what it has already decoded with it: the failure is noted and the rest flows on.
  decoder.on("error", (error) => {
    broken = `The ${packing} data breaks off or is damaged here (${error.message.slice(0, 80)}); what follows was not read.`;
    meter.end();
  });
  source.on("error", (error) => meter.destroy(error));
  source.pipe(decoder).pipe(meter, { end: true });
  await pipeline(meter, written);
  return { file: String(number), name, broken };
}

/** Files that come with a dataset and hold no rows. */
const isBeside = (name: string): boolean =>
  /(^|\/)(\.|__MACOSX\/)/.test(name) ||
  /\.(md|txt|yaml|yml|html|png|jpe?g|pdf)$/i.test(name) ||
  /(^|\/)(manifest|dataset_infos?|dataset_dict|state)\.json$/i.test(name);

async function unzip(
  file: string,
  fileName: string,
  folder: string,
  parts: UploadPart[],
  budget: { left: number },
): Promise<void> {
  let zip: ZipFile | null = null;
  try {
    zip = await openPromise(file);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/") || isBeside(entry.fileName)) continue;
      if (parts.length === maxParts) throw unreadable(fileName, `It holds more than ${maxParts} files. Split it.`);
      parts.push(await unzipEntry(zip, entry, folder, parts.length, budget));
    }
  } catch (error) {
    if (error instanceof DomainError || error instanceof TooMuch || isDiskFull(error)) throw error;
    throw unreadable(fileName, `The zip file is damaged: ${(error as Error).message.slice(0, 120)}`);
  } finally {
    zip?.close();
  }
  if (parts.length === 0) throw unreadable(fileName, "The zip file holds no file with rows.");
}

async function unzipEntry(
  zip: ZipFile,
  entry: Entry,
  folder: string,
  number: number,
  budget: { left: number },
): Promise<UploadPart> {
  const name = entry.fileName;
  const file = join(folder, String(number));
  let broken: string | null = null;
  const stream = await zip.openReadStreamPromise(entry).catch((error: Error) => error);
  if (stream instanceof Error) {
    await writeFile(file, "");
    return { file: String(number), name, broken: `The file cannot be unpacked: ${stream.message.slice(0, 120)}` };
  }
  const meter = new Meter(budget);
  stream.on("error", (error) => {
    broken = `The file breaks off or is damaged here (${error.message.slice(0, 80)}); what follows was not read.`;
    meter.end();
  });
  stream.pipe(meter);
  await pipeline(meter, createWriteStream(file));
  const packing = await packingOf(file);
  if (packing !== "gzip" && packing !== "zstd") return { file: String(number), name, broken };
  const packed = `${file}.packed`;
  await rename(file, packed);
  const part = await decompress(createReadStream(packed), packing, stripped(name), folder, number, budget);
  await rm(packed);
  return { ...part, broken: part.broken ?? broken };
}
