/** What a column of an export holds; the encoders make text, a table cell or a Parquet type of it. */
export type ColumnKind =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | { readonly list: ColumnKind }
  | { readonly struct: Readonly<Record<string, ColumnKind>> };

/** An export's columns in their order. */
export type Columns = Readonly<Record<string, ColumnKind>>;
export type ExportRow = Readonly<Record<string, unknown>>;

/** `[{role, content}]`, as the hub's chat datasets have it. */
export const messagesKind: ColumnKind = { list: { struct: { role: "text", content: "text" } } };

/** A table cell: text as it is, numbers and truth as JSON writes them, anything nested as JSON. Null is an empty cell. */
function tableCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of a table after RFC 4180, ended by "\n". */
export const tableLine = (cells: readonly unknown[]): string => `${cells.map(tableCell).join(",")}\n`;
