import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import util from "node:util";
import type { Provider } from "./program";
import * as tf from "./tf";
import { isArraySpec } from "./trace";
import { type DType, type HostArray, isHostArray, leavesOf, mapTree, sameTypeData, zeros } from "./tree";
import { installWasmKernels } from "./wasmKernels";

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

const toTensor = ({ data, shape, dtype }: HostArray): tf.Tensor =>
  tf.tensor(data as never, [...shape], dtype === "uint8" ? "int32" : dtype);

const toHost = (tensor: tf.Tensor): HostArray => ({
  dtype: tensor.dtype as DType,
  shape: tensor.shape,
  data: sameTypeData(tensor.dataSync()).slice(),
});

/** Runs programs operation by operation on a tfjs backend: slower, and needs nothing native. */
function eagerProvider(name: Provider["name"], backendName: string): Omit<Provider, "reason"> {
  return {
    name,
    async compile(program, examples) {
      const run = (inputs: unknown) => {
        let result: unknown;
        // Not by tidy's own result: it would look for tensors in every element of every array.
        tf.tidy(() => {
          const tensors = mapTree(inputs, isHostArray, toTensor);
          result = mapTree(program(...(tensors as never)), isTensor, toHost);
        });
        return result;
      };
      return {
        async run(inputs, into) {
          tf.setBackend(backendName);
          const result = run(inputs);
          if (into === undefined) return result as never;
          const fresh = leavesOf(result, isHostArray);
          leavesOf(into, isHostArray).forEach((target, i) => {
            target.data.set((fresh[i] as HostArray).data);
          });
          return into;
        },
        allocate() {
          tf.setBackend(backendName);
          const blank = mapTree(examples, isArraySpec, ({ shape, dtype }) => zeros(shape, dtype));
          return mapTree(run(blank), isHostArray, ({ shape, dtype }) => zeros(shape, dtype)) as never;
        },
        dispose: async () => {},
      };
    },
    read: async (tree) => tree,
    place: async (tree) => tree,
    free: async () => {},
    stats: () => ({ sessions: 0, tensors: tf.memory().numTensors }),
    close: async () => {},
  };
}

export async function openWasm(): Promise<Omit<Provider, "reason">> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json"));
  wasm.setWasmPaths(join(folder, "wasm-out", "/"));
  await tf.setBackend("wasm");
  installWasmKernels();
  return eagerProvider("wasm", "wasm");
}

/** Neither is a dependency: they are used where somebody installed them. */
export async function openTfjsNode(name: "tfjs-node" | "tfjs-node-gpu"): Promise<Omit<Provider, "reason">> {
  // tfjs-node 4.22 calls a function of node:util that Node 23 dropped.
  (util as { isNullOrUndefined?: (x: unknown) => boolean }).isNullOrUndefined ??= (x) => x == null;
  const packageName = `@tensorflow/${name}`;
  await import(packageName).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ERR_MODULE_NOT_FOUND" ? new Error(`${packageName} is not installed`, { cause }) : cause;
  });
  await tf.setBackend("tensorflow");
  return eagerProvider(name, "tensorflow");
}
