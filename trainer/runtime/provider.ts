import { availableParallelism } from "node:os";
import { TrainerError } from "../contracts/error";
import { type ProviderName, providerNames } from "../contracts/provider";
import { gpuFacts, judgeGpu } from "./gpuHardware";
import type { Provider } from "./program";

/** Opens one provider, or throws when the machine lacks it. */
type Opener = (threads: number) => Promise<Omit<Provider, "reason">>;

const openers: Record<ProviderName, Opener> = {
  "onnx-cuda": async (threads) => (await import("./onnxProvider")).openOnnxCuda(threads),
  "onnx-webgpu": async () => (await import("./webgpuProvider")).openWebgpu(),
  "onnx-cpu": async (threads) => (await import("./onnxProvider")).openOnnxCpu(threads),
  "tfjs-node-gpu": async () => (await import("./eagerProvider")).openTfjsNode("tfjs-node-gpu"),
  "tfjs-node": async () => (await import("./eagerProvider")).openTfjsNode("tfjs-node"),
  wasm: async () => (await import("./eagerProvider")).openWasm(),
};

const onGpu: readonly ProviderName[] = ["onnx-cuda", "onnx-webgpu", "tfjs-node-gpu"];

const reasons: Record<ProviderName, string> = {
  "onnx-cuda": "programs are compiled for CUDA",
  "onnx-webgpu": "programs are compiled for the GPU",
  "onnx-cpu": "programs are compiled for ONNX Runtime on the CPU",
  "tfjs-node-gpu": "tfjs-node-gpu runs operation by operation",
  "tfjs-node": "tfjs-node runs operation by operation",
  wasm: "WebAssembly, which runs everywhere, runs operation by operation",
};

function defaultThreads(): number {
  const wanted = Number(process.env.TIEBREAK_THREADS);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : availableParallelism();
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

/**
 * Chooses how programs run: the wanted provider, or with `auto` the first of `providerNames` that loads, those on a GPU
 * only where it is real hardware and `gpu` is not false (nor TIEBREAK_GPU 0). `threads` (TIEBREAK_THREADS) defaults to every
 * core. The reason says what was chosen and what stood in the way of the others.
 */
export async function openProvider(
  wanted: ProviderName | "auto",
  {
    threads = defaultThreads(),
    gpu = process.env.TIEBREAK_GPU !== "0",
  }: { readonly threads?: number; readonly gpu?: boolean } = {},
): Promise<Provider> {
  const verdict = judgeGpu(gpuFacts());
  const useGpu = gpu && verdict.real;
  const candidates = wanted === "auto" ? providerNames.filter((name) => useGpu || !onGpu.includes(name)) : [wanted];
  const failures: string[] = [];
  for (const name of candidates) {
    try {
      const provider = await openers[name](threads);
      const because =
        wanted === "auto" ? `${reasons[name]}; ${gpu ? verdict.why : "the GPU is not to be used"}` : "it was asked for";
      return { ...provider, reason: [because, ...failures].join("; ") };
    } catch (error) {
      failures.push(`${name} is not available: ${firstLine(error)}`);
    }
  }
  throw new TrainerError("bad_config", `No engine could be opened. ${failures.join("; ")}.`);
}
