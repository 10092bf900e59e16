/** How far something was, and when (milliseconds). */
export interface Sample {
  readonly bytes: number;
  readonly at: number;
}

const windowMs = 15_000;
const shortestMs = 2_000;

/** The samples of the last seconds with this one; what goes backwards was begun again. */
export function sampled(samples: readonly Sample[], { bytes, at }: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && bytes < last.bytes) return [{ bytes, at }];
  return [...samples.filter((sample) => sample.at >= at - windowMs), { bytes, at }];
}

/** Seconds until all is there, by the pace of the last seconds; null while that says nothing. */
export function secondsLeft(samples: readonly Sample[], total: number): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < shortestMs || last.bytes <= first.bytes) return null;
  const perMs = (last.bytes - first.bytes) / (last.at - first.at);
  return Math.max(0, total - last.bytes) / perMs / 1000;
}
