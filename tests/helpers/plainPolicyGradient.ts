/** PPO's and its kin's formulas as plain loops in double precision: the peer of trainer/objectives. */

export const plainPolicyLoss = (logp: number, old: number, advantage: number, low: number, high = low): number => {
  const ratio = Math.exp(logp - old);
  const clipped = Math.min(Math.max(ratio, 1 - low), 1 + high);
  return Math.max(-advantage * ratio, -advantage * clipped);
};

export const plainValueLoss = (value: number, old: number, target: number, clip: number): number => {
  const near = Math.min(Math.max(value, old - clip), old + clip);
  return 0.5 * Math.max((value - target) ** 2, (near - target) ** 2);
};

/** Advantages by the sum that GAE is short for: A_t = Σ_k (γλ)^k δ_{t+k}. */
export const plainAdvantages = (
  rewards: readonly number[],
  values: readonly number[],
  gamma: number,
  lambda: number,
): number[] => {
  const at = (list: readonly number[], i: number) => list[i] ?? 0;
  const delta = (t: number) => at(rewards, t) + gamma * at(values, t + 1) - at(values, t);
  return rewards.map((_, t) => {
    let sum = 0;
    for (let k = 0; t + k < rewards.length; k++) sum += (gamma * lambda) ** k * delta(t + k);
    return sum;
  });
};
