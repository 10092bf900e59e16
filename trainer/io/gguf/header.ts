import { sizeOf } from "../../runtime/tree";
import type { BinaryFile } from "../binaryFile";
import { Cursor } from "./cursor";
import { type Quantisation, quantisations } from "./dequantise";

export type GgufValue = number | boolean | string | readonly GgufValue[];

/** A tensor of a GGUF file: row-major `shape`, as safetensors has it. */
export interface GgufTensor {
  readonly shape: readonly number[];
  readonly quantisation: Quantisation;
  readonly position: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** Entries, and elements of arrays together, above which a file is refused rather than read. */
const mostEntries = 100_000;
const mostElements = 5_000_000;

const numberTypes: Readonly<Record<number, readonly [bytes: number, read: (b: Buffer, at: number) => number]>> = {
  0: [1, (b, at) => b.readUInt8(at)],
  1: [1, (b, at) => b.readInt8(at)],
  2: [2, (b, at) => b.readUInt16LE(at)],
  3: [2, (b, at) => b.readInt16LE(at)],
  4: [4, (b, at) => b.readUInt32LE(at)],
  5: [4, (b, at) => b.readInt32LE(at)],
  6: [4, (b, at) => b.readFloatLE(at)],
  10: [8, (b, at) => Number(b.readBigUInt64LE(at))],
  11: [8, (b, at) => Number(b.readBigInt64LE(at))],
  12: [8, (b, at) => b.readDoubleLE(at)],
};
const [boolType, textType, arrayType] = [7, 8, 9];

class HeaderReader {
  private readonly cursor: Cursor;
  private elements = 0;

  constructor(private readonly file: BinaryFile) {
    this.cursor = new Cursor(file);
  }

  read(): GgufHeader {
    const { file, cursor } = this;
    if (file.size < 24 || cursor.uint32() !== 0x46554747) throw file.bad("is no GGUF file");
    const version = cursor.uint32();
    if (version !== 2 && version !== 3)
      throw file.bad(`is GGUF of version ${version}; 2 and 3 are read, little-endian`);
    const [tensorCount, entryCount] = [cursor.uint64("the number of tensors"), cursor.uint64("the number of entries")];
    if (Math.max(tensorCount, entryCount) > mostEntries)
      throw file.bad(`says it has ${tensorCount} tensors and ${entryCount} entries`);
    const metadata = new Map<string, GgufValue>();
    for (let i = 0; i < entryCount; i++) {
      const key = cursor.text("a key");
      metadata.set(key, this.value(cursor.uint32(), key, true));
    }
    return { metadata, tensors: this.tensors(tensorCount, metadata) };
  }

  private value(type: number, key: string, arrays: boolean): GgufValue {
    const { file, cursor } = this;
    const number = numberTypes[type];
    if (number) return cursor.number(...number);
    if (type === boolType) return cursor.uint8() !== 0;
    if (type === textType) return cursor.text(key.slice(0, 60));
    if (type !== arrayType || !arrays) throw file.bad(`has a value of unknown type ${type} for ${key.slice(0, 60)}`);
    const [inner, count] = [cursor.uint32(), cursor.uint64(`the length of ${key.slice(0, 60)}`)];
    this.elements += count;
    if (count > cursor.left || this.elements > mostElements)
      throw file.bad(`says that ${key.slice(0, 60)} has ${count} elements`);
    return Array.from({ length: count }, () => this.value(inner, key, false));
  }

  private tensors(count: number, metadata: ReadonlyMap<string, GgufValue>): Map<string, GgufTensor> {
    const { file, cursor } = this;
    const alignment = metadata.get("general.alignment") ?? 32;
    if (typeof alignment !== "number" || alignment < 8 || alignment > 2 ** 20 || alignment % 8 !== 0)
      throw file.bad(`says it is aligned to ${String(alignment).slice(0, 20)}`);
    const infos = Array.from({ length: count }, () => {
      const name = cursor.text("a tensor's name").slice(0, 200);
      const dimensions = cursor.uint32();
      if (dimensions > 4) throw file.bad(`says that ${name} has ${dimensions} dimensions`);
      // The fastest dimension comes first there, last here.
      const shape = Array.from({ length: dimensions }, () => cursor.uint64(`a size of ${name}`)).reverse();
      return { name, shape, type: cursor.uint32(), offset: cursor.uint64(`the place of ${name}`) };
    });
    const start = Math.ceil(cursor.position / alignment) * alignment;
    const placed = infos.map(({ name, shape, type, offset }): [string, GgufTensor] => {
      const quantisation = quantisations.get(type);
      if (!quantisation) {
        const known = [...quantisations.values()].map((q) => q.name).join(", ");
        throw file.bad(`stores ${name} in a way that is not read (type ${type}; ${known} are)`);
      }
      if ((shape.at(-1) ?? 1) % quantisation.numbers !== 0)
        throw file.bad(`has rows of ${shape.at(-1)} in ${name}, which are no whole blocks of ${quantisation.name}`);
      const bytes = (sizeOf(shape) / quantisation.numbers) * quantisation.bytes;
      const position = start + offset;
      if (offset % alignment !== 0 || !(position + bytes <= file.size))
        throw file.bad(`has no ${bytes} bytes for ${name} at ${position}`);
      return [name, { shape, quantisation, position, bytes }];
    });
    let end = start;
    for (const [name, { position, bytes }] of [...placed].sort(([, a], [, b]) => a.position - b.position)) {
      if (position < end) throw file.bad(`has an overlap before ${name}`);
      end = position + bytes;
    }
    return new Map(placed);
  }
}

/** Reads everything of a GGUF file but its tensors' numbers, and checks that these can be where they are said to be. */
export const readGgufHeader = (file: BinaryFile): GgufHeader => new HeaderReader(file).read();

/** Numbers decoded at a time, a multiple of every block. */
const chunk = 2 ** 18;

/** A tensor's numbers as float32, through a small buffer. */
export function readGgufTensor(file: BinaryFile, { shape, quantisation, position }: GgufTensor): Float32Array {
  const { numbers, bytes, decode } = quantisation;
  const data = new Float32Array(sizeOf(shape));
  const buffer = new Uint8Array((Math.min(chunk, data.length) / numbers) * bytes);
  for (let at = 0; at < data.length; at += chunk) {
    const out = data.subarray(at, at + chunk);
    const part = buffer.subarray(0, (out.length / numbers) * bytes);
    file.readInto(part, position + (at / numbers) * bytes);
    decode(part, out);
  }
  return data;
}
