/**
 * Seconds that steps and looks at the held-out pairs took, and what they say about those to come. Time in which programs were
 * compiled is left out: shapes turn up early, and that they did says nothing of later steps.
 */
export class Pace {
  private readonly steps: number[] = [];
  private readonly looks: number[] = [];
  private mark: { readonly at: number; readonly compiled: number };

  /** `now` and `compiling` in seconds: a clock, and how much of its time went into compiling. */
  constructor(
    private readonly now: () => number,
    private readonly compiling: () => number,
  ) {
    this.mark = { at: now(), compiled: compiling() };
  }

  /** Ends a step; what lies between it and the end of the one before, or of a look, was its time. */
  step(): void {
    this.steps.push(this.lap());
  }

  look(): void {
    this.looks.push(this.lap());
  }

  private lap(): number {
    const { at, compiled } = this.mark;
    this.mark = { at: this.now(), compiled: this.compiling() };
    return Math.max(0, this.mark.at - at - (this.mark.compiled - compiled));
  }

  /** The first of each warms up, so it counts only while there is no other. */
  remaining(steps: number, looks: number): number {
    return steps * usual(this.steps) + looks * usual(this.looks);
  }
}

function usual(seconds: readonly number[]): number {
  const settled = seconds.length > 1 ? seconds.slice(1) : seconds;
  return settled.length === 0 ? 0 : settled.reduce((sum, s) => sum + s, 0) / settled.length;
}

/** Multiples of `every` after `step` up to `last`, and `last` itself: when a loop looks again. */
export const looksLeft = (step: number, last: number, every: number): number =>
  step >= last ? 0 : Math.ceil(last / every) - Math.floor(step / every);
