import type { RunEvent } from "@/trainer/contracts/runEvent";

interface Numbered {
  readonly seq: number;
  readonly event: RunEvent;
}

/** The page takes its forecast from the step this far from where the run began or went on. */
const forecastAfter = 20;

/**
 * The events of a run with at most about `limit` of its steps, evenly chosen: a curve is no wider than a page. The first
 * and the last step stay, the one that the forecast is taken from, and all that is no step.
 */
export function thinEvents<E extends Numbered>(events: readonly E[], limit: number): E[] {
  const steps = events.filter(({ event }) => event.type === "step").length;
  if (steps <= limit) return [...events];
  const every = Math.ceil(steps / limit);
  let index = -1;
  let firstStep = 0;
  return events.filter(({ event }) => {
    if (event.type === "start") firstStep = event.firstStep;
    if (event.type !== "step") return true;
    index += 1;
    return index % every === 0 || index === steps - 1 || event.step === firstStep + forecastAfter;
  });
}
