import { expect, test } from "vitest";
import { looksLeft, Pace } from "@/trainer/loop/pace";

/** A pace on a clock that the test moves: what follows takes so long, and of that so long goes into compiling. */
function clocked() {
  let [now, compiled] = [100, 7];
  const pace = new Pace(
    () => now,
    () => compiled,
  );
  const pass = (seconds: number, compiling = 0) => {
    now += seconds;
    compiled += compiling;
  };
  return { pace, pass };
}

test("steps and looks to come are counted apart, without the first of each, which warms up", () => {
  const { pace, pass } = clocked();
  expect(pace.remaining(10, 2)).toBe(0);
  pass(30);
  pace.look();
  pass(5);
  pace.step();
  expect(pace.remaining(10, 2)).toBe(10 * 5 + 2 * 30);
  pass(1);
  pace.step();
  pass(2);
  pace.step();
  pass(4);
  pace.look();
  expect(pace.remaining(10, 2)).toBe(10 * 1.5 + 2 * 4);
});

test("compiling says nothing of the steps to come, be it in a step or in a look", () => {
  const { pace, pass } = clocked();
  pass(30, 27);
  pace.look();
  pass(9, 8);
  pace.step();
  expect(pace.remaining(10, 2)).toBe(10 * 1 + 2 * 3);
  pass(12, 10);
  pace.step();
  expect(pace.remaining(10, 0)).toBe(10 * 2);
});

test("looks left are those that a loop would take", () => {
  for (const [last, every] of [
    [10, 3],
    [12, 4],
    [5, 20],
    [1, 1],
  ] as const) {
    for (let step = 0; step <= last; step++) {
      let count = 0;
      for (let s = step + 1; s <= last; s++) if (s % every === 0 || s === last) count++;
      expect(looksLeft(step, last, every), `${step} of ${last} by ${every}`).toBe(count);
    }
  }
});
