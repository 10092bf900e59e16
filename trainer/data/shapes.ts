/** The size that a batch is laid out in and its program compiled for. */
export interface Shape {
  readonly rows: number;
  readonly length: number;
  /** Places where a token's log-probability is computed. */
  readonly scored: number;
  /** The same for tokens of prompts, where they are scored too. */
  readonly promptScored: number;
}

/** What a batch needs of a shape. */
export interface Demand {
  /** Tokens of each document; a document lies in one row. */
  readonly lengths: readonly number[];
  readonly scored: number;
  readonly promptScored: number;
}

/** Row of each document by first fit, longest first; equal lengths in their order. Rows hold `length` tokens. */
export function packRows(lengths: readonly number[], length: number): { rowOf: number[]; rows: number } {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b);
  const filled: number[] = [];
  const rowOf: number[] = [];
  for (const i of order) {
    const own = lengths[i] as number;
    const found = filled.findIndex((used) => used + own <= length);
    const row = found === -1 ? filled.length : found;
    filled[row] = (filled[row] ?? 0) + own;
    rowOf[i] = row;
  }
  return { rowOf, rows: filled.length };
}

const step = 16;
const roundUp = (n: number): number => Math.max(step, Math.ceil(n / step) * step);
const longest = ({ lengths }: Demand): number => Math.max(...lengths);

/** Rows that a demand takes at a row length; with `pack` off each document has a row of its own. */
const rowsAt = (demand: Demand, length: number, pack: boolean): number =>
  longest(demand) > length
    ? Number.POSITIVE_INFINITY
    : pack
      ? packRows(demand.lengths, length).rows
      : demand.lengths.length;

export interface PlanOptions {
  /** Several documents in one row. */
  readonly pack: boolean;
  /** How many shapes there may be: each is a program to compile. */
  readonly limit: number;
  /** What a place costs more for each place that it can look back to, as a part of what it costs without attention. */
  readonly attentionCost: number;
  /** What another shape has to save, in mean batches: compiling its program takes time too. */
  readonly worth: number;
}

type Size = readonly [rows: number, length: number];

/** What a batch in this size costs, in places without attention. Causal attention looks back on half the row. */
const costOf = ([rows, length]: Size, { attentionCost }: PlanOptions): number =>
  rows * length * (1 + (attentionCost * length) / 2);

/** Rows by row length, each computed once. */
function rowsOf(demand: Demand, pack: boolean): (length: number) => number {
  const known = new Map<number, number>();
  return (length) => {
    const rows = known.get(length) ?? rowsAt(demand, length, pack);
    known.set(length, rows);
    return rows;
  };
}

/**
 * A few shapes for many batches: starting from the cheapest that holds them all, the shape that saves most is added until
 * none saves enough or the limit is reached. Depends on nothing but its arguments, so that a resumed run computes in the
 * same shapes.
 */
export function planShapes(demands: readonly Demand[], options: PlanOptions): Shape[] {
  const rows = demands.map((demand) => rowsOf(demand, options.pack));
  const fits = (i: number, [most, length]: Size) => (rows[i] as (n: number) => number)(length) <= most;
  const candidates = new Map<string, Size>();
  demands.forEach((demand, i) => {
    const least = roundUp(longest(demand));
    for (let length = least; length <= (options.pack ? 2 * least : least); length += step) {
      const size: Size = [(rows[i] as (n: number) => number)(length), length];
      candidates.set(size.join(), size);
    }
  });
  const top = roundUp(Math.max(...demands.map(longest)));
  const best = demands.map(() => Number.POSITIVE_INFINITY);
  const place = demands.map(() => 0);
  const chosen: Size[] = [];
  const covering = Array.from({ length: options.pack ? top / step + 1 : 1 }, (_, i): Size => {
    const length = top + i * step;
    return [Math.max(...rows.map((f) => f(length))), length];
  });
  let next: Size | null = covering.reduce((a, b) => (costOf(b, options) < costOf(a, options) ? b : a));
  while (next && chosen.length < options.limit) {
    const size: Size = next;
    const cost = costOf(size, options);
    demands.forEach((_, i) => {
      if (cost < (best[i] as number) && fits(i, size)) [best[i], place[i]] = [cost, chosen.length];
    });
    chosen.push(size);
    next = null;
    let most = (options.worth * best.reduce((sum, now) => sum + now, 0)) / demands.length;
    for (const candidate of candidates.values()) {
      const own = costOf(candidate, options);
      const saved = best.reduce((sum, now, i) => (own < now && fits(i, candidate) ? sum + now - own : sum), 0);
      if (saved > most) [most, next] = [saved, candidate];
    }
  }
  return chosen.flatMap(([rows, length], shape) => {
    const users = demands.filter((_, i) => place[i] === shape);
    const most = (of: (d: Demand) => number) => roundUp(Math.max(...users.map(of)));
    return users.length === 0
      ? []
      : [{ rows, length, scored: most((d) => d.scored), promptScored: most((d) => d.promptScored) }];
  });
}

/** The cheapest of the shapes that holds a batch, or one of its own. */
export function fitShape(shapes: readonly Shape[], demand: Demand, options: PlanOptions): Shape {
  const rows = rowsOf(demand, options.pack);
  const cost = (s: Shape) => costOf([s.rows, s.length], options);
  const [cheapest] = shapes
    .filter((s) => s.scored >= demand.scored && s.promptScored >= demand.promptScored && rows(s.length) <= s.rows)
    .sort((a, b) => cost(a) - cost(b));
  return cheapest ?? (planShapes([demand], options)[0] as Shape);
}
