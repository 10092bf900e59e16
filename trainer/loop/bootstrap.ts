import { Random } from "../data/random";

/**
 * 95 % percentile-bootstrap interval of a mean, resampling whole prompts (Efron & Tibshirani 1993): pairs on one prompt
 * are not independent. `values[i]` belongs to `groups[i]`.
 */
export function bootstrapByGroup(
  values: readonly number[],
  groups: readonly string[],
  seed: number,
  resamples = 1000,
): [number, number] {
  const byGroup = new Map<string, { sum: number; n: number }>();
  values.forEach((value, i) => {
    const entry = byGroup.get(groups[i] as string) ?? { sum: 0, n: 0 };
    byGroup.set(groups[i] as string, { sum: entry.sum + value, n: entry.n + 1 });
  });
  const totals = [...byGroup.values()];
  const random = new Random(seed);
  const means = Array.from({ length: resamples }, () => {
    let [sum, n] = [0, 0];
    for (let i = 0; i < totals.length; i++) {
      const drawn = totals[random.below(totals.length)] as { sum: number; n: number };
      sum += drawn.sum;
      n += drawn.n;
    }
    return sum / n;
  }).sort((a, b) => a - b);
  const at = (q: number) => means[Math.min(means.length - 1, Math.floor(q * means.length))] as number;
  return [at(0.025), at(0.975)];
}
