import type { BinaryFile } from "../binaryFile";

const window = 2 ** 20;
/** Longer than any template or token there is. */
const longestText = 2 ** 24;

/** Reads little-endian values one after the other. */
export class Cursor {
  /** Where the next value begins. */
  position = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(private readonly file: BinaryFile) {}

  get left(): number {
    return this.file.size - this.position;
  }

  private take(length: number): { bytes: Buffer; at: number } {
    const at = this.position - this.start;
    if (at < 0 || at + length > this.bytes.length) {
      this.start = this.position;
      this.bytes = this.file.read(this.start, Math.max(length, Math.min(window, this.left)));
    }
    const from = this.position - this.start;
    this.position += length;
    return { bytes: this.bytes, at: from };
  }

  uint8(): number {
    const { bytes, at } = this.take(1);
    return bytes.readUInt8(at);
  }

  uint32(): number {
    const { bytes, at } = this.take(4);
    return bytes.readUInt32LE(at);
  }

  /** A count, offset or size: never beyond what a number holds exactly. */
  uint64(what: string): number {
    const { bytes, at } = this.take(8);
    const value = bytes.readBigUInt64LE(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.file.bad(`says ${value} for ${what}`);
    return Number(value);
  }

  number(bytesOf: number, read: (bytes: Buffer, at: number) => number): number {
    const { bytes, at } = this.take(bytesOf);
    return read(bytes, at);
  }

  text(what: string): string {
    const length = this.uint64(`the length of ${what}`);
    if (length > Math.min(longestText, this.left)) throw this.file.bad(`says that ${what} has ${length} bytes`);
    const { bytes, at } = this.take(length);
    return bytes.toString("utf8", at, at + length);
  }
}
