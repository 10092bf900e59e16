/** The two-sided 95 % quantile of the normal distribution. */
const z = 1.959964;

/** 95 % interval of a share seen in n independent trials (Wilson 1927): right for few of them, and for shares of 0 and 1. */
export function wilsonInterval(share: number, n: number): [number, number] {
  const spread = z ** 2 / n;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Math.sqrt((share * (1 - share)) / n + spread / (4 * n)) * z) / (1 + spread);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
