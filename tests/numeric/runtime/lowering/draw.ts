import { type DType, type HostArray, sizeOf } from "@/trainer/runtime/tree";

type Make = (shape: readonly number[], from?: number, to?: number) => HostArray;

/** Shapes, values and attributes, drawn from one seed. */
export interface Draw {
  readonly int: (from: number, to: number) => number;
  readonly flag: () => boolean;
  readonly shape: (rank?: number) => number[];
  readonly float: Make;
  readonly whole: Make;
  readonly bools: Make;
}

/** Draws from one seed, the same on every machine. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const int = (from: number, to: number) => from + Math.floor(uniform() * (to - from + 1));
  const array = (dtype: DType, shape: readonly number[], value: () => number): HostArray => {
    const values = Array.from({ length: sizeOf(shape) }, value);
    const data =
      dtype === "float32"
        ? Float32Array.from(values)
        : dtype === "int32"
          ? Int32Array.from(values)
          : Uint8Array.from(values);
    return { dtype, shape, data };
  };
  return {
    int,
    flag: () => int(0, 1) === 1,
    shape: (rank = int(1, 4)) => Array.from({ length: rank }, () => int(1, 4)),
    float: (shape, from = -2, to = 2) => array("float32", shape, () => from + uniform() * (to - from)),
    whole: (shape, from = 0, to = 4) => array("int32", shape, () => int(from, to)),
    bools: (shape) => array("bool", shape, () => int(0, 1)),
  };
}
