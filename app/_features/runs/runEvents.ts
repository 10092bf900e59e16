import type { RunEvent } from "@/trainer/contracts/runEvent";

export interface TrainPoint {
  readonly step: number;
  readonly value: number;
}

/** A held-out figure; `low` and `high` bound its 95 % interval. */
export interface HeldOutPoint extends TrainPoint {
  readonly low: number | null;
  readonly high: number | null;
}

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;
export type Sample = EventOf<"sample">;

/** What the log tells, in the order it happened; worded by the page. */
export type LogEntry = { readonly seq: number } & (
  | { readonly type: "started"; readonly provider: string; readonly reason: string }
  | { readonly type: "resumed"; readonly step: number }
  | { readonly type: "paused"; readonly step: number }
  | { readonly type: "evaluated"; readonly step: number; readonly pairs: number }
  | { readonly type: "checkpoint"; readonly step: number }
  | { readonly type: "message"; readonly level: "info" | "warn" | "error"; readonly message: string }
  | { readonly type: "finished"; readonly step: number; readonly seconds: number }
);

/** Everything a run's page shows that came with its events. */
export interface RunView {
  readonly lastSeq: number;
  readonly start: EventOf<"start"> | null;
  readonly latest: EventOf<"step"> | null;
  /** By TRL's name: `loss`, `rewards/margins`, … */
  readonly train: Readonly<Record<string, readonly TrainPoint[]>>;
  /** By the same names, without `eval_`. */
  readonly heldOut: Readonly<Record<string, readonly HeldOutPoint[]>>;
  readonly samples: readonly Sample[];
  readonly log: readonly LogEntry[];
  readonly done: EventOf<"done"> | null;
  /** What the run said after 20 steps that it would take, from its start or the last time it went on. */
  readonly forecast: { readonly seconds: number } | null;
}

export interface NumberedEvent {
  readonly seq: number;
  readonly event: RunEvent;
}

export const emptyRunView: RunView = {
  lastSeq: -1,
  start: null,
  latest: null,
  train: {},
  heldOut: {},
  samples: [],
  log: [],
  done: null,
  forecast: null,
};

/** Steps after which the time left is held against what it then takes. */
const forecastAfter = 20;

/**
 * Folds a batch of events into the view. An event seen before is passed over, so a replay after a lost connection changes
 * nothing; a run that goes on from a checkpoint takes its later points back, and a step told twice keeps the newer value.
 */
export function foldEvents(view: RunView, batch: readonly NumberedEvent[]): RunView {
  const fresh = batch.filter(({ seq }) => seq > view.lastSeq);
  if (fresh.length === 0) return view;
  const draft = {
    ...view,
    train: copyLists(view.train),
    heldOut: copyLists(view.heldOut),
    samples: [...view.samples],
    log: [...view.log],
  };
  for (const { seq, event } of fresh) {
    if (seq <= draft.lastSeq) continue;
    draft.lastSeq = seq;
    apply(draft, seq, event);
  }
  return draft;
}

interface Draft {
  start: RunView["start"];
  latest: RunView["latest"];
  train: Record<string, TrainPoint[]>;
  heldOut: Record<string, HeldOutPoint[]>;
  samples: Sample[];
  log: LogEntry[];
  done: RunView["done"];
  forecast: RunView["forecast"];
}

function apply(draft: Draft, seq: number, event: RunEvent): void {
  switch (event.type) {
    case "start":
      rewind(draft, event.firstStep);
      draft.log.push(
        draft.start || event.firstStep > 0
          ? { seq, type: "resumed", step: event.firstStep }
          : { seq, type: "started", provider: event.provider, reason: event.providerReason },
      );
      draft.start = event;
      return;
    case "step":
      draft.latest = event;
      if (event.step === (draft.start?.firstStep ?? 0) + forecastAfter) {
        draft.forecast = { seconds: event.elapsedSeconds + event.etaSeconds };
      }
      for (const [name, value] of Object.entries(event.metrics)) {
        put(listOf(draft.train, name), { step: event.step, value });
      }
      return;
    case "eval":
      for (const [name, value] of Object.entries(event.metrics)) {
        const [low, high] = event.intervals[name] ?? [null, null];
        put(listOf(draft.heldOut, withoutPrefix(name)), { step: event.step, value, low, high });
      }
      draft.log.push({ seq, type: "evaluated", step: event.step, pairs: event.pairs });
      return;
    case "sample": {
      const known = draft.samples.findIndex((s) => s.step === event.step && s.prompt === event.prompt);
      if (known < 0) draft.samples.push(event);
      else draft.samples[known] = event;
      return;
    }
    case "checkpoint":
      draft.log.push({ seq, type: "checkpoint", step: event.step });
      return;
    case "stopped":
      if (event.reason === "paused") {
        draft.log.push({ seq, type: "paused", step: event.step });
        return;
      }
      draft.log.push({
        seq,
        type: "message",
        level: event.reason === "early_stop" ? "info" : "warn",
        message: event.message,
      });
      return;
    case "log":
      // The worker's own words for what the entry before says already.
      if (draft.log.at(-1)?.type === "resumed" && event.message.startsWith("Resumed at step")) return;
      draft.log.push({ seq, type: "message", level: event.level, message: event.message });
      return;
    case "done":
      draft.done = event;
      draft.log.push({ seq, type: "finished", step: event.step, seconds: event.seconds });
  }
}

