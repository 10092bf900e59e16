/** The objectives in plain numbers for one pair; what the page shows. Log-probabilities and rewards in nats. */

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** log σ(x), without overflow on either side. */
const logSigmoid = (x: number): number => Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x)));

/** What both losses on pairs have: −p·log σ(m) − (1−p)·log σ(−m). */
const pairLoss = (margin: number, probability: number): number =>
  -probability * logSigmoid(margin) - (1 - probability) * logSigmoid(-margin);

interface Two {
  readonly chosen: number;
  readonly rejected: number;
}

export interface Compared {
  readonly margin: number;
  /** What the model expects: P(chosen ≻ rejected). */
  readonly probability: number;
  readonly loss: number;
}

/** Bradley–Terry with the centring term k·(r_w + r_l)²; `label` is p, what people said. */
export function rewardNumbers(
  { chosen, rejected }: Two,
  { label, centering }: { readonly label: number; readonly centering: number },
): Compared & { readonly centre: number } {
  const margin = chosen - rejected;
  const centre = centering * (chosen + rejected) ** 2;
  return { margin, probability: sigmoid(margin), centre, loss: pairLoss(margin, label) + centre };
}

/** DPO: the log-ratio of policy and reference, times β, is a reward. */
export function dpoNumbers(
  policy: Two,
  reference: Two,
  { label, beta }: { readonly label: number; readonly beta: number },
): Compared & { readonly implicit: Two } {
  const implicit = {
    chosen: beta * (policy.chosen - reference.chosen),
    rejected: beta * (policy.rejected - reference.rejected),
  };
  const margin = implicit.chosen - implicit.rejected;
  return { implicit, margin, probability: sigmoid(margin), loss: pairLoss(margin, label) };
}

export interface PpoToken {
  readonly text: string;
  /** ρ = π(token) / π_old(token). */
  readonly ratio: number;
  readonly clipped: number;
  /** min(ρ·A, clip(ρ)·A). */
  readonly objective: number;
}

export interface PpoNumbers {
  /** log π(y) − log π_ref(y) of each answer: one sample of the KL divergence. */
  readonly logRatio: Two;
  readonly shaped: Two;
  /** Mean of both shaped rewards. */
  readonly baseline: number;
  /** Of the chosen answer. */
  readonly advantage: number;
  readonly tokens: readonly PpoToken[];
  /** Mean over the chosen answer's tokens. */
  readonly objective: number;
}

/**
 * PPO for the chosen answer, with the reference as the policy that drew it and the mean of the pair's two shaped rewards
 * as the baseline that a critic would give.
 */
export function ppoNumbers(
  rewards: Two,
  tokens: {
    readonly chosen: readonly { readonly text: string; readonly policy: number; readonly reference: number }[];
    readonly rejected: readonly { readonly policy: number; readonly reference: number }[];
  },
  { beta, clip }: { readonly beta: number; readonly clip: number },
): PpoNumbers {
  const sum = (side: readonly { readonly policy: number; readonly reference: number }[]) =>
    side.reduce((total, { policy, reference }) => total + policy - reference, 0);
  const logRatio = { chosen: sum(tokens.chosen), rejected: sum(tokens.rejected) };
  const shaped = {
    chosen: rewards.chosen - beta * logRatio.chosen,
    rejected: rewards.rejected - beta * logRatio.rejected,
  };
  const baseline = (shaped.chosen + shaped.rejected) / 2;
  const advantage = shaped.chosen - baseline;
  const each = tokens.chosen.map(({ text, policy, reference }): PpoToken => {
    const ratio = Math.exp(policy - reference);
    const clipped = Math.min(1 + clip, Math.max(1 - clip, ratio));
    return { text, ratio, clipped, objective: Math.min(ratio * advantage, clipped * advantage) };
  });
  const objective = each.reduce((total, token) => total + token.objective, 0) / Math.max(1, each.length);
  return { logRatio, shaped, baseline, advantage, tokens: each, objective };
}
