import type { Pair } from "./outbox";

/** What there may be to say about it. */
export type PaceNotice = "tooQuick" | "restSoon";

/** How somebody works on this page, as far as they should hear of it. */
export interface Pace {
  /** Of the latest verdicts, which came faster than their texts can be read. */
  readonly quick: readonly boolean[];
  readonly warned: boolean;
  /** When work without a break began, and when the last verdict was given. */
  readonly since: number;
  readonly last: number;
}

export const startPace: Pace = { quick: [], warned: false, since: 0, last: 0 };

/** Three times what adults read silently on average, 238 words a minute (Brysbaert 2019): nobody reads faster for long. */
const wordsPerMinute = 714;
/** Few words are taken in at a glance. */
const worthTiming = 25;
const remembered = 10;
const tooMany = 6;
const breakMs = 5 * 60_000;
const restAfterMs = 50 * 60_000;

/** Words of a text; a Chinese word has one and a half characters on average. */
export const wordsIn = (text: string): number =>
  (text.match(/(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu)?.length ?? 0) +
  (text.match(/\p{Script=Han}/gu)?.length ?? 0) / 1.5;

/** Whether both answers and the last turn of the prompt could not have been read in that time. */
export function isQuick({ prompt, left, right }: Pair, spentMs: number): boolean {
  const words = [prompt.at(-1), ...left, ...right].reduce((sum, message) => sum + wordsIn(message?.content ?? ""), 0);
  return words >= worthTiming && spentMs < (words / wordsPerMinute) * 60_000;
}

/** After a verdict: the pace, and what there is to say about it. Too quick is said once, a rest every fifty minutes of work. */
export function judged(
  before: Pace,
  pair: Pair,
  spentMs: number,
  now: number,
): { readonly pace: Pace; readonly notice: PaceNotice | null } {
  const since = now - before.last > breakMs ? now : before.since;
  const quick = [...before.quick, isQuick(pair, spentMs)].slice(-remembered);
  const pace = { ...before, quick, since, last: now };
  if (!before.warned && quick.filter(Boolean).length >= tooMany) {
    return { pace: { ...pace, warned: true }, notice: "tooQuick" };
  }
  return now - since >= restAfterMs ? { pace: { ...pace, since: now }, notice: "restSoon" } : { pace, notice: null };
}
