import { readFileSync } from "node:fs";
import { TrainerError } from "../contracts/error";
import { type HostArray, sizeOf } from "../runtime/tree";

/** Named float32 parameters, in the file's order. */
export type Parameters = Record<string, HostArray>;

const bytesOf = { F32: 4, F16: 2, BF16: 2 } as const;
type StoredDType = keyof typeof bytesOf;

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/**
 * Reads a safetensors file (u64 little-endian header length, JSON header, data) into float32 arrays. F32, F16 and BF16 are
 * read; anything else is refused by name.
 */
export function readSafetensors(file: string): Parameters {
  const bytes = readFileSync(file);
  const bad = (what: string) => new TrainerError("bad_model", `${file}: ${what}. Get the file again.`, { file });
  if (bytes.length < 8) throw bad("shorter than a safetensors header");
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) throw bad("the header is cut off");
  let header: Record<string, Entry>;
  try {
    header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
  } catch (cause) {
    throw new TrainerError("bad_model", `${file}: the header is not JSON. Get the file again.`, { file }, { cause });
  }
  const data = bytes.subarray(8 + headerLength);
  const parameters: Parameters = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets } = entry;
    if (!(dtype in bytesOf)) throw bad(`${name} is stored as ${dtype}; F32, F16 and BF16 are read`);
    const [from, to] = data_offsets;
    if (to > data.length || to - from !== sizeOf(shape) * bytesOf[dtype as StoredDType])
      throw bad(`${name} has the wrong length`);
    parameters[name] = { dtype: "float32", shape, data: decode(data.subarray(from, to), dtype as StoredDType) };
  }
  return parameters;
}

function decode(bytes: Buffer, dtype: StoredDType): Float32Array {
  const aligned = Uint8Array.from(bytes);
  if (dtype === "F32") return new Float32Array(aligned.buffer);
  const words = new Uint16Array(aligned.buffer);
  if (dtype === "F16") return Float32Array.from(words, halfToFloat);
  const bits = Uint32Array.from(words, (w) => w << 16);
  return new Float32Array(bits.buffer);
}

/** The file's bytes: names in the given order, aligned to 8 as the format recommends. */
export function encodeSafetensors(parameters: Parameters, dtype: "F32" | "F16"): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [name, { shape }] of Object.entries(parameters)) {
    const size = sizeOf(shape) * bytesOf[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, offset + size] };
    offset += size;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const out = Buffer.alloc(8 + text.length + offset);
  out.writeBigUInt64LE(BigInt(text.length), 0);
  out.set(text, 8);
  let at = 8 + text.length;
  for (const { data } of Object.values(parameters)) {
    const stored = dtype === "F32" ? (data as Float32Array) : Uint16Array.from(data, floatToHalf);
    out.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), at);
    at += stored.byteLength;
  }
  return out;
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** IEEE 754 binary16 to binary32. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** binary32 to binary16, rounding to nearest, ties to even. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const bits = word[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0] as number);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(((bits >>> 23) & 255) - 127, -14);
  const scaled = magnitude / 2 ** (exponent - 10);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  // A carry out of the fraction runs into the exponent, which is just what is wanted. Subnormals have no implicit one.
  return sign | (((exponent + 14) << 10) + rounded);
}
