import type { OnlineRunKind, SnapshotRunKind } from "@/trainer/contracts/runConfig";

interface MetricNames {
  readonly accuracy: string | null;
  readonly margin: string | null;
  readonly kl: string | null;
  /** Nats between tuned and base model on the data's answers: what a run that never samples can tell instead of a KL. */
  readonly drift: string | null;
}

/** Methods that learn from answers of their own have no pairs to tell apart. */
const sampling: MetricNames = { accuracy: null, margin: null, kl: "objective/kl", drift: null };

/** TRL calls the same figure differently in its trainers. SFT compares nothing, so it has neither. */
export const metricNames: Readonly<Record<SnapshotRunKind, MetricNames>> = {
  reward: { accuracy: "accuracy", margin: "margin", kl: null, drift: null },
  dpo: { accuracy: "rewards/accuracies", margin: "rewards/margins", kl: null, drift: "logratios/drift" },
  kto: { accuracy: "rewards/accuracies", margin: "rewards/margins", kl: "kl", drift: null },
  sft: { accuracy: null, margin: null, kl: null, drift: null },
  ppo: sampling,
  grpo: sampling,
  rloo: sampling,
};

interface SamplingNames {
  readonly reward: string;
  readonly entropy: string;
  readonly clipped: string;
  readonly valueLoss: string | null;
  readonly explained: string | null;
}

const withoutValues: SamplingNames = {
  reward: "reward",
  entropy: "entropy",
  clipped: "clip_ratio/region_mean",
  valueLoss: null,
  explained: null,
};

/** What the methods that sample call their own figures; only PPO has a value model. */
export const samplingNames: Readonly<Record<OnlineRunKind, SamplingNames>> = {
  ppo: {
    reward: "objective/scores",
    entropy: "policy/entropy_avg",
    clipped: "policy/clipfrac_avg",
    valueLoss: "loss/value_avg",
    explained: "val/explained_variance",
  },
  grpo: withoutValues,
  rloo: withoutValues,
};

export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Every pair came out the same way: resampling them gives no interval, which does not mean that there is no doubt. */
  readonly alike: boolean;
}

/** Share of held-out pairs whose chosen answer the model picks, with its 95 % interval. */
export function heldOutAccuracy(
  kind: SnapshotRunKind,
  metrics: Readonly<Record<string, number>> | null,
  intervals: Readonly<Record<string, readonly [number, number]>> | null,
): Estimate | null {
  return estimateOf(`eval_${metricNames[kind].accuracy}`, metrics, intervals);
}

/** By how much the tuned model's held-out answers score higher than the base model's. */
export const heldOutRise = (
  metrics: Readonly<Record<string, number>> | null,
  intervals: Readonly<Record<string, readonly [number, number]>> | null,
): Estimate | null => estimateOf("eval_score_rise", metrics, intervals);

function estimateOf(
  name: string,
  metrics: Readonly<Record<string, number>> | null,
  intervals: Readonly<Record<string, readonly [number, number]>> | null,
): Estimate | null {
  const value = metrics?.[name];
  if (value === undefined) return null;
  const [low, high] = intervals?.[name] ?? [null, null];
  const alike = low !== null && low === high;
  return alike ? { value, low: null, high: null, alike } : { value, low, high, alike };
}
