import { Random } from "../../data/random";
import { type Matrix, matrix, norm, times, transposed } from "./matrix";

/** Directions beyond those wanted, and passes over the matrix, that make a randomised decomposition sharp (Halko et al. 2011). */
const [oversampling, passes] = [8, 4];

/**
 * The largest `rank` singular triples of a matrix [m, n], by randomised subspace iteration (Halko et al. 2011, algorithm 4.4):
 * U [m, r], S falling, V [n, r]. Exact to rounding when `rank` plus eight reaches the smaller side.
 */
export function largestSingular(a: Matrix, rank: number, seed: number) {
  const width = Math.min(rank + oversampling, a.rows, a.columns);
  const random = new Random(seed);
  const at = transposed(a);
  const noise = matrix(
    a.columns,
    width,
    Float64Array.from({ length: a.columns * width }, () => random.normal()),
  );
  let q = orthonormal(times(a, noise));
  for (let i = 0; i < passes; i++) q = orthonormal(times(a, orthonormal(times(at, q))));
  const small = times(transposed(q), a); // [width, n]
  const { values, vectors } = symmetricEigen(times(small, transposed(small)));
  const order = Array.from(values.keys())
    .sort((i, j) => (values[j] as number) - (values[i] as number))
    .slice(0, rank);
  const chosen = matrix(width, order.length);
  order.forEach((column, to) => {
    for (let i = 0; i < width; i++) {
      chosen.data[i * order.length + to] = vectors.data[i * width + column] as number;
    }
  });
  const s = Float64Array.from(order, (i) => Math.sqrt(Math.max(0, values[i] as number)));
  const scaled = times(transposed(small), chosen); // V·S
  const v = matrix(scaled.rows, scaled.columns, scaled.data.slice());
  for (let i = 0; i < v.data.length; i++) {
    const sigma = s[i % order.length] as number;
    v.data[i] = sigma > 0 ? (v.data[i] as number) / sigma : 0;
  }
  return { u: times(q, chosen), s, v };
}

/** The columns made orthonormal (modified Gram–Schmidt, twice); a column within the others' span becomes nought. */
function orthonormal({ rows, columns, data }: Matrix): Matrix {
  const out = matrix(rows, columns, data.slice());
  const column = (j: number) => Float64Array.from({ length: rows }, (_, i) => out.data[i * columns + j] as number);
  const done: Float64Array[] = [];
  for (let j = 0; j < columns; j++) {
    const x = column(j);
    const before = norm(x);
    for (const other of [...done, ...done]) {
      let dot = 0;
      for (let i = 0; i < rows; i++) dot += (other[i] as number) * (x[i] as number);
      for (let i = 0; i < rows; i++) x[i] = (x[i] as number) - dot * (other[i] as number);
    }
    const length = norm(x);
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let i = 0; i < rows; i++) x[i] = (x[i] as number) * scale;
    done.push(x);
    for (let i = 0; i < rows; i++) out.data[i * columns + j] = x[i] as number;
  }
  return out;
}

/** Eigenvalues and eigenvectors (in columns) of a symmetric matrix, by Jacobi's rotations. */
function symmetricEigen({ rows: n, data }: Matrix): { values: Float64Array; vectors: Matrix } {
  const a = data.slice();
  const vectors = matrix(n, n);
  for (let i = 0; i < n; i++) vectors.data[i * n + i] = 1;
  const at = (i: number, j: number) => a[i * n + j] as number;
  const rotate = (of: Float64Array, p: number, q: number, [c, s]: readonly [number, number]) => {
    const [x, y] = [of[p] as number, of[q] as number];
    of[p] = c * x - s * y;
    of[q] = s * x + c * y;
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        all += at(i, j) ** 2;
        if (i !== j) off += at(i, j) ** 2;
      }
    if (off <= 1e-30 * all) break;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const turn = [c, t * c] as const;
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, turn);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, turn);
        for (let k = 0; k < n; k++) rotate(vectors.data, k * n + p, k * n + q, turn);
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => at(i, i)), vectors };
}
