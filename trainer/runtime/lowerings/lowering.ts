import { backend_util } from "@tensorflow/tfjs-core";
import { type Graph, type NodeOptions, sameShape, type Value } from "../graph";
import type { OnnxDType } from "../onnx";

export interface KernelInputs {
  /** By the kernel's own names (`x`, `a`, `b`, `indices`, …). */
  readonly named: Readonly<Record<string, Value>>;
  /** In order: for kernels that take a list (AddN, Concat, Pack, Einsum). */
  readonly list: readonly Value[];
}

export type KernelAttributes = Readonly<Record<string, unknown>>;

/** Writes what one tfjs kernel computes into the graph. */
export type Lowering = (g: Graph, inputs: KernelInputs, attributes: KernelAttributes) => Value | Value[];

/** One family of kernels, by tfjs kernel name. */
export type Lowerings = Readonly<Record<string, Lowering>>;

export function input(inputs: KernelInputs, name: string): Value {
  const value = inputs.named[name];
  if (!value) throw new Error(`kernel input ${name} is missing`);
  return value;
}

const pad = (shape: readonly number[], rank: number): number[] => [
  ...Array<number>(rank - shape.length).fill(1),
  ...shape,
];

export const broadcast = (a: readonly number[], b: readonly number[]): number[] =>
  backend_util.assertAndGetBroadcastShape([...a], [...b]);

/** An elementwise node over broadcast inputs. It computes only what is stored: lazily broadcast inputs stay small. */
export function elementwise(
  g: Graph,
  op: string,
  inputs: readonly Value[],
  dtype: OnnxDType,
  options?: NodeOptions,
): Value {
  const shape = inputs.map((v) => [...v.shape]).reduce(broadcast);
  const stored = pad(inputs.map((v) => pad(v.stored, v.shape.length)).reduce(broadcast), shape.length);
  const value = g.node(op, inputs, stored, dtype, options);
  return { ...value, shape };
}

/** A kernel of one input, `x`, that an ONNX operator computes as it is. */
export const unary =
  (op: string): Lowering =>
  (g, inputs) => {
    const x = input(inputs, "x");
    return elementwise(g, op, [x], x.dtype);
  };

/** A kernel of two inputs, `a` and `b`, that an ONNX operator computes as it is. */
export const binary =
  (op: string, dtype?: OnnxDType): Lowering =>
  (g, inputs) => {
    const a = input(inputs, "a");
    return elementwise(g, op, [a, input(inputs, "b")], dtype ?? a.dtype);
  };

/** x seen as `shape`, to which it broadcasts, without computing anything. Null when the ranks differ. */
export function widen(x: Value, shape: readonly number[]): Value | null {
  if (sameShape(x.shape, shape)) return x;
  return x.shape.length === shape.length ? { ...x, shape } : null;
}