/** Takes back what lies after the step a run starts from (0: everything). */
function rewind(draft: Draft, firstStep: number): void {
  for (const lists of [draft.train, draft.heldOut]) {
    for (const [name, points] of Object.entries(lists)) {
      lists[name] = firstStep === 0 ? [] : (points.filter((p) => p.step <= firstStep) as HeldOutPoint[]);
    }
  }
  draft.samples = firstStep === 0 ? [] : draft.samples.filter((s) => s.step <= firstStep);
  if (draft.latest && draft.latest.step > firstStep) draft.latest = null;
  draft.done = null;
  draft.forecast = null;
}

/** How far the forecast was off, as a share of what the run took; negative when it said less. Null without both. */
export function forecastError({ forecast, done }: RunView): number | null {
  return forecast && done ? forecast.seconds / done.seconds - 1 : null;
}

/** Puts a point in the order of its step; the same step is replaced. Nearly always an append. */
function put<P extends TrainPoint>(points: P[], point: P): void {
  let at = points.length;
  while (at > 0 && (points[at - 1] as P).step >= point.step) at--;
  points.splice(at, points[at]?.step === point.step ? 1 : 0, point);
}

function listOf<P>(lists: Record<string, P[]>, name: string): P[] {
  lists[name] ??= [];
  return lists[name];
}

const copyLists = <P>(lists: Readonly<Record<string, readonly P[]>>): Record<string, P[]> =>
  Object.fromEntries(Object.entries(lists).map(([name, points]) => [name, [...points]]));

const withoutPrefix = (name: string): string => name.replace(/^eval_/, "");

/** The steps that have samples, in order. */
export const stepsOf = (samples: readonly Sample[]): number[] =>
  [...new Set(samples.map((s) => s.step))].sort((a, b) => a - b);

/** How often the run went on after an interruption that nobody had asked for. */
export function timesInterrupted({ log }: RunView): number {
  const turns = log.filter((entry) => entry.type === "resumed" || entry.type === "paused");
  return turns.filter((entry, i) => entry.type === "resumed" && turns[i - 1]?.type !== "paused").length;
}

/**
 * At most `limit` of the points, chosen so that the drawn line keeps its shape, spikes included (largest triangle, three
 * buckets: Steinarsson 2013). The first and the last point stay.
 */
export function downsample<P extends TrainPoint>(points: readonly P[], limit = 2000): readonly P[] {
  if (points.length <= limit || limit < 3) return points;
  const width = (points.length - 2) / (limit - 2);
  const out: P[] = [points[0] as P];
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const from = Math.floor(bucket * width) + 1;
    const to = Math.floor((bucket + 1) * width) + 1;
    const next = points.slice(to, Math.min(points.length, Math.floor((bucket + 2) * width) + 1));
    const centre = { step: mean(next.map((p) => p.step)), value: mean(next.map((p) => p.value)) };
    const before = out.at(-1) as P;
    out.push(largest(points.slice(from, to), (p) => triangle(before, p, centre)));
  }
  out.push(points.at(-1) as P);
  return out;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const triangle = (a: TrainPoint, b: TrainPoint, c: TrainPoint): number =>
  Math.abs((a.step - c.step) * (b.value - a.value) - (a.step - b.step) * (c.value - a.value));

const largest = <T>(items: readonly T[], size: (item: T) => number): T =>
  items.reduce((best, item) => (size(item) > size(best) ? item : best));
