import { createHash } from "node:crypto";
import type { OnnxConstant, OnnxDType, OnnxNode } from "./onnx";
import type { ArrayData, DType } from "./tree";

/**
 * A value while tracing. `shape` is what the program sees; `stored` is what the node really produces: of the same rank and
 * broadcastable to `shape`, so that full-size ones and zeros are never made unless an operator needs them.
 */
export interface Value {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
  readonly stored: readonly number[];
  /** Every element is this number. */
  readonly splat?: number;
  /** The elements, when they are known while tracing. */
  readonly known?: ArrayData;
}

export interface NodeOptions {
  readonly attributes?: OnnxNode["attributes"];
  readonly domain?: string;
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** The graph under construction: nodes in order, equal nodes and equal constants shared. */
export class Graph {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, OnnxConstant>();
  private readonly shared = new Map<string, Value>();
  private readonly sharedMulti = new Map<string, readonly Value[]>();
  private readonly constantKeys = new Map<string, OnnxConstant>();
  private counter = 0;
  /** Shape and dtype of every value that a node makes, for people who read the graph. */
  readonly made = new Map<string, Pick<Value, "shape" | "dtype">>();

  private nextName(): string {
    this.counter += 1;
    return `v${this.counter}`;
  }

  /** Adds a node with one output of shape `shape`; an identical one is reused. */
  node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    dtype: OnnxDType,
    options: NodeOptions = {},
  ): Value {
    return this.rawNode(
      op,
      inputs.map((v) => v.name),
      shape,
      dtype,
      options,
    );
  }

  /** As `node`, by the names of the inputs: shapes and axes are int64 constants, which no program value has. */
  rawNode(
    op: string,
    inputs: readonly string[],
    shape: readonly number[],
    dtype: OnnxDType,
    options: NodeOptions = {},
  ): Value {
    const { attributes = {}, domain = "" } = options;
    const key = `${op}|${inputs.join()}|${JSON.stringify(attributes)}|${shape.join()}|${dtype}`;
    const existing = this.shared.get(key);
    if (existing) return existing;
    const name = this.nextName();
    this.nodes.push({ op, inputs, outputs: [name], attributes, domain });
    this.made.set(name, { shape, dtype });
    const value: Value = { name, dtype, shape, stored: shape };
    this.shared.set(key, value);
    return value;
  }

  /** Adds a node with several outputs; an identical one is reused. */
  multi(
    op: string,
    inputs: readonly string[],
    outputs: readonly Pick<Value, "shape" | "dtype">[],
    { attributes = {}, domain = "" }: NodeOptions = {},
  ): Value[] {
    const kinds = outputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`);
    const key = `${op}|${inputs.join()}|${JSON.stringify(attributes)}|${kinds.join()}`;
    const existing = this.sharedMulti.get(key);
    if (existing) return [...existing];
    const values = outputs.map(({ shape, dtype }) => ({ name: this.nextName(), dtype, shape, stored: shape }));
    this.nodes.push({ op, inputs, outputs: values.map((v) => v.name), attributes, domain });
    for (const value of values) this.made.set(value.name, value);
    this.sharedMulti.set(key, values);
    return values;
  }

  /** A fresh name for a value that must not share one (two outputs of a program that are the same value). */
  alias(x: Value): Value {
    const name = this.nextName();
    this.nodes.push({ op: "Identity", inputs: [x.name], outputs: [name], attributes: {}, domain: "" });
    return { ...x, name };
  }

  constant(values: ArrayData, shape: readonly number[], dtype: DType): Value {
    const { name } = this.addConstant(values, shape, dtype);
    return { name, dtype, shape, stored: shape, known: values };
  }

  /** The name of an int64 vector: shapes, axes, sizes. */
  int64(values: readonly number[]): string {
    return this.addConstant(BigInt64Array.from(values.map(BigInt)), [values.length], "int64").name;
  }

  /** One number broadcast lazily to `shape`. */
  splat(value: number, shape: readonly number[], dtype: OnnxDType): Value {
    const values =
      dtype === "float32" ? Float32Array.of(value) : dtype === "bool" ? Uint8Array.of(value) : Int32Array.of(value);
    const stored = shape.map(() => 1);
    const { name } = this.addConstant(values, stored, dtype);
    return { name, dtype, shape, stored, splat: value };
  }

  private addConstant(values: ArrayData | BigInt64Array, shape: readonly number[], dtype: OnnxDType): OnnxConstant {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    // Large ones too: nodes on two tables of equal angles would be two forward passes.
    const content = bytes.length <= 64 ? bytes.toString("base64") : createHash("sha256").update(bytes).digest("base64");
    const key = `${dtype}|${shape.join()}|${content}`;
    const existing = this.constantKeys.get(key);
    if (existing) return existing;
    const constant = { name: `c${this.constants.size}`, dtype, shape, values };
    this.constants.set(constant.name, constant);
    this.constantKeys.set(key, constant);
    return constant;
  }

  /** The value at its full size. */
  full(x: Value): Value {
    return sameShape(x.shape, x.stored) ? x : this.rawNode("Expand", [x.name, this.int64(x.shape)], x.shape, x.dtype);
  }

  reshape(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    if (x.splat !== undefined) return this.splat(x.splat, shape, x.dtype);
    const source = this.full(x);
    return this.rawNode("Reshape", [source.name, this.int64(shape)], shape, x.dtype);
  }

  /** The nodes that `outputs` depend on, in order, and the constants those use. */
  prune(outputs: readonly string[]): { nodes: OnnxNode[]; constants: OnnxConstant[] } {
    const needed = new Set(outputs);
    const nodes: OnnxNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      nodes.push(node);
      for (const name of node.inputs) needed.add(name);
    }
    return { nodes: nodes.reverse(), constants: [...this.constants.values()].filter((c) => needed.has(c.name)) };
  }
}
