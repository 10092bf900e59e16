import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Filters, logProbOf, sampleToken, uniformAt } from "@/trainer/generation/sampling";

const off: Filters = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

/** What the graph gives the sampler. */
function predictionOf(logits: readonly number[], temperature: number) {
  const peak = Math.max(...logits);
  return {
    logits: Float32Array.from(logits),
    weights: Float32Array.from(logits, (z) => Math.exp((z - peak) / (temperature || 1))),
  };
}

/** The same filters written from their definitions on a sorted list of probabilities; the probability of each token. */
function plainProbabilities(logits: readonly number[], filters: Filters, seen: readonly number[]): number[] {
  const { temperature, topK, topP, minP, repetitionPenalty } = filters;
  const penalised = logits.map((z, id) => {
    if (!seen.includes(id)) return z;
    return z > 0 ? z / repetitionPenalty : z * repetitionPenalty;
  });
  const normalise = (pairs: { id: number; p: number }[]) => {
    const total = pairs.reduce((s, { p }) => s + p, 0);
    return pairs.map(({ id, p }) => ({ id, p: p / total }));
  };
  let kept = normalise(penalised.map((z, id) => ({ id, p: Math.exp(z / temperature) })));
  kept.sort((a, b) => b.p - a.p || a.id - b.id);
  if (topK > 0) kept = normalise(kept.slice(0, topK));
  if (topP < 1) {
    const before = kept.map((_, i) => kept.slice(0, i).reduce((s, { p }) => s + p, 0));
    kept = normalise(kept.filter((_, i) => (before[i] as number) < topP));
  }
  const best = (kept[0] as { p: number }).p;
  kept = normalise(kept.filter(({ p }) => p >= minP * best));
  const out = logits.map(() => 0);
  for (const { id, p } of kept) out[id] = p;
  return out;
}

/** The probability of each token as the sampler has it: how much of [0, 1) leads to it, read off a fine grid. */
function sampledProbabilities(logits: readonly number[], filters: Filters, seen: readonly number[], steps: number) {
  const counts = logits.map(() => 0);
  for (let i = 0; i < steps; i++) {
    const id = sampleToken(predictionOf(logits, filters.temperature), filters, seen, (i + 0.5) / steps);
    counts[id] = (counts[id] as number) + 1;
  }
  return counts.map((n) => n / steps);
}

const cases: Record<string, Partial<Filters>> = {
  temperature: { temperature: 0.6 },
  "top-k": { topK: 3 },
  "top-p": { topP: 0.7 },
  "min-p": { minP: 0.3 },
  "repetition penalty": { repetitionPenalty: 1.8 },
  "top-k, then top-p of what is left": { topK: 4, topP: 0.8 },
  "all at once": { temperature: 1.4, topK: 6, topP: 0.9, minP: 0.05, repetitionPenalty: 1.3 },
};

