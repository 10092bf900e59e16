import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { type ColumnKind, type Columns, type ExportRow, tableLine } from "../domain/exports/columns";
import type { ExportFile } from "../domain/exports/request";

type Pages = AsyncIterable<readonly ExportRow[]>;
type Encode = (pages: Pages, columns: Columns) => AsyncGenerator<Buffer>;

/** Rows as the bytes of a file, piece by piece: a million rows need no more memory than a thousand. */
export const encoders: Readonly<Record<ExportFile, Encode>> = { jsonl: asJsonLines, csv: asTable, parquet: asParquet };

async function* asJsonLines(pages: Pages): AsyncGenerator<Buffer> {
  for await (const rows of pages)
    if (rows.length > 0) yield Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

async function* asTable(pages: Pages, columns: Columns): AsyncGenerator<Buffer> {
  const names = Object.keys(columns);
  yield Buffer.from(tableLine(names));
  for await (const rows of pages)
    if (rows.length > 0) yield Buffer.from(rows.map((row) => tableLine(names.map((name) => row[name]))).join(""));
}

/** Rows in one group of a Parquet file. A group is encoded in one go, and others wait meanwhile. */
const groupRows = 1_000;

async function* asParquet(pages: Pages, columns: Columns): AsyncGenerator<Buffer> {
  const names = Object.keys(columns);
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: parquetSchema(columns), statistics: false, createdBy: "tiebreak" });
  const taken = (): Buffer => {
    const bytes = Buffer.from(writer.getBytes());
    // What was handed on is forgotten; the writer's own `offset` goes on counting.
    writer.index = 0;
    return bytes;
  };
  let group: ExportRow[] = [];
  const flush = (): Buffer => {
    const columnData = names.map((name) => ({ name, data: group.map((row) => row[name] ?? null), offsetIndex: false }));
    file.write({ columnData, rowGroupSize: group.length });
    group = [];
    return taken();
  };
  for await (const rows of pages) {
    group.push(...rows);
    if (group.length >= groupRows) yield flush();
  }
  if (group.length > 0) yield flush();
  file.finish();
  yield taken();
}

function parquetSchema(columns: Columns): SchemaElement[] {
  const children = Object.entries(columns).flatMap(([name, kind]) => elements(name, kind));
  return [{ name: "root", num_children: Object.keys(columns).length }, ...children];
}

const repetition_type = "OPTIONAL" as const;

/** A column and what is below it, depth first; lists in the three levels of Parquet's LIST. */
function elements(name: string, kind: ColumnKind): SchemaElement[] {
  if (kind === "text") return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }];
  if (kind === "number") return [{ name, type: "DOUBLE", repetition_type }];
  if (kind === "integer") return [{ name, type: "INT32", repetition_type }];
  if (kind === "boolean") return [{ name, type: "BOOLEAN", repetition_type }];
  if ("list" in kind)
    return [
      { name, converted_type: "LIST", repetition_type, num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...elements("element", kind.list),
    ];
  const fields = Object.entries(kind.struct);
  return [
    { name, repetition_type, num_children: fields.length },
    ...fields.flatMap(([field, inner]) => elements(field, inner)),
  ];
}
