export interface ExclusionBar {
  readonly reason: string;
  readonly count: number;
  /** Of the longest bar, in percent. */
  readonly width: number;
  /** Of all items looked at (used and left out). */
  readonly share: number;
}

/** The items a snapshot leaves out, most frequent reason first; reasons nobody met are not drawn. */
export function exclusionBars(excluded: Readonly<Record<string, number>>, pairs: number): ExclusionBar[] {
  const met = Object.entries(excluded).filter(([, count]) => count > 0);
  const total = met.reduce((sum, [, count]) => sum + count, pairs);
  const longest = Math.max(...met.map(([, count]) => count), 0);
  return met
    .sort(([reasonA, a], [reasonB, b]) => b - a || (reasonA < reasonB ? -1 : 1))
    .map(([reason, count]) => ({ reason, count, width: (count / longest) * 100, share: count / total }));
}

export const excludedTotal = (excluded: Readonly<Record<string, number>>): number =>
  Object.values(excluded).reduce((sum, count) => sum + count, 0);