describe("each filter gives every token the probability that its definition does", () => {
  // Multiples of 1/4 keep weights apart or exactly equal, so that rounding cannot move a boundary.
  const logits = fc.array(
    fc.integer({ min: -12, max: 12 }).map((n) => n / 4),
    { minLength: 2, maxLength: 12 },
  );
  test.each(Object.entries(cases))("%s", (_, settings) => {
    const filters = { ...off, ...settings };
    fc.assert(
      fc.property(logits, fc.array(fc.nat(11), { maxLength: 4 }), (z, ids) => {
        const seen = [...new Set(ids.filter((id) => id < z.length))];
        const expected = plainProbabilities(z, filters, seen);
        const found = sampledProbabilities(z, filters, seen, 800);
        for (const [id, p] of expected.entries()) {
          expect(Math.abs((found[id] as number) - p)).toBeLessThan(3e-3);
          if (p === 0) expect(found[id]).toBe(0);
        }
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

test("temperature 0 takes the best, the first of equals, whatever the filters and the draw", () => {
  const greedy = { ...off, temperature: 0, topK: 2, topP: 0.1, minP: 0.9 };
  for (const uniform of [0, 0.5, 0.999]) {
    expect(sampleToken(predictionOf([1, 3, -2, 3], 0), greedy, [], uniform)).toBe(1);
  }
  expect(sampleToken(predictionOf([1, 3, -2, 2.5], 0), { ...greedy, repetitionPenalty: 2 }, [1], 0)).toBe(3);
});

test("every draw of the unit interval lands on a token, at its very ends too", () => {
  const weightless = [0, -200, -400, -1000];
  for (const filters of [off, { ...off, topK: 4 }, { ...off, topP: 0.999 }, { ...off, minP: 0.5 }]) {
    for (const uniform of [0, 2 ** -32, 1 - 2 ** -32]) {
      expect(sampleToken(predictionOf(weightless, 1), filters, [], uniform)).toBe(0);
    }
  }
});

test("samples follow the exact distribution (chi², 20,000 draws by seed and by place)", () => {
  const logits = [0.3, -1, 2, 0, 1.2, -0.4, 0.9, -2];
  const filters = { ...off, temperature: 0.9 };
  const exact = plainProbabilities(logits, filters, []);
  const n = 20_000;
  for (const drawOf of [
    (i: number) => uniformAt(i, 0),
    (i: number) => uniformAt(5, i),
    (i: number) => uniformAt(i, i),
  ]) {
    const counts = exact.map(() => 0);
    for (let i = 0; i < n; i++) {
      const id = sampleToken(predictionOf(logits, 0.9), filters, [], drawOf(i));
      counts[id] = (counts[id] as number) + 1;
    }
    const chi2 = exact.reduce((s, p, id) => s + ((counts[id] as number) - n * p) ** 2 / (n * p), 0);
    // 99.9 % of chi² with 7 degrees of freedom.
    expect(chi2).toBeLessThan(24.32);
  }
});

test("neighbouring seeds and places are not alike: no correlation in 10,000 draws", () => {
  const n = 10_000;
  const correlation = (a: (i: number) => number, b: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (a(i) - 0.5) * (b(i) - 0.5);
    return (12 * sum) / n;
  };
  // Of independent draws it has a standard deviation of 1/√n; four of them.
  const bound = 4 / Math.sqrt(n);
  expect(
    Math.abs(
      correlation(
        (i) => uniformAt(1, i),
        (i) => uniformAt(1, i + 1),
      ),
    ),
  ).toBeLessThan(bound);
  expect(
    Math.abs(
      correlation(
        (i) => uniformAt(1, i),
        (i) => uniformAt(2, i),
      ),
    ),
  ).toBeLessThan(bound);
  expect(
    Math.abs(
      correlation(
        (i) => uniformAt(i, 3),
        (i) => uniformAt(i + 1, 3),
      ),
    ),
  ).toBeLessThan(bound);
  expect(
    Math.abs(
      correlation(
        (i) => uniformAt(i, 3),
        (i) => uniformAt(3, i),
      ),
    ),
  ).toBeLessThan(bound);
});

test("a large vocabulary is sorted only as far as needed, and rightly", () => {
  const logits = Array.from({ length: 50_000 }, (_, i) => 6 * Math.sin(i * 12.9898) * Math.cos(i * 78.233));
  const order = logits.map((z, id) => ({ z: Math.fround(z), id })).sort((a, b) => b.z - a.z || a.id - b.id);
  const top = new Set(order.slice(0, 40).map(({ id }) => id));
  const drawn = new Set<number>();
  const prediction = predictionOf(logits, 5);
  for (let i = 0; i < 600; i++) {
    drawn.add(sampleToken(prediction, { ...off, temperature: 5, topK: 40 }, [], uniformAt(i, 0)));
  }
  expect([...drawn].every((id) => top.has(id))).toBe(true);
  expect(drawn.size).toBe(40);
});

test("log-probabilities are those of softmax, with logits far from zero too", () => {
  expect(logProbOf(Float32Array.of(1000, 1000 + Math.LN2), 1)).toBeCloseTo(Math.log(2 / 3), 4);
  expect(logProbOf(Float32Array.of(0, 0, 0, 0), 2)).toBeCloseTo(-Math.log(4), 12);
});
