export type Points = readonly (number | null)[];

/**
 * Exponential moving average, corrected for its start at zero, so that the first points are not pulled down.
 * `amount` 0 changes nothing; towards 1 the curve remembers more. Gaps stay gaps.
 */
export function smooth(values: Points, amount: number): (number | null)[] {
  if (amount <= 0) return [...values];
  let average = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    average = amount * average + (1 - amount) * value;
    weight = amount * weight + (1 - amount);
    return average / weight;
  });
}

/** At most `most` evenly spread indices of a list, first and last among them. */
export function spread(length: number, most: number): number[] {
  if (length <= most) return Array.from({ length }, (_, index) => index);
  return Array.from({ length: most }, (_, step) => Math.round((step * (length - 1)) / (most - 1)));
}
