/** Seconds that steps and looks at the held-out pairs took, and what they say about those to come. */
export class Pace {
  private readonly steps: number[] = [];
  private readonly looks: number[] = [];

  step(seconds: number): void {
    this.steps.push(seconds);
  }

  look(seconds: number): void {
    this.looks.push(seconds);
  }

  /** The first of each compiles its programs, so it counts only while there is no other. */
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
