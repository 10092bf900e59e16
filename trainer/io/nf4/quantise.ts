import { blockSize, boundsBetween, dynamicValues, nestedBlockSize, nf4Values } from "./codes";

const { fround } = Math;

/** A tensor in 4 bits a number, with its scales in 8 (double quantisation: Dettmers et al. 2023, section 3). */
export interface Quantised {
  /** Two numbers a byte, the first in the high half. */
  readonly packed: Uint8Array;
  /** The scale of each block of 64: a value of the dynamic type. */
  readonly scales: Uint8Array;
  /** The scale of each 256 scales. */
  readonly nestedScales: Float32Array;
  /** The scales' mean, which is added to each. */
  readonly offset: number;
}

const nf4Bounds = boundsBetween(nf4Values);
const dynamic = dynamicValues();
const dynamicBounds = boundsBetween(dynamic);

/** How many bounds lie below x. */
function codeOf(x: number, bounds: Float32Array): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each number as the nearest code of its block's largest magnitude, which comes beside it. In bitsandbytes' own order of roundings. */
function blockwise(data: Float32Array, size: number, bounds: Float32Array) {
  const codes = new Uint8Array(data.length);
  const absmax = new Float32Array(Math.ceil(data.length / size));
  for (let block = 0; block < absmax.length; block++) {
    const [from, to] = [block * size, Math.min((block + 1) * size, data.length)];
    let largest = 0;
    for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(data[i] as number));
    absmax[block] = largest;
    const divisor = fround(Math.max(largest, 1e-38));
    const inverse = fround(1 / divisor);
    // A last block that is not full is divided, the others are multiplied.
    const normalised = to - from === size ? (x: number) => fround(x * inverse) : (x: number) => fround(x / divisor);
    for (let i = from; i < to; i++) codes[i] = codeOf(normalised(data[i] as number), bounds);
  }
  return { codes, absmax };
}

/** The numbers as NF4, and the largest magnitude of each block of 64. */
export function toNf4(data: Float32Array): { readonly packed: Uint8Array; readonly absmax: Float32Array } {
  const { codes, absmax } = blockwise(data, blockSize, nf4Bounds);
  // An odd one's neighbour is a 0.
  const code = (i: number) => codes[i] ?? nf4Values.indexOf(0);
  const packed = Uint8Array.from(
    { length: Math.ceil(codes.length / 2) },
    (_, i) => (code(2 * i) << 4) | code(2 * i + 1),
  );
  return { packed, absmax };
}

/** Scales in 8 bits, about their mean. */
export function quantiseScales(absmax: Float32Array): Pick<Quantised, "scales" | "nestedScales" | "offset"> {
  const offset = fround(absmax.reduce((sum, scale) => sum + scale, 0) / absmax.length);
  const about = absmax.map((scale) => scale - offset);
  const { codes, absmax: nestedScales } = blockwise(about, nestedBlockSize, dynamicBounds);
  return { scales: codes, nestedScales, offset };
}

/** In double quantisation. */
export function quantise(data: Float32Array): Quantised {
  const { packed, absmax } = toNf4(data);
  return { packed, ...quantiseScales(absmax) };
}

/** A tensor in 4 bits a number, whose scales may be whole. */
type Stored = Pick<Quantised, "packed"> &
  (Pick<Quantised, "scales" | "nestedScales" | "offset"> | { readonly scales: Uint8Array | Float32Array });

/** The numbers that 4 bits stand for, in float32 step by step. */
export function dequantise(stored: Stored, size: number): Float32Array {
  const out = new Float32Array(size);
  const { packed, scales } = stored;
  for (let block = 0; block < scales.length; block++) {
    const own = scales[block] as number;
    const scale =
      "nestedScales" in stored
        ? fround(
            fround((dynamic[own] as number) * (stored.nestedScales[Math.floor(block / nestedBlockSize)] as number)) +
              stored.offset,
          )
        : own;
    for (let i = block * blockSize; i < Math.min((block + 1) * blockSize, size); i++) {
      const byte = packed[i >> 1] as number;
      out[i] = (nf4Values[i % 2 === 0 ? byte >> 4 : byte & 15] as number) * scale;
    }
  }
  return out;
}
