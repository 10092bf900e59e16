/** What a message exists for under `datasets.reason`; anything newer is "other". */
const worded = ["too_few_judgements", "tie", "both_bad", "disagreement", "empty_response"] as const;
type WordedReason = (typeof worded)[number] | "other";
export type Excluded = Readonly<Record<string, number | undefined>>;

export interface ExclusionBar {
  readonly reason: WordedReason;
  readonly count: number;
  /** Of the longest bar, in percent. */
  readonly width: number;
  /** Of all items looked at (used and left out). */
  readonly share: number;
}

/** The items a snapshot leaves out, most frequent reason first; reasons nobody met are not drawn. */
export function exclusionBars(excluded: Excluded, pairs: number): ExclusionBar[] {
  const counts = new Map<WordedReason, number>();
  for (const [reason, count = 0] of Object.entries(excluded)) {
    const known = worded.find((word) => word === reason) ?? "other";
    if (count > 0) counts.set(known, (counts.get(known) ?? 0) + count);
  }
  const all = pairs + excludedTotal(excluded);
  const longest = Math.max(...counts.values(), 0);
  return [...counts]
    .sort(([reasonA, a], [reasonB, b]) => b - a || (reasonA < reasonB ? -1 : 1))
    .map(([reason, count]) => ({ reason, count, width: (count / longest) * 100, share: count / all }));
}

export const excludedTotal = (excluded: Excluded): number =>
  Object.values(excluded).reduce<number>((sum, count) => sum + (count ?? 0), 0);
