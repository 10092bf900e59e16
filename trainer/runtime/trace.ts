import { TrainerError } from "../contracts/error";
import { Graph, type Value } from "./graph";
import { lowerings } from "./lowerings/registry";
import { encodeModel, type OnnxValue } from "./onnx";
import { openSizes, type Recording } from "./openSizes";
import * as tf from "./tf";
import { type ArrayData, type DType, mapTree } from "./tree";

/** What an input looks like: tracing needs no values. */
export interface ArraySpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface Trace extends Pick<Recording, "inputs" | "outputs" | "outputTree"> {
  readonly model: Uint8Array;
  readonly nodeCount: number;
}

const backendName = "trace";

export const isArraySpec = (value: unknown): value is ArraySpec =>
  typeof value === "object" && value !== null && "dtype" in value && Array.isArray((value as ArraySpec).shape);

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

const notTheProgram = /node_modules|tfjs-core|tfjs-gradients|trainer[\\/]runtime[\\/]|node:internal|<anonymous>\)$/;

/** The line of the traced program in a stack: the first caller outside tfjs and this folder. */
function programLine(stack = new Error().stack ?? ""): string {
  const own = stack.split("\n").find((l) => /^\s+at /.test(l) && !notTheProgram.test(l));
  return own?.match(/\(?([^\s(]+:\d+:\d+)\)?$/)?.[1] ?? "an unknown line";
}

function notTraceable(what: string, advice: string): TrainerError {
  const line = programLine();
  return new TrainerError("not_traceable", `${what} at ${line}. ${advice}`, { line });
}

/** A tfjs backend whose kernels only record. Values live as long as the tensors that carry them. */
class TraceBackend extends tf.KernelBackend {
  graph = new Graph();
  private values = new WeakMap<object, Value>();

  put(value: Value): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype as DType };
  }

  value(tensor: tf.TensorInfo): Value {
    const value = this.values.get(tensor.dataId);
    if (value) return value;
    throw notTraceable(
      "A tensor made outside the compiled function is used",
      "Pass it in as an argument: a captured tensor would be frozen into the program.",
    );
  }

  override write(values: tf.BackendValues, shape: number[], dtype: DType): object {
    const data = toArray(values, dtype);
    const first = data[0];
    const isSplat = first !== undefined && data.every((n) => n === first);
    const value = isSplat ? this.graph.splat(first, shape, dtype) : this.graph.constant(data, shape, dtype);
    const dataId = {};
    this.values.set(dataId, value);
    return dataId;
  }

  override readSync(dataId: object): ArrayData {
    const value = this.values.get(dataId);
    if (value?.known) return value.known;
    if (value?.splat !== undefined) {
      const { splat, shape, dtype } = value;
      return toArray(Array<number>(tf.util.sizeFromShape([...shape])).fill(splat), dtype as DType);
    }
    throw notTraceable(
      "The value of a traced tensor is read",
      "A compiled function cannot branch on its data: use tf.where, or return the tensor.",
    );
  }

  override async read(dataId: object): Promise<ArrayData> {
    return this.readSync(dataId);
  }

  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override memory() {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

function toArray(values: tf.BackendValues | readonly number[], dtype: DType): ArrayData {
  const numbers = values as ArrayLike<number>;
  if (dtype === "float32") return values instanceof Float32Array ? values : Float32Array.from(numbers);
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(numbers);
  return Uint8Array.from(numbers);
}

const backend = new TraceBackend();
tf.registerBackend(backendName, () => backend, 0);

for (const [kernelName, lower] of Object.entries(lowerings)) {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const listed = Array.isArray(inputs) ? (inputs as tf.TensorInfo[]).map((t) => backend.value(t)) : [];
      const named = Array.isArray(inputs)
        ? {}
        : Object.fromEntries(
            Object.entries(inputs).flatMap(([name, t]) => (t ? [[name, backend.value(t as tf.TensorInfo)]] : [])),
          );
      const result = lower(backend.graph, { named, list: listed }, (attrs ?? {}) as Record<string, unknown>);
      return Array.isArray(result) ? result.map((v) => backend.put(v)) : backend.put(result);
    },
  });
}

/** Runs `work` with the tracing backend in place and host randomness forbidden. */
function whileTracing<T>(work: () => T): T {
  const before = tf.engine().backendName;
  const random = Math.random;
  const stackTraceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  tf.setBackend(backendName);
  Math.random = () => {
    throw notTraceable(
      "Random numbers are drawn on the host",
      "They would be frozen into the program: pass them, or a seed, as an argument.",
    );
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

function explain(error: unknown): unknown {
  const message = error instanceof Error ? error.message : "";
  const kernel = /Kernel '(\w+)' not registered for backend 'trace'/.exec(message)?.[1];
  if (!kernel) return error;
  const line = programLine(error instanceof Error ? error.stack : "");
  return new TrainerError(
    "not_traceable",
    `The operation ${kernel} at ${line} has no lowering. Write it with other operations, or add one to runtime/lowerings.`,
    { line, kernel },
  );
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

function record(program: Program, examples: readonly unknown[]): Recording {
  return whileTracing(() => {
    const graph = new Graph();
    backend.graph = graph;
    const inputs: OnnxValue[] = [];
    const placeholders = mapTree(examples, isArraySpec, ({ dtype, shape }) => {
      const value: Value = { name: `in${inputs.length}`, dtype, shape, stored: shape };
      inputs.push(value);
      return tf.engine().makeTensorFromTensorInfo(backend.put(value), backend);
    });
    const result = program(...(placeholders as never[]));
    const taken = new Set(inputs.map((v) => v.name));
    const outputs: OnnxValue[] = [];
    const outputTree = mapTree(result, isTensor, (tensor) => {
      let value = graph.full(backend.value(tensor));
      if (taken.has(value.name) || graph.constants.has(value.name)) value = graph.alias(value);
      taken.add(value.name);
      return outputs.push(value) - 1;
    });
    return { ...graph.prune(outputs.map((v) => v.name)), inputs, outputs, outputTree };
  });
}

/** The leaves of an output tree made by `trace`: indices. */
export const isOutputIndex = (value: unknown): value is number => typeof value === "number";
