import { Graph, type Value } from "./graph";
import { lowerings } from "./lowerings/registry";
import { drawsOnTheHost, notTraceable } from "./notTraceable";
import * as tf from "./tf";
import type { ArrayData, DType } from "./tree";

export const backendName = "trace";

/** What tfjs tells apart. */
type ProgramDType = Exclude<DType, "uint8">;

/** Frames of tfjs's functions that fill an array with random numbers before it becomes a tensor, seeded or not. */
const hostRandomness = /\bat (random[A-Z]\w*_|truncatedNormal_|rand_) /;

/** A tfjs backend whose kernels only record. Values live as long as the tensors that carry them. */
class TraceBackend extends tf.KernelBackend {
  graph = new Graph();
  private values = new WeakMap<object, Value>();

  /** Starts afresh: a tensor that an earlier trace left behind is a captured one. */
  begin(): Graph {
    this.graph = new Graph();
    this.values = new WeakMap();
    this.asked = null;
    return this.graph;
  }

  put(value: Value): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, value);
    // One byte an element, as tfjs sees it.
    const dtype = value.dtype === "uint8" ? "bool" : (value.dtype as tf.DataType);
    return { dataId, shape: [...value.shape], dtype };
  }

  value(tensor: tf.TensorInfo): Value {
    const value = this.values.get(tensor.dataId);
    if (value) return value;
    throw notTraceable(
      "A tensor made outside the compiled function is used",
      "Pass it in as an argument: a captured tensor would be frozen into the program.",
    );
  }

  override write(values: tf.BackendValues, shape: number[], dtype: ProgramDType): object {
    if (hostRandomness.test(new Error().stack ?? "")) throw drawsOnTheHost();
    const data = toArray(values, dtype);
    const first = data[0];
    // Bytes come as bools: tfjs has no other type for them.
    const isBytes = dtype === "bool" && data.some((n) => n > 1);
    const isSplat = !isBytes && first !== undefined && data.every((n) => n === first);
    const value = isSplat
      ? this.graph.splat(first, shape, dtype)
      : this.graph.constant(data, shape, isBytes ? "uint8" : dtype);
    const dataId = {};
    this.values.set(dataId, value);
    return dataId;
  }

  override readSync(dataId: object): ArrayData {
    const value = this.values.get(dataId);
    if (value?.known) return value.known;
    if (value?.splat !== undefined) {
      const { splat, shape, dtype } = value;
      return toArray(Array<number>(tf.util.sizeFromShape([...shape])).fill(splat), dtype as ProgramDType);
    }
    throw notTraceable(
      "The value of a traced tensor is read",
      "A compiled function cannot branch on its data: use tf.where, or return the tensor.",
    );
  }

  /** What a program asked for and cannot have; `trace` throws it, since nobody may be waiting for the promise. */
  asked: unknown = null;

  override async read(dataId: object): Promise<ArrayData> {
    try {
      return this.readSync(dataId);
    } catch (error) {
      this.asked ??= error;
      return new Promise(() => {});
    }
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

function toArray(values: tf.BackendValues | readonly number[], dtype: ProgramDType): ArrayData {
  const numbers = values as ArrayLike<number>;
  if (dtype === "float32") return values instanceof Float32Array ? values : Float32Array.from(numbers);
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(numbers);
  return Uint8Array.from(numbers);
}

export const backend = new TraceBackend();
tf.registerBackend(backendName, () => backend, 0);

for (const [kernelName, lower] of Object.entries(lowerings)) {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const values = Object.entries(inputs).flatMap(([name, t]) =>
        t ? [[name, backend.value(t as tf.TensorInfo)] as const] : [],
      );
      const given = { named: Object.fromEntries(values), list: values.map(([, value]) => value) };
      try {
        const result = lower(backend.graph, given, (attrs ?? {}) as Record<string, unknown>);
        return Array.isArray(result) ? result.map((v) => backend.put(v)) : backend.put(result);
      } catch (error) {
        throw notTraceable(`The operation ${kernelName}`, `It cannot be compiled: ${(error as Error).message}.`);
      }
    },
  });
}
