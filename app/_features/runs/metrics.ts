import type { PreferenceRunKind } from "@/trainer/contracts/runConfig";

/** TRL calls the same figure differently in its two trainers. */
export const metricNames = {
  reward: { accuracy: "accuracy", margin: "margin" },
  dpo: { accuracy: "rewards/accuracies", margin: "rewards/margins" },
} as const satisfies Record<PreferenceRunKind, { accuracy: string; margin: string }>;

export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Every pair came out the same way: resampling them gives no interval, which does not mean that there is no doubt. */
  readonly alike: boolean;
}

/** Share of held-out pairs whose chosen answer the model picks, with its 95 % interval. */
export function heldOutAccuracy(
  kind: PreferenceRunKind,
  metrics: Readonly<Record<string, number>> | null,
  intervals: Readonly<Record<string, readonly [number, number]>> | null,
): Estimate | null {
  const name = `eval_${metricNames[kind].accuracy}`;
  const value = metrics?.[name];
  if (value === undefined) return null;
  const [low, high] = intervals?.[name] ?? [null, null];
  const alike = low !== null && low === high;
  return alike ? { value, low: null, high: null, alike } : { value, low, high, alike };
}
