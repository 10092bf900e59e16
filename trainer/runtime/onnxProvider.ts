import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as ort from "onnxruntime-node";
import type { OnnxValue } from "./onnx";
import type { Compiled, Provider } from "./program";
import * as tf from "./tf";
import { isOutputIndex, trace } from "./trace";
import { type DType, type HostArray, isHostArray, leavesOf, mapTree, sameTypeData, zeros } from "./tree";

const toOrt = ({ dtype, data, shape }: HostArray): ort.Tensor =>
  new ort.Tensor(dtype, data as never, shape as number[]);

const toHost = (tensor: ort.Tensor): HostArray => ({
  dtype: tensor.type as DType,
  shape: tensor.dims,
  data: sameTypeData(tensor.data),
});

/** Whether a shape is the expected one, in which −1 is an open size. */
const fits = (shape: readonly number[], expected: readonly number[]): boolean =>
  shape.length === expected.length && expected.every((n, i) => n === -1 || n === shape[i]);

/** How sessions on the CPU are set up; benchmarks take the same. */
export const sessionOptions = (threads: number): ort.InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  executionMode: "sequential",
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  // Measured: a third less peak memory at the same speed.
  enableMemPattern: false,
  // An arena belongs to one session and never shrinks: four sessions of a training step held twice the memory, no faster.
  enableCpuMemArena: false,
  // Waiting threads sleep: a worker that spins would take the web process's core.
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});

/** Programs traced to ONNX and run by onnxruntime-node. On the CPU they are deterministic: same inputs, same bits. */
async function openOnnx(
  name: "onnx-cpu" | "onnx-cuda",
  executionProviders: readonly ("cpu" | "cuda")[],
  threads: number,
): Promise<Omit<Provider, "reason">> {
  let sessions = 0;

  async function createSession(model: Uint8Array): Promise<ort.InferenceSession> {
    const session = await ort.InferenceSession.create(model, { ...sessionOptions(threads), executionProviders });
    sessions += 1;
    return session;
  }

  return {
    name,
    async compile(program, examples, open) {
      const traced = trace(program as never, examples as never, open as never);
      const session = await createSession(traced.model);
      return runnable(session, traced, () => {
        sessions -= 1;
      });
    },
    read: async (tree) => tree,
    place: async (tree) => tree,
    free: async () => {},
    stats: () => ({ sessions, tensors: tf.memory().numTensors }),
    close: async () => {},
  };
}

export const openOnnxCpu = (threads: number) => openOnnx("onnx-cpu", ["cpu"], threads);

/** Where the user's onnxruntime-node brings CUDA: a session that cannot be made there says so at once. */
export async function openOnnxCuda(threads: number): Promise<Omit<Provider, "reason">> {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const files = readdirSync(join(folder, "bin"), { recursive: true }).map(String);
  if (!files.some((file) => file.includes("providers_cuda"))) {
    throw new Error("onnxruntime-node is installed without its CUDA part");
  }
  const provider = await openOnnx("onnx-cuda", ["cuda", "cpu"], threads);
  const probe = await provider.compile((x: tf.Tensor) => tf.square(x), [zeros([2])]);
  await probe.dispose();
  return provider;
}

function runnable(
  session: ort.InferenceSession,
  { inputs, outputs, outputTree }: { inputs: readonly OnnxValue[]; outputs: readonly OnnxValue[]; outputTree: unknown },
  disposed: () => void,
): Compiled<never, never> {
  const shapeOf = (results: readonly HostArray[]) => mapTree(outputTree, isOutputIndex, (i) => results[i]);
  return {
    async run(args: unknown, into?: unknown) {
      const feeds: Record<string, ort.Tensor> = {};
      leavesOf(args, isHostArray).forEach((array, i) => {
        const expected = inputs[i];
        if (!expected || !fits(array.shape, expected.shape) || array.dtype !== expected.dtype) {
          throw new Error(
            `input ${i} is ${array.dtype}[${array.shape}], compiled for ${expected?.dtype}[${expected?.shape}]`,
          );
        }
        feeds[expected.name] = toOrt(array);
      });
      if (into === undefined) {
        const results = await session.run(feeds);
        return shapeOf(outputs.map(({ name }) => toHost(results[name] as ort.Tensor))) as never;
      }
      const fetches: Record<string, ort.Tensor> = {};
      leavesOf(into, isHostArray).forEach((array, i) => {
        fetches[outputs[i]?.name ?? ""] = toOrt(array);
      });
      await session.run(feeds, fetches);
      return into as never;
    },
    allocate: () => shapeOf(outputs.map(({ shape, dtype }) => zeros(shape, dtype as DType))) as never,
    async dispose() {
      await session.release();
      disposed();
    },
  } as Compiled<never, never>;
}
