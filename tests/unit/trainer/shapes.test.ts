import fc from "fast-check";
import { expect, test } from "vitest";
import { type Demand, fitShape, packRows, planShapes } from "@/trainer/data/shapes";

const demand = fc.record<Demand>({
  lengths: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 16 }),
  scored: fc.integer({ min: 0, max: 900 }),
  promptScored: fc.constant(0),
});

test("packed rows hold every document once and none is over-full; twice the least number is never needed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }), (lengths) => {
      const { rowOf, rows } = packRows(lengths, 100);
      const used = Array<number>(rows).fill(0);
      lengths.forEach((n, i) => {
        used[rowOf[i] as number] = (used[rowOf[i] as number] as number) + n;
      });
      expect(Math.max(...used)).toBeLessThanOrEqual(100);
      expect(Math.min(...used)).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(Math.max(1, (2 * lengths.reduce((a, b) => a + b, 0)) / 100));
    }),
  );
});

test("every batch fits the shape it is given, shapes stay within the limit, and more shapes never cost more places", () => {
  fc.assert(
    fc.property(fc.array(demand, { minLength: 1, maxLength: 30 }), fc.boolean(), (demands, pack) => {
      const places = [1, 4, 12].map((limit) => {
        const options = { pack, limit, attentionCost: 0, worth: 0 };
        const shapes = planShapes(demands, options);
        expect(shapes.length).toBeLessThanOrEqual(limit);
        return demands.reduce((sum, one) => {
          const shape = fitShape(shapes, one, options);
          expect(shapes).toContainEqual(shape);
          const rows = pack ? packRows(one.lengths, shape.length).rows : one.lengths.length;
          expect(rows).toBeLessThanOrEqual(shape.rows);
          expect(Math.max(...one.lengths)).toBeLessThanOrEqual(shape.length);
          expect(one.scored).toBeLessThanOrEqual(shape.scored);
          return sum + shape.rows * shape.length;
        }, 0);
      });
      expect(places[1]).toBeLessThanOrEqual(places[0] as number);
      expect(places[2]).toBeLessThanOrEqual(places[1] as number);
    }),
    { numRuns: 60 },
  );
});

test("a batch that no planned shape holds gets one of its own", () => {
  const options = { pack: true, limit: 2, attentionCost: 0.001, worth: 0 };
  const shapes = planShapes([{ lengths: [20, 30], scored: 10, promptScored: 0 }], options);
  // As many places as one row of 64, and less to look back on.
  expect(shapes).toEqual([{ rows: 2, length: 32, scored: 16, promptScored: 16 }]);
  expect(fitShape(shapes, { lengths: [70], scored: 40, promptScored: 0 }, options)).toEqual({
    rows: 1,
    length: 80,
    scored: 48,
    promptScored: 16,
  });
});

test("a shape that saves less than compiling it costs is not made", () => {
  const short = { lengths: [16], scored: 1, promptScored: 0 };
  const long = { lengths: [64], scored: 1, promptScored: 0 };
  const sizes = (shorts: number, worth: number) =>
    planShapes([long, ...Array(shorts).fill(short)], { pack: true, limit: 9, attentionCost: 0, worth }).length;
  // One short batch in its own shape saves 48 of 128 places, three save 144 of 256: a mean batch is 64.
  expect([sizes(1, 0), sizes(1, 1), sizes(3, 1)]).toEqual([2, 1, 2]);
});
