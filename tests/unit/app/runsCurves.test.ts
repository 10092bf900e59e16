import { expect, test } from "vitest";
import { shareSteps } from "@/app/_features/runs/curveData";

test("lines measured at different steps share one axis, with gaps where they have no point", () => {
  const { x, series } = shareSteps([
    {
      label: "train",
      colour: 1,
      points: [
        { step: 1, value: 0.7 },
        { step: 2, value: 0.6 },
      ],
    },
    {
      label: "held",
      colour: 2,
      heldOut: true,
      points: [
        { step: 0, value: 0.69, low: 0.6, high: 0.8 },
        { step: 2, value: 0.65, low: null, high: null },
      ],
    },
    { label: "nothing yet", colour: 3, points: [] },
  ]);
  expect(x).toEqual([0, 1, 2]);
  expect(series).toEqual([
    { label: "train", colour: 1, values: [null, 0.7, 0.6] },
    {
      label: "held",
      colour: 2,
      points: true,
      raw: true,
      values: [0.69, null, 0.65],
      band: { low: [0.6, null, null], high: [0.8, null, null] },
    },
  ]);
});
