/** One refused row, as the server tells it. */
export interface ImportProblem {
  readonly line: number;
  readonly field: string | null;
  readonly reason: string;
}

/** Spreadsheets run what starts like a formula; a field name comes from somebody's file, so it is made text first. */
const harmless = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);

function csvCell(value: string | number): string {
  const cell = typeof value === "number" ? String(value) : harmless(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** RFC 4180 with a byte order mark, which is what makes Excel read it as UTF-8. */
export function problemsCsv(header: readonly [string, string, string], problems: readonly ImportProblem[]): string {
  const rows = [header, ...problems.map((p) => [p.line, p.field ?? "", p.reason] as const)];
  return `\uFEFF${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
