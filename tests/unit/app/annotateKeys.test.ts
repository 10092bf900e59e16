import { expect, test } from "vitest";
import { keyAction } from "@/app/_features/annotate/keys";
import { backoffMs } from "@/app/_features/annotate/outbox";

const none = {
  code: "",
  shiftKey: false,
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  typing: false,
};
const rules = (verdictSteps: number, allowBothBad = true) => ({ verdictSteps, allowBothBad });
const press = (key: string, over = {}, steps = 7, bad = true) =>
  keyAction({ ...none, key, ...over }, rules(steps, bad));
const verdict = (key: string, steps = 7) => press(key, {}, steps);

test("1 to 7 go from left much better to right much better, arrows are the middle of their side", () => {
  expect(["1", "2", "3", "4", "5", "6", "7"].map((key) => verdict(key))).toEqual(
    [-3, -2, -1, 0, 1, 2, 3].map((v) => ({ do: "verdict", verdict: v })),
  );
  expect(verdict("ArrowLeft")).toEqual({ do: "verdict", verdict: -2 });
  expect(verdict("ArrowRight")).toEqual({ do: "verdict", verdict: 2 });
  expect(verdict("=")).toEqual({ do: "verdict", verdict: 0 });
});

test("with fewer steps the digits count the buttons; two steps know no equal", () => {
  expect(verdict("3", 3)).toEqual({ do: "verdict", verdict: 2 });
  expect(verdict("4", 3)).toBeNull();
  expect(verdict("=", 2)).toBeNull();
});

test("a French keyboard's digit row works without Shift; a shifted sign on another keyboard stays a sign", () => {
  expect(press("&", { code: "Digit1" })).toEqual({ do: "verdict", verdict: -3 });
  expect(press("!", { code: "Digit1", shiftKey: true })).toBeNull();
  expect(press("à", { code: "Digit0" })).toBeNull();
});

test("both bad only where the project has it", () => {
  expect(press("b")).toEqual({ do: "verdict", verdict: "bad" });
  expect(press("b", {}, 7, false)).toBeNull();
});

test("nothing while typing but Escape; nothing for held keys, shortcuts, unfinished words, or keys that scroll", () => {
  expect(press("1", { typing: true })).toBeNull();
  expect(press("Escape", { typing: true })).toEqual({ do: "close" });
  expect(press("Escape", { typing: true, isComposing: true })).toBeNull();
  for (const over of [{ repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    expect(press("u", over)).toBeNull();
  }
  for (const key of ["ArrowUp", "ArrowDown", "PageUp", "PageDown", " ", "Home", "End", "Tab", "Enter", "toString"]) {
    expect(press(key)).toBeNull();
  }
  expect(press("?")).toEqual({ do: "help" });
});

test("the waits double from one second to thirty, give or take a quarter", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempts) => backoffMs(attempts, 0.5))).toEqual([
    1000, 2000, 4000, 8000, 16000, 30000, 30000,
  ]);
  expect(backoffMs(1, 0)).toBe(750);
});
