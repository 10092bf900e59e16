import { expect, test } from "vitest";
import { filtersQuery, itemStates, readFilters } from "@/app/_features/items/itemFilters";
import { tally, verdictBar, verdictWord, voteProgress } from "@/app/_features/items/verdict";

test("filters survive the address, whatever was typed", () => {
  for (const state of itemStates) {
    for (const search of ["", "tea & milk", "50 % + ünï", "为什么", "a=b?c#d"]) {
      expect(readFilters(new URLSearchParams(filtersQuery({ state, search })))).toEqual({ state, search });
    }
  }
});

test("nothing filtered leaves the address bare; an unknown state is all", () => {
  expect(filtersQuery({ state: "all", search: "   " })).toBe("");
  expect(filtersQuery({ state: "open", search: " tea " })).toBe("?state=open&q=tea");
  expect(readFilters(new URLSearchParams("state=deleted&q=+x+"))).toEqual({ state: "all", search: "x" });
});

test("each verdict has its own word, mirrored about the tie", () => {
  expect([-3, -2, -1, 0, 1, 2, 3].map((v) => verdictWord(v, false))).toEqual([
    "a3",
    "a2",
    "a1",
    "tie",
    "b1",
    "b2",
    "b3",
  ]);
  expect(verdictWord(null, true)).toBe("bothBad");
  expect(verdictWord(null, false)).toBe("none");
});

test("bars are mirror images and reach the end only at three steps", () => {
  expect(verdictBar(-3)).toEqual({ from: 0, width: 50 });
  expect(verdictBar(3)).toEqual({ from: 50, width: 50 });
  expect(verdictBar(0)).toEqual({ from: 50, width: 0 });
  for (const v of [1, 2, 3]) {
    const [a, b] = [verdictBar(-v), verdictBar(v)];
    expect(a.width).toBeCloseTo(b.width);
    expect(a.from + a.width).toBeCloseTo(b.from);
  }
});

test("votes are counted by side and against those wanted", () => {
  expect(tally([-3, -1, 0, 2, 0, -2])).toEqual({ forA: 3, ties: 2, forB: 1 });
  expect([voteProgress(0, 3), voteProgress(1, 3), voteProgress(3, 3), voteProgress(4, 3)]).toEqual([0, 33, 100, 100]);
});
