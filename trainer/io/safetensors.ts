import { z } from "zod";
import { type HostArray, sizeOf } from "../runtime/tree";
import { type BinaryFile, withFile } from "./binaryFile";
import { decodeFloats, type FloatType, floatToHalf, floatTypes } from "./floats";

/** Named parameters, in the file's order: float32, or bytes. */
export type Parameters = Record<string, HostArray>;

/** Where a tensor lies in its file. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly position: number;
  readonly bytes: number;
}

const entrySchema = z.object({
  dtype: z.string().max(16),
  shape: z.array(z.number().int().nonnegative()).max(16),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/** The format's own limit for its header. */
const largestHeader = 100_000_000;

/**
 * The header of a safetensors file: u64 little-endian header length, JSON header, data. As the format demands, the tensors
 * cover the data without gap or overlap.
 */
export function readSafetensorsHeader(file: BinaryFile): Map<string, StoredTensor> {
  if (file.size < 8) throw file.bad("is shorter than a safetensors header");
  const length = file.read(0, 8).readBigUInt64LE();
  if (length > BigInt(Math.min(largestHeader, file.size - 8))) throw file.bad(`says its header has ${length} bytes`);
  const start = 8 + Number(length);
  let json: unknown;
  try {
    json = JSON.parse(file.read(8, Number(length)).toString("utf8"));
  } catch {
    throw file.bad("has a header that is not JSON");
  }
  if (typeof json !== "object" || json === null) throw file.bad("has a header that is no JSON object");
  const tensors = Object.entries(json).flatMap(([name, entry]): [string, StoredTensor][] => {
    if (name === "__metadata__") return [];
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) throw file.bad(`does not say type, shape and place of ${name}`);
    const { dtype, shape, data_offsets } = parsed.data;
    const [from, to] = data_offsets;
    const bytes = to - from;
    const needed = dtype in floatTypes ? sizeOf(shape) * floatTypes[dtype as FloatType] : bytes;
    if (bytes !== needed || start + to > file.size)
      throw file.bad(`has ${Math.min(to, file.size - start) - from} bytes for ${name} where its shape needs ${needed}`);
    return [[name, { dtype, shape, position: start + from, bytes }]];
  });
  let end = start;
  for (const [name, { position, bytes }] of [...tensors].sort(([, a], [, b]) => a.position - b.position)) {
    if (position !== end) throw file.bad(`has ${position < end ? "an overlap" : "a gap"} before ${name}`);
    end += bytes;
  }
  if (end !== file.size) throw file.bad(`goes on for ${file.size - end} bytes after its last tensor`);
  return new Map(tensors);
}

/** Numbers converted at a time: no second copy of a large tensor exists. */
const chunk = 2 ** 20;

/** Reads one tensor into float32. F32 is read in place, F16 and BF16 through a small buffer. */
export function readTensor(file: BinaryFile, name: string, { dtype, shape, position, bytes }: StoredTensor): HostArray {
  if (!(dtype in floatTypes)) throw file.bad(`stores ${name} as ${dtype}; F32, F16 and BF16 are read`);
  const type = dtype as FloatType;
  const data = new Float32Array(bytes / floatTypes[type]);
  if (type === "F32") file.readInto(new Uint8Array(data.buffer), position);
  else {
    const buffer = new Uint8Array(floatTypes[type] * Math.min(chunk, data.length));
    for (let at = 0; at < data.length; at += chunk) {
      const out = data.subarray(at, at + chunk);
      const part = buffer.subarray(0, out.length * floatTypes[type]);
      file.readInto(part, position + at * floatTypes[type]);
      decodeFloats(part, type, out);
    }
  }
  return { dtype: "float32", shape, data };
}

/** Reads all tensors of a file. */
export const readSafetensors = (path: string): Parameters =>
  withFile(path, (file) =>
    Object.fromEntries(
      [...readSafetensorsHeader(file)].map(([name, tensor]) => [name, readTensor(file, name, tensor)]),
    ),
  );

function halvesOf(data: HostArray["data"]): Uint16Array {
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) halves[i] = floatToHalf(data[i] as number);
  return halves;
}

/** Numbers to be stored; bytes are stored as they are. */
type Stored = Readonly<Record<string, HostArray>>;
type Precision = "F32" | "F16";

/**
 * The file's bytes, piece by piece: names in the given order, the data aligned to 8 as the format recommends. `dtype` is
 * that of all numbers, or says it for each name.
 */
export function* safetensorsPieces(
  tensors: Stored,
  dtype: Precision | ((name: string) => Precision),
): Generator<Uint8Array> {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const types = new Map(
    Object.entries(tensors).map(([name, array]) => [
      name,
      array.dtype === "uint8" ? "U8" : typeof dtype === "string" ? dtype : dtype(name),
    ]),
  );
  for (const [name, { shape }] of Object.entries(tensors)) {
    const type = types.get(name) as Precision | "U8";
    const size = sizeOf(shape) * (type === "U8" ? 1 : floatTypes[type]);
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + size] };
    offset += size;
  }
  const json = Buffer.from(JSON.stringify(header));
  const text = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
  text.set(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  yield length;
  yield text;
  for (const [name, array] of Object.entries(tensors)) {
    // Looked at once: it may be read from a file now.
    const { data } = array;
    if (types.get(name) !== "F16") yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    else {
      for (let at = 0; at < data.length; at += chunk)
        yield new Uint8Array(halvesOf(data.subarray(at, at + chunk)).buffer);
    }
  }
}

/** The file's bytes. */
export const encodeSafetensors = (parameters: Parameters, dtype: Precision): Uint8Array =>
  Buffer.concat([...safetensorsPieces(parameters, dtype)]);
