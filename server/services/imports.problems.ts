import { setImmediate as breathe } from "node:timers/promises";
import type { LineProblem } from "./imports.prepare";

/** Spreadsheets run what starts like a formula; a field name comes from somebody's file, so it is made text first. */
const harmless = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);

function csvCell(value: string | number): string {
  const cell = typeof value === "number" ? String(value) : harmless(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** RFC 4180 with a byte order mark, which is what makes Excel read it as UTF-8; piece by piece. */
export async function* problemLines(pages: Iterable<readonly LineProblem[]>): AsyncGenerator<Buffer> {
  yield Buffer.from(`\ufeff${csvLine(["line", "field", "reason"])}`);
  for (const page of pages) {
    yield Buffer.from(page.map(({ line, field, reason }) => csvLine([line, field ?? "", reason])).join(""));
    await breathe();
  }
}
