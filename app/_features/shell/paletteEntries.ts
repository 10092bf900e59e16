export interface PaletteEntry {
  readonly key: string;
  readonly group: "pages" | "projects";
  readonly label: string;
  readonly href: string;
}

/** Entries that hold every typed word, in any order; those that start with the first word come first. */
export function filterEntries(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return entries;
  const hits = entries.filter((entry) => words.every((word) => entry.label.toLocaleLowerCase().includes(word)));
  const starts = (entry: PaletteEntry) => entry.label.toLocaleLowerCase().startsWith(first);
  return [...hits.filter(starts), ...hits.filter((entry) => !starts(entry))];
}
