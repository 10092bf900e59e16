/** IEEE 754 binary16 to binary32. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** binary32 to binary16, rounding to nearest, ties to even. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const bits = word[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const biased = (bits >>> 23) & 255;
  if (biased > 112 && biased < 143) {
    const cut = bits & 0x1fff;
    const kept = ((biased - 112) << 10) | ((bits >>> 13) & 0x3ff);
    // A carry out of the fraction runs into the exponent, which is just what is wanted.
    return sign | (kept + (cut > 0x1000 || (cut === 0x1000 && kept % 2 === 1) ? 1 : 0));
  }
  const magnitude = Math.abs(float[0] as number);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // What is left is below 2⁻¹⁴: a multiple of 2⁻²⁴.
  const scaled = magnitude * 2 ** 24;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
}

let halves: Float32Array | null = null;

/** All 65,536 halves as floats. */
export function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToFloat(bits));
  return halves;
}

export const floatTypes = { F32: 4, F16: 2, BF16: 2 } as const;
/** How a number lies in a file, and its bytes. */
export type FloatType = keyof typeof floatTypes;

/** Little-endian numbers of a file into `out`; `bytes` begin at a multiple of four in their buffer. */
export function decodeFloats(bytes: Uint8Array, type: FloatType, out: Float32Array): void {
  if (type === "F32") {
    out.set(new Float32Array(bytes.buffer, bytes.byteOffset, out.length));
    return;
  }
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
  if (type === "F16") {
    const table = halfTable();
    for (let i = 0; i < out.length; i++) out[i] = table[words[i] as number] as number;
    return;
  }
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < out.length; i++) bits[i] = (words[i] as number) << 16;
}
