import { decodeFloats, halfTable } from "../floats";

/**
 * How numbers lie in a GGUF file: blocks of so many numbers in so many bytes. `decode` turns blocks into float32, in the
 * reference's order of float32 operations (PyPI's gguf, quants.py), so that every bit is the same.
 */
export interface Quantisation {
  readonly name: string;
  readonly numbers: number;
  readonly bytes: number;
  readonly decode: (bytes: Uint8Array, out: Float32Array) => void;
}

const { fround } = Math;
const half = (b: Uint8Array, at: number): number =>
  halfTable()[(b[at] as number) | ((b[at + 1] as number) << 8)] as number;

type Block = (b: Uint8Array, at: number, out: Float32Array, to: number) => void;

const blocks = (name: string, numbers: number, bytes: number, block: Block): Quantisation => ({
  name,
  numbers,
  bytes,
  decode(b, out) {
    for (let i = 0; i < out.length / numbers; i++) block(b, i * bytes, out, i * numbers);
  },
});

/** The low or the high half of a byte. */
const nibble = (b: Uint8Array, at: number, high: boolean): number => {
  const byte = b[at] as number;
  return high ? byte >> 4 : byte & 15;
};
const bit = (b: Uint8Array, at: number, n: number): number => ((b[at + (n >> 3)] as number) >> (n & 7)) & 1;

/** d · (4-bit number − 8): low halves first, then high ones. */
const q40: Block = (b, at, out, to) => {
  const d = half(b, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * (nibble(b, at + 2 + (i & 15), i >= 16) - 8);
};

/** d · 4-bit number + m. */
const q41: Block = (b, at, out, to) => {
  const [d, m] = [half(b, at), half(b, at + 2)];
  for (let i = 0; i < 32; i++) out[to + i] = fround(d * nibble(b, at + 4 + (i & 15), i >= 16)) + m;
};

/** Fifth bits apart from the others, one each. */
const q50: Block = (b, at, out, to) => {
  const d = half(b, at);
  for (let i = 0; i < 32; i++)
    out[to + i] = d * ((nibble(b, at + 6 + (i & 15), i >= 16) | (bit(b, at + 2, i) << 4)) - 16);
};

const q51: Block = (b, at, out, to) => {
  const [d, m] = [half(b, at), half(b, at + 2)];
  for (let i = 0; i < 32; i++)
    out[to + i] = fround(d * (nibble(b, at + 8 + (i & 15), i >= 16) | (bit(b, at + 4, i) << 4))) + m;
};

const signed = (byte: number | undefined): number => ((byte as number) << 24) >> 24;

const q80: Block = (b, at, out, to) => {
  const d = half(b, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * signed(b[at + 2 + i]);
};

/** Scale and minimum of sub-block j of eight, six bits each, packed into twelve bytes. */
function scaleAndMinimum(b: Uint8Array, at: number, j: number): [number, number] {
  const byte = (i: number) => b[at + i] as number;
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  return [(byte(j + 4) & 15) | ((byte(j - 4) >> 2) & 48), (byte(j + 4) >> 4) | ((byte(j) >> 2) & 48)];
}

/** 256 numbers in eight sub-blocks: d · scale · number − dmin · minimum. `number` gives the i-th of sub-block j. */
const subBlocks =
  (number: (b: Uint8Array, at: number, j: number, i: number) => number): Block =>
  (b, at, out, to) => {
    const [d, dmin] = [half(b, at), half(b, at + 2)];
    for (let j = 0; j < 8; j++) {
      const [scale, minimum] = scaleAndMinimum(b, at + 4, j);
      const [step, offset] = [fround(d * scale), fround(dmin * minimum)];
      for (let i = 0; i < 32; i++) out[to + 32 * j + i] = fround(step * number(b, at, j, i)) - offset;
    }
  };

const q4k = subBlocks((b, at, j, i) => nibble(b, at + 16 + 32 * (j >> 1) + i, j % 2 === 1));
const q5k = subBlocks(
  (b, at, j, i) => nibble(b, at + 48 + 32 * (j >> 1) + i, j % 2 === 1) | ((((b[at + 16 + i] as number) >> j) & 1) << 4),
);

/** 256 numbers of six bits, four low ones and two high ones apart, in sixteen sub-blocks with signed scales. */
const q6k: Block = (b, at, out, to) => {
  const d = half(b, at + 208);
  for (let n = 0; n < 256; n++) {
    const [part, inPart] = [n >> 7, n & 127];
    const [quarter, i] = [inPart >> 5, inPart & 31];
    const low = nibble(b, at + 64 * part + (inPart & 63), quarter >= 2);
    const high = ((b[at + 128 + 32 * part + i] as number) >> (2 * quarter)) & 3;
    out[to + n] = fround(d * signed(b[at + 192 + (n >> 4)])) * ((low | (high << 4)) - 32);
  }
};

/** 256 numbers of two bits in sixteen sub-blocks, whose scale and minimum share a byte. */
const q2k: Block = (b, at, out, to) => {
  const [d, dmin] = [half(b, at + 80), half(b, at + 82)];
  for (let n = 0; n < 256; n++) {
    const packed = b[at + (n >> 4)] as number;
    const number = ((b[at + 16 + 32 * (n >> 7) + (n & 31)] as number) >> (2 * ((n >> 5) & 3))) & 3;
    out[to + n] = fround(fround(d * (packed & 15)) * number) - fround(dmin * (packed >> 4));
  }
};

/** 256 numbers of three bits, the high one apart and upside down, in sixteen sub-blocks with scales of six bits. */
const q3k: Block = (b, at, out, to) => {
  const d = half(b, at + 108);
  for (let n = 0; n < 256; n++) {
    const s = n >> 4;
    const high = ((b[at + 104 + (s & 3)] as number) >> (2 * (s >> 2))) & 3;
    const scale = (nibble(b, at + 96 + (s & 7), s >= 8) | (high << 4)) - 32;
    const low = ((b[at + 32 + 32 * (n >> 7) + (n & 31)] as number) >> (2 * ((n >> 5) & 3))) & 3;
    out[to + n] = fround(d * scale) * (low - 4 * (1 - (((b[at + (n & 31)] as number) >> (n >> 5)) & 1)));
  }
};

/** By the number that stands for them in a file. */
export const quantisations: ReadonlyMap<number, Quantisation> = new Map([
  [0, { name: "F32", numbers: 1, bytes: 4, decode: (b, out) => decodeFloats(b, "F32", out) }],
  [1, { name: "F16", numbers: 1, bytes: 2, decode: (b, out) => decodeFloats(b, "F16", out) }],
  [2, blocks("Q4_0", 32, 18, q40)],
  [3, blocks("Q4_1", 32, 20, q41)],
  [6, blocks("Q5_0", 32, 22, q50)],
  [7, blocks("Q5_1", 32, 24, q51)],
  [8, blocks("Q8_0", 32, 34, q80)],
  [10, blocks("Q2_K", 256, 84, q2k)],
  [11, blocks("Q3_K", 256, 110, q3k)],
  [12, blocks("Q4_K", 256, 144, q4k)],
  [13, blocks("Q5_K", 256, 176, q5k)],
  [14, blocks("Q6_K", 256, 210, q6k)],
  [30, { name: "BF16", numbers: 1, bytes: 2, decode: (b, out) => decodeFloats(b, "BF16", out) }],
]);
