import type { Sampling } from "../contracts/inference";
import type { Prediction } from "./decoder";

export type Filters = Pick<Sampling, "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty">;

/**
 * Uniform in [0, 1) from a seed and a place: two rounds of a 32-bit integer hash (lowbias32 of Wellons' hash-prospector),
 * so that a token's draw depends on nothing else.
 */
export function uniformAt(seed: number, place: number): number {
  return hash32(hash32(seed) ^ Math.imul(place + 1, 0x9e3779b9)) / 2 ** 32;
}

function hash32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The largest, the first of equals. */
function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/**
 * Lowers the logits of tokens seen before: divided by the penalty where positive, multiplied where negative (Keskar et al.
 * 2019, as transformers does), and mends the weights to match. Writes into both arrays.
 */
function penalise(
  { logits, weights }: Prediction,
  { temperature, repetitionPenalty }: Filters,
  seen: Iterable<number>,
) {
  if (repetitionPenalty === 1) return;
  const peak = logits[argMax(logits)] as number;
  for (const id of seen) {
    const z = logits[id] as number;
    const penalised = z > 0 ? z / repetitionPenalty : z * repetitionPenalty;
    logits[id] = penalised;
    if (temperature > 0) weights[id] = Math.exp((penalised - peak) / temperature);
  }
}

/**
 * Draws a token: repetition penalty, temperature, top-k, top-p (Holtzman et al. 2020), min-p (Nguyen et al. 2024), in
 * transformers' order; temperature 0 takes the best. `uniform` in [0, 1) decides. May write into `prediction`.
 */
export function sampleToken(prediction: Prediction, filters: Filters, seen: Iterable<number>, uniform: number): number {
  penalise(prediction, filters, seen);
  const { logits, weights } = prediction;
  if (filters.temperature === 0) return argMax(logits);
  if (filters.topK > 0 || filters.topP < 1) return drawSorted(weights, filters, uniform);
  if (filters.minP > 0) dropBelow(weights, filters.minP * (weights[argMax(weights)] as number));
  return draw(weights, uniform);
}

function dropBelow(weights: Float32Array, least: number): void {
  for (let i = 0; i < weights.length; i++) if ((weights[i] as number) < least) weights[i] = 0;
}

/** The token at which the running sum, in double precision, passes `uniform` of the whole. */
function draw(weights: Float32Array, uniform: number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] as number;
  const target = uniform * total;
  let sum = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i] as number;
    if (w === 0) continue;
    sum += w;
    last = i;
    if (sum > target) return i;
  }
  return last;
}

/** As `draw`, among the heaviest: the filters keep a beginning of the tokens in falling order, equal ones by id. */
function drawSorted(weights: Float32Array, { topK, topP, minP }: Filters, uniform: number): number {
  const order = new FallingOrder(weights);
  let kept = topK > 0 ? Math.min(topK, weights.length) : weights.length;
  if (topP < 1) {
    const enough = topP * (kept < weights.length ? order.sum(kept) : order.total);
    let sum = 0;
    let count = 0;
    while (count < kept && sum < enough) sum += order.weight(count++);
    kept = Math.max(1, count);
  }
  const least = minP * order.weight(0);
  while (kept > 1 && order.weight(kept - 1) < least) kept -= 1;
  const target = uniform * order.sum(kept);
  let sum = 0;
  for (let i = 0; i < kept; i++) {
    sum += order.weight(i);
    if (sum > target) return order.id(i);
  }
  return order.id(kept - 1);
}

/** Bins by the leading bits of a float: its exponent and four bits of its fraction. */
const binBits = 19;
const bins = 2 ** (31 - binBits);

/** Tokens by falling weight, sorted only as far as is asked: a counting sort into bins, then each bin when it is reached. */
class FallingOrder {
  readonly total: number;
  private readonly order: Int32Array;
  /** Where each bin begins, heaviest bin first. */
  private readonly starts = new Int32Array(bins + 1);
  private sortedBins = 0;

  constructor(private readonly weights: Float32Array) {
    const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
    const binOf = (i: number) => bins - 1 - ((bits[i] as number) >>> binBits);
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      total += weights[i] as number;
      this.starts[binOf(i) + 1] = (this.starts[binOf(i) + 1] as number) + 1;
    }
    for (let b = 0; b < bins; b++) this.starts[b + 1] = (this.starts[b + 1] as number) + (this.starts[b] as number);
    const next = this.starts.slice(0, bins);
    this.order = new Int32Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const b = binOf(i);
      this.order[next[b] as number] = i;
      next[b] = (next[b] as number) + 1;
    }
    this.total = total;
  }

  id(rank: number): number {
    while ((this.starts[this.sortedBins] as number) <= rank) this.sortNextBin();
    return this.order[rank] as number;
  }

  weight(rank: number): number {
    return this.weights[this.id(rank)] as number;
  }

  /** Of the `count` heaviest. */
  sum(count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.weight(i);
    return sum;
  }

  private sortNextBin(): void {
    const [from, to] = [this.starts[this.sortedBins] as number, this.starts[this.sortedBins + 1] as number];
    if (to - from > 1) {
      this.order.subarray(from, to).sort((a, b) => (this.weights[b] as number) - (this.weights[a] as number) || a - b);
    }
    this.sortedBins += 1;
  }
}

/** log softmax(logits)[id], in nats. */
export function logProbOf(logits: Float32Array, id: number): number {
  const peak = logits[argMax(logits)] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - peak);
  return (logits[id] as number) - peak - Math.log(sum);
}
