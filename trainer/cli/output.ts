import type { Preflight } from "../contracts/preflight";
import type { RunEvent } from "../contracts/runEvent";

type Figures = Readonly<Record<string, number>>;

const figures = (metrics: Figures): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join("  ");

/** Held-out figures, one a line, with their intervals. */
export const figureLines = (metrics: Figures, intervals: Readonly<Record<string, readonly [number, number]>>): string =>
  Object.entries(metrics)
    .map(([name, value]) => {
      const [low, high] = intervals[name] ?? [];
      const interval =
        low === undefined || high === undefined ? "" : `  (${low.toPrecision(4)} – ${high.toPrecision(4)})`;
      return `${name.padEnd(28)} ${value.toPrecision(4)}${interval}`;
    })
    .join("\n");

const dropped = (reasons: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(reasons).map(([reason, n]) => `${n} ${reason.replaceAll("_", " ")}`);
  return parts.length > 0 ? `dropped ${parts.join(", ")}` : "none dropped";
};

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  return s < 3600
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

export const preflightText = (p: Preflight): string =>
  [
    `engine     ${p.provider}: ${p.providerReason}`,
    `model      ${p.parameters} parameters; weights, moments and their copies ${mebibytes(p.stateBytes)}`,
    `train      ${p.train.used} examples, ${dropped(p.train.dropped)}; ${p.tokensPerEpoch} tokens an epoch`,
    `held out   ${p.test.used} examples, ${dropped(p.test.dropped)}`,
    `steps      ${p.totalSteps}, about ${duration(p.stepSeconds)} by a measured step; evaluations come on top`,
    `memory     ${mebibytes(p.residentBytes)} resident after a step on the longest of the batches looked at`,
  ].join("\n");

/** A bar that stays on one line of a terminal. */
const bar = (done: number, width = 24): string => {
  const full = Math.round(done * width);
  return `[${"#".repeat(full)}${"-".repeat(width - full)}]`;
};

const describe: { [K in RunEvent["type"]]: (event: Extract<RunEvent, { type: K }>) => string } = {
  start: (e) =>
    `${e.provider}: ${e.providerReason}. ${e.parameters} parameters, ${e.totalSteps} steps from ${e.firstStep}; ` +
    `train ${e.train.used} (${dropped(e.train.dropped)}), held out ${e.test.used}.`,
  step: (e) =>
    `step ${e.step}/${e.totalSteps}  ${figures(e.metrics)}  ${Math.round(e.tokensPerSecond)} tokens/s  ${duration(e.etaSeconds)} left`,
  eval: (e) => `held out at ${e.step}: ${figures(e.metrics)}`,
  sample: (e) => `prompt: ${e.prompt}\n  base:  ${e.base}\n  tuned: ${e.tuned}`,
  checkpoint: (e) => `checkpoint ${e.path}`,
  stopped: (e) => `stopped at step ${e.step} (${e.reason}): ${e.message}`,
  log: (e) => `${e.level}: ${e.message}`,
  done: (e) => `done after ${duration(e.seconds)}: ${e.modelPath}\n${figureLines(e.metrics, e.intervals)}`,
};

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Prints a run's events: JSON lines for machines, a progress bar for a terminal, a line each elsewhere. */
export function eventPrinter(out: Terminal, json: boolean): (event: RunEvent) => void {
  if (json) return (event) => out.write(`${JSON.stringify(event)}\n`);
  const text = (event: RunEvent) => (describe[event.type] as (e: RunEvent) => string)(event);
  if (!out.isTTY) return (event) => out.write(`${text(event)}\n`);
  const clear = "\r\x1b[K";
  return (event) => {
    if (event.type !== "step") {
      out.write(`${clear}${text(event)}\n`);
      return;
    }
    const { step, totalSteps, metrics, etaSeconds } = event;
    const loss = metrics.loss?.toPrecision(4);
    out.write(`${clear}${bar(step / totalSteps)} ${step}/${totalSteps}  loss ${loss}  ${duration(etaSeconds)} left`);
  };
}
