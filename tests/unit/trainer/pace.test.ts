import { expect, test } from "vitest";
import { looksLeft, Pace } from "@/trainer/loop/pace";

test("steps and looks to come are counted apart, without the first of each, which compiled", () => {
  const pace = new Pace();
  expect(pace.remaining(10, 2)).toBe(0);
  pace.look(30);
  pace.step(5);
  expect(pace.remaining(10, 2)).toBe(10 * 5 + 2 * 30);
  pace.step(1);
  pace.step(2);
  pace.look(4);
  expect(pace.remaining(10, 2)).toBe(10 * 1.5 + 2 * 4);
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
