import { expect, test } from "vitest";
import { neededSide, queueClasses, queueClassOf, sideAllowed } from "@/server/domain/sides";

/** Every way to show an item's slots that `sideAllowed` lets through, by enumeration. */
function endings(balance: number, openSlots: number): number[] {
  if (openSlots === 0) return [balance];
  return (["a", "b"] as const).flatMap((left) =>
    sideAllowed({ balance, openSlots }, left) ? endings(balance + (left === "a" ? 1 : -1), openSlots - 1) : [],
  );
}

test("whatever the order, an item never gets stuck and ends within one", () => {
  for (let overlap = 1; overlap <= 9; overlap++) {
    const all = endings(0, overlap);
    expect(all.length).toBeGreaterThan(0);
    expect(Math.max(...all.map(Math.abs))).toBe(overlap % 2);
  }
});

test("with overlap 2 the second showing is forced; with 3 it only leans", () => {
  expect(queueClassOf({ balance: 1, openSlots: 1 })).toBe(queueClasses.forcedB);
  expect(queueClassOf({ balance: -1, openSlots: 1 })).toBe(queueClasses.forcedA);
  expect(queueClassOf({ balance: 1, openSlots: 2 })).toBe(queueClasses.leansB);
  expect(queueClassOf({ balance: 0, openSlots: 1 })).toBe(queueClasses.free);
});

test("an annotator who saw a left once more than b needs b next", () => {
  expect([neededSide(1), neededSide(-1), neededSide(0)]).toEqual(["b", "a", null]);
});
