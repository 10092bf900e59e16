import type { ImportMapping, ImportRow, RowProblem } from "./mapping";

/** What one of the file's people said of a row: −3 … 3, negative prefers the file's response A. */
export interface RowLabel {
  readonly who: string;
  readonly verdict: number | null;
  readonly bothBad: boolean;
}

type Labels = { readonly labels: RowLabel[] } | { readonly problem: RowProblem };

/** Reads the mapped label columns; an empty cell is no label. A list (HelpSteer3's individual_preference) is one per person. */
export function readLabels(row: ImportRow, { labels = [], labelValues }: ImportMapping): Labels {
  const found: RowLabel[] = [];
  for (const { column, who } of labels) {
    const cell = row[column];
    const people = Array.isArray(cell)
      ? cell.map((entry, i) => [`${who}${i + 1}`, scoreOf(entry)] as const)
      : [[who, cell] as const];
    for (const [name, value] of people) {
      if (value === null || value === undefined || value === "") continue;
      const label = labelValues ? byWords(value, labelValues) : byNumber(value);
      if (typeof label === "string") return { problem: { field: column, reason: label } };
      found.push({ who: name, ...label });
    }
  }
  return { labels: found };
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
  const verdict = typeof value === "string" ? Number(value.trim() || Number.NaN) : value;
  if (typeof verdict === "number" && Number.isInteger(verdict) && Math.abs(verdict) <= 3)
    return { verdict: verdict === 0 ? 0 : verdict, bothBad: false };
  return `The label "${String(value).slice(0, 60)}" is no whole number from -3 to 3. Correct it, or say which words mean what.`;
}
