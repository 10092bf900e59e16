/** What policy-gradient methods make of rewards, in plain numbers: no gradient goes through it. */

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Unbiased; 0 for a single value. */
function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
}

/** An answer's score as training sees it: less the penalty when the answer was cut before its end-of-text token. */
export const penalisedScore = (score: number, ended: boolean, missingEosPenalty: number): number =>
  ended ? score : score - missingEosPenalty;

/**
 * The reward of each token of an answer (Ziegler et al. 2019, eq. 2; Ouyang et al. 2022): −β·KL_t, and at the last token,
 * which is its end-of-text where it has one, the score too.
 */
export const tokenRewards = (kl: readonly number[], score: number, klCoefficient: number): number[] =>
  kl.map((k, t) => (t === kl.length - 1 ? score : 0) - klCoefficient * k);

interface Discount {
  readonly gamma: number;
  readonly lambda: number;
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, eq. 16) of one answer, from its end: δ_t = r_t + γ·V_{t+1} − V_t,
 * A_t = δ_t + γλ·A_{t+1}; nothing comes after the last token. Returns are A + V, for the value function to fit.
 */
export function generalisedAdvantages(
  rewards: readonly number[],
  values: readonly number[],
  { gamma, lambda }: Discount,
): { readonly advantages: number[]; readonly returns: number[] } {
  const advantages: number[] = new Array(rewards.length);
  let [later, next] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    const value = values[t] as number;
    later = (rewards[t] as number) + gamma * next - value + gamma * lambda * later;
    advantages[t] = later;
    next = value;
  }
  return { advantages, returns: advantages.map((a, t) => a + (values[t] as number)) };
}

/** (x − mean)/√(variance + 1e-8) over all of them, the variance unbiased; with `keepMean` the mean is added again. */
export function whitened(values: readonly number[], keepMean = false): number[] {
  const mean = meanOf(values);
  const scale = 1 / Math.sqrt(varianceOf(values) + 1e-8);
  return values.map((v) => (v - mean) * scale + (keepMean ? mean : 0));
}

/** Share of the returns' variance that the values explain: 1 − Var(R − V)/Var(R); 0 where the returns do not vary. */
export function explainedVariance(values: readonly number[], returns: readonly number[]): number {
  const all = varianceOf(returns);
  return all === 0 ? 0 : 1 - varianceOf(returns.map((r, i) => r - (values[i] as number))) / all;
}

/** What a group's advantages are divided by: its own deviation, that of the whole batch, or nothing (Dr. GRPO; Liu et al. 2025). */
type AdvantageScale = "group" | "batch" | "none";

/** Added to a deviation before it divides. */
const deviationFloor = 1e-4;

const groupsOf = (values: readonly number[], size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, g) => values.slice(g * size, (g + 1) * size));

/**
 * GRPO's advantages (Shao et al. 2024, section 4.1.2): a score less the mean of its group, over (its deviation + 1e-4). The
 * answers to one prompt lie beside each other, `size` of them.
 */
export function groupAdvantages(scores: readonly number[], size: number, scale: AdvantageScale): number[] {
  const ofBatch = Math.sqrt(varianceOf(scores));
  return groupsOf(scores, size).flatMap((group) => {
    const mean = meanOf(group);
    const deviation = scale === "batch" ? ofBatch : Math.sqrt(varianceOf(group));
    return group.map((s) => (scale === "none" ? s - mean : (s - mean) / (deviation + deviationFloor)));
  });
}

/** REINFORCE leave-one-out (Ahmadian et al. 2024, eq. 8): a reward less the mean of the others to the same prompt. */
export const leaveOneOutAdvantages = (rewards: readonly number[], size: number): number[] =>
  groupsOf(rewards, size).flatMap((group) => {
    const sum = group.reduce((a, b) => a + b, 0);
    return group.map((r) => r - (sum - r) / (size - 1));
  });

/** Share of groups whose answers all got the same score: nothing can be learnt from them. */
export function shareWithoutSpread(scores: readonly number[], size: number): number {
  const groups = groupsOf(scores, size);
  return groups.filter((group) => varianceOf(group) < 1e-16).length / groups.length;
}

/** Standard deviation, unbiased. */
export const deviationOf = (values: readonly number[]): number => Math.sqrt(varianceOf(values));

/**
 * How the losses of tokens become one number, with TRL's names: `grpo` the mean over answers of each one's mean over its tokens (Shao
 * et al. 2024); `dapo` the mean over all tokens of the step (Yu et al. 2025); `dr_grpo` the sum over answers and the longest
 * that an answer may be (Liu et al. 2025), so that length changes nothing.
 */
type LossAggregation = "grpo" | "dapo" | "dr_grpo";

/** The weight of each token of an answer of `length`, in a step of answers of these lengths. */
export function tokenWeight(
  aggregation: LossAggregation,
  length: number,
  step: readonly number[],
  longest: number,
): number {
  switch (aggregation) {
    case "grpo":
      return 1 / (step.length * length);
    case "dapo":
      return 1 / step.reduce((a, b) => a + b, 0);
    case "dr_grpo":
      return 1 / (step.length * longest);
  }
}
