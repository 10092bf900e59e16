/** A value of a GGUF file's metadata, with its type. */
export type GgufEntry =
  | readonly ["uint32" | "float32", number]
  | readonly ["string", string]
  | readonly ["bool", boolean]
  | readonly ["strings", readonly string[]]
  | readonly ["int32s" | "float32s", readonly number[]];

export interface GgufTensorEntry {
  readonly name: string;
  /** Fastest dimension first, as the file has it. */
  readonly dimensions: readonly number[];
  readonly type: number;
  readonly data: Uint8Array;
  /** Where its data is said to be; where it is when left out. */
  readonly offset?: number;
}

const uint32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n >>> 0);
  return b;
};
const uint64 = (n: number | bigint) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(n));
  return b;
};
const float = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeFloatLE(n);
  return b;
};
const text = (s: string) => Buffer.concat([uint64(Buffer.byteLength(s)), Buffer.from(s)]);

function encoded([kind, value]: GgufEntry): Buffer[] {
  const array = (type: number, items: readonly Buffer[]) => [uint32(9), uint32(type), uint64(items.length), ...items];
  switch (kind) {
    case "uint32":
      return [uint32(4), uint32(value)];
    case "float32":
      return [uint32(6), float(value)];
    case "bool":
      return [uint32(7), Buffer.from([Number(value)])];
    case "string":
      return [uint32(8), text(value)];
    case "strings":
      return array(8, value.map(text));
    case "int32s":
      return array(5, value.map(uint32));
    case "float32s":
      return array(6, value.map(float));
  }
}

/** The bytes of a GGUF file of version 3, written from the format's description (ggml's docs/gguf.md). */
export function ggufFile(metadata: Readonly<Record<string, GgufEntry>>, tensors: readonly GgufTensorEntry[]): Buffer {
  const aligned = (n: number) => Math.ceil(n / 32) * 32;
  let offset = 0;
  const infos = tensors.map((tensor) => {
    const at = tensor.offset ?? offset;
    offset = aligned(offset + tensor.data.length);
    const { name, dimensions, type } = tensor;
    return Buffer.concat([text(name), uint32(dimensions.length), ...dimensions.map(uint64), uint32(type), uint64(at)]);
  });
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    uint32(3),
    uint64(tensors.length),
    uint64(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), ...encoded(value)]),
    ...infos,
  ]);
  const padded = (b: Uint8Array) => Buffer.concat([b, Buffer.alloc(aligned(b.length) - b.length)]);
  return Buffer.concat([padded(header), ...tensors.map((t) => padded(t.data))]);
}
