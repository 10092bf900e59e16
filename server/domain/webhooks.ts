/** What a webhook can be told of. */
export const webhookEventTypes = [
  "import.finished",
  "import.failed",
  "snapshot.created",
  "run.finished",
  "run.failed",
  "run.cancelled",
] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Milliseconds from one attempt to the next: the schedule that Standard Webhooks recommends, about three days in all. */
export const retryDelays = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  day,
] as const;

/** A receiver that has not taken anything for this long is not asked any more. */
export const disableAfterMs = 5 * day;

/** When the attempt after the `round`-th (from 1) is due; null when there is none. Spread by up to a tenth, so that a receiver that comes back is not met by all at once. */
export function nextAttemptAt(round: number, now: number, random: number): number | null {
  const delay = retryDelays[round - 1];
  return delay === undefined ? null : now + Math.round(delay * (1 + random / 10));
}
