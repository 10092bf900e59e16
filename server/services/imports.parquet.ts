import { open, stat } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors as allCompressors } from "hyparquet-compressors";
import { DomainError } from "../domain/errors";
import type { ImportRow, ReadRow } from "../domain/imports/mapping";

/** Bytes of a row group (uncompressed) read at once, about; a group is read in slices. */
const sliceBytes = 16 * 1024 * 1024;
/** A page or a group that claims more is not believed. */
const maxPageBytes = 256 * 1024 * 1024;
const maxGroupBytes = 1024 ** 3;

type Compressors = typeof allCompressors;

const compressors = Object.fromEntries(
  Object.entries(allCompressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (!(outputLength >= 0 && outputLength <= maxPageBytes)) throw new Error(`a page claims ${outputLength} bytes`);
      return (decompress as (input: Uint8Array, outputLength: number) => Uint8Array)(input, outputLength);
    },
  ]),
) as Compressors;

/** A Parquet file's rows, slice by slice. `line` counts the rows from 1. */
export async function* readParquet(file: string, fileName: string): AsyncGenerator<ReadRow> {
  const unreadable = (error: unknown) =>
    new DomainError(
      "import_unreadable",
      { fileName, reason: `The Parquet file is damaged: ${String((error as Error).message).slice(0, 160)}` },
      { cause: error },
    );
  const { size } = await stat(file);
  const handle = await open(file, "r");
  try {
    const buffer: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        if (!(start >= 0 && end >= start && end <= size))
          throw new Error(`it points outside of itself (${start}–${end})`);
        const bytes = new ArrayBuffer(end - start);
        await handle.read(new Uint8Array(bytes), 0, end - start, start);
        return bytes;
      },
    };
    let slices: { from: number; to: number }[];
    let metadata: FileMetaData;
    try {
      metadata = await parquetMetadataAsync(buffer);
      slices = slicesOf(metadata, size);
    } catch (error) {
      throw unreadable(error);
    }
    let line = 0;
    for (const { from, to } of slices) {
      let rows: Record<string, unknown>[];
      try {
        rows = await parquetReadObjects({ file: buffer, metadata, compressors, rowStart: from, rowEnd: to });
      } catch (error) {
        // Rows that came before are good; where the damage ends cannot be told.
        if (line === 0) throw unreadable(error);
        const reason = `The Parquet file is damaged from here on (${String((error as Error).message).slice(0, 120)}).`;
        yield { line: line + 1, row: null, field: null, reason };
        return;
      }
      for (const row of rows) {
        line += 1;
        yield { line, row: plainValue(row) as ImportRow };
      }
    }
  } finally {
    await handle.close();
  }
}

/** Which rows are read at once; throws when the numbers cannot be true. */
function slicesOf(metadata: FileMetaData, fileBytes: number): { from: number; to: number }[] {
  const slices: { from: number; to: number }[] = [];
  let start = 0;
  for (const group of metadata.row_groups) {
    const [rows, bytes] = [Number(group.num_rows), Number(group.total_byte_size)];
    if (!(rows >= 0 && rows <= 1e8 && bytes >= 0)) throw new Error("a row group claims impossible numbers");
    if (bytes > maxGroupBytes)
      throw new Error(`a row group has ${Math.round(bytes / 1024 ** 2)} MB; write smaller ones`);
    for (const { meta_data: column } of group.columns) {
      // Run lengths squeeze well, but no value takes less than a thousandth of a byte.
      if (column && Number(column.num_values) > (fileBytes + 1024) * 1000)
        throw new Error("a column claims too many values");
    }
    const step = Math.max(1, Math.min(5_000, Math.floor((rows * sliceBytes) / Math.max(1, bytes))));
    for (let from = start; from < start + rows; from += step)
      slices.push({ from, to: Math.min(start + rows, from + step) });
    start += rows;
  }
  return slices;
}

/** Whole numbers as numbers where they fit, times in ISO 8601; what JSON would not know becomes text. */
function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plainValue);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainValue(inner)]));
  return value === undefined ? null : value;
}
