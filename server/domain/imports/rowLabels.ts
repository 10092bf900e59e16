import type { ImportMapping, ImportRow, RowProblem } from "./mapping";

/** What one of the file's people said of a row: −3 … 3, negative prefers the file's response A. */
export interface RowLabel {
  readonly who: string;
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly reason?: string;
  readonly at?: Date;
  /** Verdicts by criterion, −3 … 3, in the file's order like `verdict`. */
  readonly criteria?: Readonly<Record<string, number>>;
}

type Labels = { readonly labels: RowLabel[] } | { readonly problem: RowProblem };

/** Reads the mapped label columns; an empty cell is no label. A list (HelpSteer3's individual_preference) is one per person. */
export function readLabels(row: ImportRow, mapping: ImportMapping): Labels {
  const { labels = [], labelValues } = mapping;
  const found: RowLabel[] = [];
  const strength = readStrength(row, mapping.strength);
  if (typeof strength === "string") return { problem: { field: mapping.strength ?? null, reason: strength } };
  const criteria = readCriteria(row, mapping.criteria);
  if (typeof criteria === "string") return { problem: { field: mapping.criteria ?? null, reason: criteria } };
  for (const { column, who } of labels) {
    const cell = row[column];
    const people = Array.isArray(cell)
      ? cell.map((entry, i) => ({
          name: fieldOf(entry, "who", "annotator") ?? `${who}${i + 1}`,
          value: scoreOf(entry),
          entry,
        }))
      : [{ name: textIn(row, mapping.who) ?? who, value: cell, entry: null }];
    for (const { name, value, entry } of people) {
      if (value === null || value === undefined || value === "") continue;
      const said = labelValues ? byWords(value, labelValues) : byNumber(value);
      if (typeof said === "string") return { problem: { field: column, reason: said } };
      const label =
        strength === null ? said : { ...said, verdict: said.verdict && Math.sign(said.verdict) * strength + 0 };
      const reason = fieldOf(entry, "reason", "reasoning") ?? textIn(row, mapping.reason);
      const told = fieldOf(entry, "at") ?? textIn(row, mapping.time);
      const at = told === null ? null : timeOf(told);
      if (at !== null && Number.isNaN(at.getTime()))
        return {
          problem: { field: mapping.time ?? column, reason: `"${told?.slice(0, 60)}" is no time. Use ISO 8601.` },
        };
      found.push({
        who: name.slice(0, 200),
        ...label,
        ...(reason === null ? {} : { reason: reason.slice(0, 5_000) }),
        ...(at === null ? {} : { at }),
        ...(criteria === null ? {} : { criteria }),
      });
    }
  }
  return { labels: found };
}

/** How much better the better response is, 0 … 3; null without, a sentence when it cannot be read. */
export function readStrength(row: ImportRow, column: string | null | undefined): number | null | string {
  const value = column ? row[column] : undefined;
  if (value === undefined || value === null || value === "") return null;
  const size = typeof value === "string" ? Number(value.trim() || Number.NaN) : value;
  if (typeof size !== "number" || !(size >= 0))
    return `The strength "${String(value).slice(0, 60)}" is no number from 0 on. Correct it, or map no strength.`;
  // A preference is at least slight; only zero is none.
  return size === 0 ? 0 : Math.min(3, Math.max(1, Math.round(size)));
}

function readCriteria(row: ImportRow, column: string | null | undefined): Record<string, number> | null | string {
  let value = column ? row[column] : undefined;
  if (value === undefined || value === null || value === "") return null;
  const wrong = "The criteria must be an object of whole numbers from -3 to 3. Correct it, or map no criteria.";
  if (typeof value === "string") {
    try {
      value = JSON.parse(value);
    } catch {
      return wrong;
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong;
  const entries = Object.entries(value);
  if (entries.length > 20 || entries.some(([name, n]) => name.length > 100 || !isVerdict(n))) return wrong;
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

const isVerdict = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 3;

export function textIn(row: ImportRow, column: string | null | undefined): string | null {
  const value = column ? row[column] : undefined;
  return (typeof value === "string" || typeof value === "number") && String(value).trim() !== "" ? String(value) : null;
}

const fieldOf = (entry: unknown, ...names: readonly string[]): string | null =>
  typeof entry === "object" && entry !== null
    ? (names.map((name) => textIn(entry as ImportRow, name)).find((text) => text !== null) ?? null)
    : null;

/** ISO 8601, or seconds or milliseconds since 1970. A future time is none that somebody judged at. */
export function timeOf(text: string): Date {
  const number = Number(text);
  const at = Number.isNaN(number) ? new Date(text) : new Date(number < 1e11 ? number * 1000 : number);
  return at.getTime() >= 0 && at.getTime() < 4e12 ? at : new Date(Number.NaN);
}

const scoreOf = (entry: unknown): unknown =>
  typeof entry === "object" && entry !== null && "score" in entry ? entry.score : entry;

type Said = Pick<RowLabel, "verdict" | "bothBad">;

function byWords(value: unknown, words: { a: string; b: string; tie: string }): Said | string {
  const text = String(value).trim();
  if (text === words.a) return { verdict: -2, bothBad: false };
  if (text === words.b) return { verdict: 2, bothBad: false };
  if (text === words.tie) return { verdict: 0, bothBad: false };
  if (/both[ _-]?bad/i.test(text)) return { verdict: null, bothBad: true };
  const known = [words.a, words.b, words.tie].map((word) => `"${word}"`).join(", ");
  return `The label "${text.slice(0, 60)}" is none of ${known}. Correct it, or change the label words.`;
}

function byNumber(value: unknown): Said | string {
  if (typeof value === "string" && /^both[ _-]?bad$/i.test(value.trim())) return { verdict: null, bothBad: true };
  const verdict = typeof value === "string" ? Number(value.trim() || Number.NaN) : value;
  if (typeof verdict === "number" && Number.isInteger(verdict) && Math.abs(verdict) <= 3)
    return { verdict: verdict === 0 ? 0 : verdict, bothBad: false };
  return `The label "${String(value).slice(0, 60)}" is no whole number from -3 to 3. Correct it, or say which words mean what.`;
}
