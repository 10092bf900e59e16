import type { Provider } from "@/trainer/runtime/program";

export type Lane = "training" | "answers";

/** The longest that answers keep training waiting between two of its turns. */
const longestAnswersMs = 150;

/**
 * One thing at a time on the machine: a run of a compiled program is a turn. Between two turns of training the answers get
 * as long as the last one took, `longestAnswersMs` at most, and always one; among themselves they go round.
 */
export class Turns {
  private readonly waiting: Record<Lane, (() => void)[]> = { training: [], answers: [] };
  private busy = false;
  private budgetMs = 0;

  /** `now`: a clock in milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  async take<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.waiting[lane].push(start);
      this.next();
    });
    const started = this.now();
    try {
      return await work();
    } finally {
      const ms = this.now() - started;
      this.budgetMs = lane === "training" ? Math.min(ms, longestAnswersMs) : this.budgetMs - ms;
      // Whoever waited for this result first gets to ask for the next turn; so do messages from the parent.
      setImmediate(() => {
        this.busy = false;
        this.next();
      });
    }
  }

  private next(): void {
    if (this.busy) return;
    const { training, answers } = this.waiting;
    const start = training.length > 0 && this.budgetMs <= 0 ? training.shift() : (answers.shift() ?? training.shift());
    if (!start) return;
    this.busy = true;
    start();
  }
}

/** The provider whose programs run and compile in turns. `before` may hold a turn back, or throw. */
export const inTurns = (provider: Provider, turns: Turns, lane: Lane, before = async () => {}): Provider => ({
  ...provider,
  async compile(program, examples, open, resident) {
    const compiled = await turns.take(lane, () => provider.compile(program, examples, open, resident));
    return {
      ...compiled,
      async run(inputs, into) {
        await before();
        return turns.take(lane, () => compiled.run(inputs, into));
      },
    };
  },
});
