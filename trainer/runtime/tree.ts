import type { Tensor } from "@tensorflow/tfjs-core";

/** Programs see a `uint8` as a tfjs bool or, run operation by operation, as an int32: tfjs has no bytes. */
export type DType = "float32" | "int32" | "bool" | "uint8";
export type ArrayData = Float32Array | Int32Array | Uint8Array;

/** An array in host memory, row-major. Bools are bytes 0 and 1. */
export interface HostArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: ArrayData;
}

/** The same tree with host arrays where `T` has tensors. */
export type HostTree<T> = T extends Tensor
  ? HostArray
  : T extends readonly (infer U)[]
    ? T extends readonly [unknown, ...unknown[]]
      ? { [K in keyof T]: HostTree<T[K]> }
      : HostTree<U>[]
    : T extends object
      ? { [K in keyof T]: HostTree<T[K]> }
      : never;

type IsLeaf<L> = (value: unknown) => value is L;

export const isHostArray = (value: unknown): value is HostArray =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

/** The leaves in a stable order: arrays by index, objects by insertion. */
export function leavesOf<L>(tree: unknown, isLeaf: IsLeaf<L>, into: L[] = []): L[] {
  if (isLeaf(tree)) into.push(tree);
  else for (const child of Object.values(tree as object)) leavesOf(child, isLeaf, into);
  return into;
}

/** The same tree with every leaf replaced. */
export function mapTree<L, M>(tree: unknown, isLeaf: IsLeaf<L>, replace: (leaf: L) => M): unknown {
  if (isLeaf(tree)) return replace(tree);
  if (Array.isArray(tree)) return tree.map((child) => mapTree(child, isLeaf, replace));
  return Object.fromEntries(Object.entries(tree as object).map(([k, v]) => [k, mapTree(v, isLeaf, replace)]));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** A zeroed array. */
export function zeros(shape: readonly number[], dtype: DType = "float32"): HostArray {
  const n = sizeOf(shape);
  const data = dtype === "float32" ? new Float32Array(n) : dtype === "int32" ? new Int32Array(n) : new Uint8Array(n);
  return { dtype, shape, data };
}

export const float32 = (data: Float32Array | readonly number[], shape: readonly number[]): HostArray => ({
  dtype: "float32",
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
});

export const int32 = (data: Int32Array | readonly number[], shape: readonly number[]): HostArray => ({
  dtype: "int32",
  shape,
  data: data instanceof Int32Array ? data : Int32Array.from(data),
});

export const uint8 = (data: Uint8Array, shape: readonly number[]): HostArray => ({ dtype: "uint8", shape, data });

export const scalar = (value: number): HostArray => float32([value], []);

/** Narrows what a runtime hands back to the kinds of array that programs use. */
export function sameTypeData(data: unknown): ArrayData {
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  throw new Error("the runtime returned an array of another type");
}
