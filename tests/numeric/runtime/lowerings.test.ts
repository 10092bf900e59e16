import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lowerings } from "@/trainer/runtime/lowerings/registry";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { compare, differentiate } from "./lowering/compare";
import { drawFrom } from "./lowering/draw";
import { elementwiseCases } from "./lowering/elementwise";
import { indexingCases, productCases, reductionCases, shapeCases } from "./lowering/structural";

const cases = [...elementwiseCases, ...reductionCases, ...shapeCases, ...indexingCases, ...productCases];

const used = new Set<string>();
const providers = {} as Record<"compiled" | "eager", Provider>;
beforeAll(async () => {
  for (const [name, lower] of Object.entries(lowerings)) {
    (lowerings as Record<string, typeof lower>)[name] = (...args) => {
      used.add(name);
      return lower(...args);
    };
  }
  providers.compiled = await openProvider("onnx-cpu");
  providers.eager = await openProvider("wasm");
});
afterAll(() => Promise.all(Object.values(providers).map((p) => p.close())));

describe("each lowering computes what the eager kernel does, over random shapes, broadcasts and attributes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        await compare(c, c.draw(drawFrom(seed)), providers.compiled, providers.eager);
      }),
      { numRuns: 6, seed: 1, endOnFailure: true },
    );
  });

  test("no lowering is left out", () => {
    expect(Object.keys(lowerings).filter((name) => !used.has(name))).toEqual([]);
  });
});

// tfjs 4.22 gets these wrong, and runtime/gradients.ts mends them: maximum, minimum and squaredDifference do not sum
// broadcast dimensions, nor matMul broadcast batches; cumsum transposes for every axis but the last; floorDiv has the
// gradient of div; prod needs Cumprod and misreads negative axes; gather of a batch calls methods that are not there; gatherND, scatterND and einsum have none.
describe("each gradient is the slope of its function", () => {
  const differentiable = cases.filter((c) => c.gradient !== false);
  test.each(differentiable.map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    for (const seed of [11, 12, 13]) {
      const d = drawFrom(seed * 7919);
      await differentiate(c, c.draw(d), providers.compiled, (n) => d.int(0, n - 1));
    }
  });
});
