import type { Placed } from "./gpuMessages";
import { GpuProcess } from "./gpuProcess";
import type { OnnxValue } from "./onnx";
import type { Compiled, Provider } from "./program";
import { ResidentArray } from "./resident";
import * as tf from "./tf";
import { isOutputIndex, type Trace, trace } from "./trace";
import { type DType, type HostArray, isHostArray, leavesOf, mapTree, zeros } from "./tree";

/** The same compiled programs on ONNX Runtime's WebGPU provider (Vulkan, Metal or Direct3D 12), in a process of their own. */
export async function openWebgpu(): Promise<Omit<Provider, "reason">> {
  const gpu = new GpuProcess();
  let sessions = 0;
  let created = 0;
  const provider: Omit<Provider, "reason"> = {
    name: "onnx-webgpu",
    async compile(program, examples, open, resident = []) {
      const traced = trace(program as never, examples as never, open as never);
      const session = created++;
      const kept = resident.flatMap((key) =>
        leavesOf((traced.outputTree as Record<string, unknown>)[key], isOutputIndex),
      );
      const names = kept.map((i) => (traced.outputs[i] as OnnxValue).name);
      await gpu.ask({ kind: "create", session, model: traced.model, resident: names });
      sessions += 1;
      return runnable(gpu, session, traced, () => {
        sessions -= 1;
      });
    },
    async read(tree) {
      const fetched = new Map<ResidentArray, HostArray>();
      for (const array of leavesOf(tree, isHostArray)) {
        if (array instanceof ResidentArray) fetched.set(array, await gpu.ask({ kind: "read", handle: array.handle }));
      }
      return mapTree(tree, isHostArray, (array) => fetched.get(array as ResidentArray) ?? array) as typeof tree;
    },
    async place(tree) {
      const placed = new Map<HostArray, HostArray>();
      for (const array of leavesOf(tree, isHostArray)) {
        if (array instanceof ResidentArray || array.dtype !== "float32") continue;
        placed.set(array, fromPlaced(await gpu.ask({ kind: "place", array })));
      }
      return mapTree(tree, isHostArray, (array) => placed.get(array) ?? array) as typeof tree;
    },
    async free(tree) {
      const arrays = leavesOf(tree, isHostArray);
      await gpu.ask({ kind: "free", handles: arrays.flatMap((a) => (a instanceof ResidentArray ? [a.handle] : [])) });
    },
    stats: () => ({ sessions, tensors: tf.memory().numTensors }),
    close: () => gpu.close(),
  };
  try {
    const probe = await provider.compile((x: tf.Tensor) => tf.square(x), [zeros([2])]);
    await probe.run([zeros([2])]);
    await probe.dispose();
    return provider;
  } catch (error) {
    await gpu.close();
    throw error;
  }
}

const toPlaced = (array: HostArray): Placed =>
  array instanceof ResidentArray ? { handle: array.handle, dtype: array.dtype, shape: array.shape } : array;

const fromPlaced = (placed: Placed): HostArray =>
  "data" in placed ? placed : new ResidentArray(placed.handle, placed.dtype, placed.shape);

function runnable(
  gpu: GpuProcess,
  session: number,
  { inputs, outputs, outputTree }: Trace,
  disposed: () => void,
): Compiled<never, never> {
  const shapeOf = (results: readonly HostArray[]) => mapTree(outputTree, isOutputIndex, (i) => results[i]);
  return {
    async run(args: unknown, into?: unknown) {
      const feeds = Object.fromEntries(
        leavesOf(args, isHostArray).map((array, i) => [(inputs[i] as OnnxValue).name, toPlaced(array)]),
      );
      const old = into === undefined ? [] : leavesOf(into, isHostArray);
      const free = old.flatMap((array) => (array instanceof ResidentArray ? [array.handle] : []));
      const results = await gpu.ask({ kind: "run", session, feeds, free });
      return shapeOf(outputs.map(({ name }) => fromPlaced(results[name] as Placed))) as never;
    },
    allocate: () => shapeOf(outputs.map(({ shape, dtype }) => zeros(shape, dtype as DType))) as never,
    async dispose() {
      await gpu.ask({ kind: "release", session });
      disposed();
    },
  } as Compiled<never, never>;
}
