import type { OnnxConstant, OnnxNode, OnnxValue } from "./onnx";

/** A program as a graph. */
export interface Recording {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The program's result with each tensor replaced by its place in `outputs`. */
  readonly outputTree: unknown;
}

const refuse = (what: string): never => {
  throw new Error(
    `${what} depends on a size that is to be left open. Write the program without that size, or compile it for each one.`,
  );
};

const sameValues = (a: OnnxConstant, b: OnnxConstant): boolean =>
  a.values === b.values ||
  (a.dtype === b.dtype &&
    a.values.length === b.values.length &&
    (a.values as ArrayLike<unknown> as readonly unknown[]).every((n, i) => n === b.values[i]));

/** The target of a Reshape with −1 in the one place where the two recordings differ. */
function openTarget(a: OnnxConstant, b: OnnxConstant): OnnxConstant {
  const [one, other] = [Array.from(a.values, Number), Array.from(b.values, Number)];
  const differing = one.flatMap((n, i) => (n === other[i] ? [] : [i]));
  if (one.length !== other.length || differing.length !== 1) refuse(`The constant [${one.slice(0, 8)}]`);
  return { ...a, values: BigInt64Array.from(one.map((n, i) => BigInt(i === differing[0] ? -1 : n))) };
}

const openShape = (a: readonly number[], b: readonly number[]): number[] => a.map((n, i) => (n === b[i] ? n : -1));

/**
 * One graph out of two recordings of a program at different sizes: what is equal in both stays, sizes of inputs, outputs
 * and Reshapes that differ become open (−1). Anything else that differs means that the program looks at the size.
 */
export function openSizes(a: Recording, b: Recording): Recording {
  if (JSON.stringify(a.nodes) !== JSON.stringify(b.nodes)) refuse("The order of operations");
  const targets = new Set(a.nodes.filter((n) => n.op === "Reshape").map((n) => n.inputs[1]));
  const elsewhere = new Set(a.nodes.flatMap((n) => (n.op === "Reshape" ? n.inputs.slice(0, 1) : n.inputs)));
  const constants = a.constants.map((constant, i) => {
    const other = b.constants[i];
    if (other?.name !== constant.name) return refuse(`The constant ${constant.name}`);
    if (sameValues(constant, other)) return constant;
    if (!targets.has(constant.name) || elsewhere.has(constant.name)) return refuse(`A constant of ${constant.shape}`);
    return openTarget(constant, other);
  });
  const open = (values: Recording["inputs"], others: Recording["inputs"]) =>
    values.map((v, i) => ({ ...v, shape: openShape(v.shape, others[i]?.shape ?? []) }));
  return { ...a, constants, inputs: open(a.inputs, b.inputs), outputs: open(a.outputs, b.outputs) };
}
