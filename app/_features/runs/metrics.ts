import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";

interface MetricNames {
  readonly accuracy: string | null;
  readonly margin: string | null;
  readonly kl: string | null;
  /** Nats between tuned and base model on the data's answers: what a run that never samples can tell instead of a KL. */
  readonly drift: string | null;
}

/** TRL calls the same figure differently in its trainers. SFT compares nothing, so it has neither. */
export const metricNames: Readonly<Record<SnapshotRunKind, MetricNames>> = {
  reward: { accuracy: "accuracy", margin: "margin", kl: null, drift: null },
  dpo: { accuracy: "rewards/accuracies", margin: "rewards/margins", kl: null, drift: "logratios/drift" },
  kto: { accuracy: "rewards/accuracies", margin: "rewards/margins", kl: "kl", drift: null },
  sft: { accuracy: null, margin: null, kl: null, drift: null },
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
  const name = `eval_${metricNames[kind].accuracy}`;
  const value = metrics?.[name];
  if (value === undefined) return null;
  const [low, high] = intervals?.[name] ?? [null, null];
  const alike = low !== null && low === high;
  return alike ? { value, low: null, high: null, alike } : { value, low, high, alike };
}
