import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { toDiskError } from "../io/atomic";
import { FileArray } from "../io/fileArray";
import type { Parameters } from "../io/safetensors";
import { sizeOf } from "../runtime/tree";

/** Numbers that are written at a time: what is resident of a parameter's moments. */
export const pageSize = 2 ** 20;

type Moment = "m" | "v";

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * AdamW's two moments of every parameter in a file, which is read and written in pages (the paged optimizer of Dettmers et
 * al. 2023). They begin as nought, or as `from` has them. The disk's room is taken at once. The file goes with `close`.
 */
export class PagedMoments {
  private readonly file: number;
  private readonly places = new Map<string, number>();

  constructor(
    private readonly path: string,
    private readonly parameters: Parameters,
    from: Readonly<Record<Moment, Parameters>> | null,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, "w+");
    let end = 0;
    for (const [name, { shape }] of Object.entries(parameters)) {
      for (const moment of ["m", "v"] as const) {
        this.places.set(`${moment}:${name}`, end);
        end += 4 * sizeOf(shape);
      }
    }
    const nought = new Float32Array(pageSize);
    for (const [name, { shape }] of Object.entries(parameters)) {
      const size = sizeOf(shape);
      for (const moment of ["m", "v"] as const) {
        const stored = from?.[moment][name]?.data as Float32Array | undefined;
        if (stored) this.write(moment, name, 0, stored);
        else
          for (let at = 0; at < size; at += pageSize)
            this.write(moment, name, at, nought.subarray(0, Math.min(pageSize, size - at)));
      }
    }
  }

  /** Fills `into` with a moment's numbers from the one at `at` on. */
  read(moment: Moment, name: string, at: number, into: Float32Array): void {
    const bytes = bytesOf(into);
    const position = this.placeOf(moment, name, at);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.file, bytes, done, bytes.length - done, position + done);
      if (read === 0) throw new Error(`${this.path} is shorter than the moments it holds`);
      done += read;
    }
  }

  write(moment: Moment, name: string, at: number, data: Float32Array): void {
    const bytes = bytesOf(data);
    const position = this.placeOf(moment, name, at);
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.file, bytes, done, bytes.length - done, position + done);
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  private placeOf(moment: Moment, name: string, at: number): number {
    const place = this.places.get(`${moment}:${name}`);
    if (place === undefined) throw new Error(`there are no moments of ${name}`);
    return place + 4 * at;
  }

  /** Both moments of all parameters, each read when it is asked for. */
  arrays(): Readonly<Record<Moment, Parameters>> {
    const of = (moment: Moment): Parameters =>
      Object.fromEntries(
        Object.entries(this.parameters).map(([name, { shape }]) => {
          const read = () => {
            const data = new Float32Array(sizeOf(shape));
            this.read(moment, name, 0, data);
            return data;
          };
          return [name, new FileArray(shape, read)];
        }),
      );
    return { m: of("m"), v: of("v") };
  }

  close(): void {
    closeSync(this.file);
    rmSync(this.path, { force: true });
  }
}
