import type { HostArray } from "../runtime/tree";

/** A matrix with rows and columns exchanged. */
export function transpose({ dtype, shape, data }: HostArray): HostArray {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c] as number;
  return { dtype, shape: [columns, rows], data: out };
}
