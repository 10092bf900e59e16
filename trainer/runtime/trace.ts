import { TrainerError } from "../contracts/error";
import type { Value } from "./graph";
import { drawsOnTheHost, explain } from "./notTraceable";
import { encodeModel, type OnnxValue } from "./onnx";
import { openSizes, type Recording } from "./openSizes";
import * as tf from "./tf";
import { backend, backendName } from "./traceBackend";
import { type DType, mapTree } from "./tree";

/** What an input looks like: tracing needs no values. */
export interface ArraySpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface Trace extends Pick<Recording, "inputs" | "outputs" | "outputTree"> {
  readonly model: Uint8Array;
  readonly nodeCount: number;
}

export const isArraySpec = (value: unknown): value is ArraySpec =>
  typeof value === "object" && value !== null && "dtype" in value && Array.isArray((value as ArraySpec).shape);

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/** Runs `work` with the tracing backend in place and host randomness forbidden. */
function whileTracing<T>(work: () => T): T {
  const before = tf.engine().backendName;
  const random = Math.random;
  const stackTraceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  tf.setBackend(backendName);
  Math.random = () => {
    throw drawsOnTheHost();
  };
  tf.engine().startScope("trace");
  try {
    return work();
  } catch (error) {
    throw explain(error);
  } finally {
    tf.engine().endScope();
    Math.random = random;
    Error.stackTraceLimit = stackTraceLimit;
    if (before) tf.setBackend(before);
  }
}

/** A program returns a tree of tensors: anything else would be lost, or frozen. */
function requireTensors(tree: unknown, path: string): void {
  if (isTensor(tree)) return;
  const isTree = typeof tree === "object" && tree !== null && !(tree instanceof Promise);
  if (!isTree) {
    const what = tree instanceof Promise ? "a promise" : tree == null ? "nothing" : `a ${typeof tree}`;
    throw new TrainerError(
      "not_traceable",
      `The compiled function returns ${what} (${path}). Return tensors, in objects and arrays: a compiled function is not async, and a number would be frozen into it.`,
    );
  }
  for (const [key, child] of Object.entries(tree)) requireTensors(child, `${path}.${key}`);
}

type Program = (...inputs: never[]) => unknown;

/**
 * Records what `program` does to tensors of the given shapes and returns it as an ONNX model. `program` must be pure:
 * everything that changes from call to call is an argument. Shapes are static, save the sizes in which `open`, a second
 * set of examples, differs from the first: those are left open (see openSizes).
 */
export function trace(program: Program, examples: readonly unknown[], open?: readonly unknown[]): Trace {
  const first = record(program, examples);
  const { nodes, constants, inputs, outputs, outputTree } = open ? openSizes(first, record(program, open)) : first;
  const model = encodeModel({ nodes, constants, inputs, outputs });
  return { model, inputs, outputs, outputTree, nodeCount: nodes.length };
}

export interface Readable extends Recording {
  /** Shape and dtype of every value, for people and tools that read the graph. */
  readonly made: ReadonlyMap<string, Pick<Value, "shape" | "dtype">>;
}

/** The graph of a program, before it is encoded. */
export function record(program: Program, examples: readonly unknown[]): Readable {
  return whileTracing(() => {
    const graph = backend.begin();
    const inputs: OnnxValue[] = [];
    const placeholders = mapTree(examples, isArraySpec, ({ dtype, shape }) => {
      const value: Value = { name: `in${inputs.length}`, dtype, shape, stored: shape };
      inputs.push(value);
      return tf.engine().makeTensorFromTensorInfo(backend.put(value), backend);
    });
    const result = program(...(placeholders as never[]));
    if (backend.asked) throw backend.asked;
    requireTensors(result, "result");
    const taken = new Set(inputs.map((v) => v.name));
    const outputs: OnnxValue[] = [];
    const outputTree = mapTree(result, isTensor, (tensor) => {
      let value = graph.full(backend.value(tensor));
      if (taken.has(value.name) || graph.constants.has(value.name)) value = graph.alias(value);
      taken.add(value.name);
      return outputs.push(value) - 1;
    });
    return { ...graph.prune(outputs.map((v) => v.name)), inputs, outputs, outputTree, made: graph.made };
  });
}

/** The leaves of an output tree made by `trace`: indices. */
export const isOutputIndex = (value: unknown): value is number => typeof value === "number";
