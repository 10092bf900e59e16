import { isInNf4, outOfNf4 } from "../../io/nf4/stored";
import type { Parameters } from "../../io/safetensors";
import type { ModelConfig } from "../../models/config";
import type { Projection } from "../../models/names";
import { float32, type HostArray } from "../../runtime/tree";

/** A matrix in double precision, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export const matrix = (rows: number, columns: number, data = new Float64Array(rows * columns)): Matrix => ({
  rows,
  columns,
  data,
});

export function transposed({ rows, columns, data }: Matrix): Matrix {
  const out = matrix(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out.data[j * rows + i] = data[i * columns + j] as number;
  }
  return out;
}

/** a·b. */
export function times(a: Matrix, b: Matrix): Matrix {
  const out = matrix(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    const row = out.data.subarray(i * b.columns, (i + 1) * b.columns);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k] as number;
      if (factor === 0) continue;
      const from = k * b.columns;
      for (let j = 0; j < b.columns; j++) row[j] = (row[j] as number) + factor * (b.data[from + j] as number);
    }
  }
  return out;
}

/** A stored matrix. */
export const fromHost = ({ shape, data }: HostArray): Matrix =>
  matrix(shape[0] as number, shape[1] as number, Float64Array.from(data));

export const toHost = ({ rows, columns, data }: Matrix): HostArray => float32(Float32Array.from(data), [rows, columns]);

/** A projection's weight as [out, in], however the model keeps it. */
export function rowsOf({ family }: ModelConfig, parameters: Parameters, projection: Projection): Matrix {
  if (isInNf4(parameters, projection.name)) return fromHost(outOfNf4(parameters, projection));
  const own = fromHost(parameters[`${projection.name}.weight`] as HostArray);
  return family === "gpt2" ? transposed(own) : own;
}

/** And back. */
export const asWeight = ({ family }: ModelConfig, rows: Matrix): HostArray =>
  toHost(family === "gpt2" ? transposed(rows) : rows);

export function norm(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum);
}

/** The length of each row. */
export const rowLengths = ({ rows, columns, data }: Matrix): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => norm(data.subarray(i * columns, (i + 1) * columns)));
