import { availableParallelism, cpus, totalmem } from "node:os";
import type { DoctorReport } from "./contracts/doctor";
import { type ProviderName, providerNames } from "./contracts/provider";
import { benchmarkStep } from "./loop/benchmarkStep";
import { gpuFacts, judgeGpu } from "./runtime/gpuHardware";
import type { Provider } from "./runtime/program";
import { openProvider } from "./runtime/provider";

type Finding = DoctorReport["providers"][number];

/** What brings a provider that does not open. */
const remedies: Record<ProviderName, string | null> = {
  "onnx-cuda":
    "With an NVIDIA GPU on Linux x64: npm rebuild onnxruntime-node --ignore-scripts=false, and CUDA 12 with cuDNN 9.",
  "onnx-webgpu":
    "It comes with onnxruntime-node for Linux x64, Windows and macOS, and needs a driver for Vulkan, Direct3D 12 or Metal.",
  "onnx-cpu": "npm ci installs it. It needs glibc 2.28 or newer, or Windows 10, or macOS 13.",
  "tfjs-node-gpu": "npm run setup:tfjs-node -- --gpu (Linux and Windows, CUDA 11).",
  "tfjs-node": "npm run setup:tfjs-node (TFJS_NODE_BASE_URI names a mirror). ONNX Runtime is faster where it loads.",
  wasm: "npm ci installs it.",
};

/** A 1 M parameter Llama on 512 tokens: small enough for the slowest provider to take a step in seconds. */
const shape = { hiddenSize: 128, layers: 4, heads: 4, vocabSize: 2048, batch: 4, time: 128 };

/** Median rate of training steps over `seconds`, the state where the provider keeps it. At least one step after the first. */
async function tokensPerSecond(provider: Provider, seconds: number): Promise<number> {
  const { program, inputs, tokens } = benchmarkStep(shape);
  const [start, batch, control] = inputs;
  const compiled = await provider.compile(program, inputs as never, undefined, ["state"]);
  let state: unknown = start;
  const results: unknown[] = [];
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  do {
    const started = performance.now();
    const out = await compiled.run([state, batch, control] as never, results.at(-2) as never);
    times.push((performance.now() - started) / 1000);
    results.push(out);
    if (results.length > 2) results.shift();
    state = (out as unknown as { state: unknown }).state;
  } while (performance.now() < until || times.length < 2);
  await compiled.dispose();
  const steady = times.slice(1).sort((a, b) => a - b);
  return tokens / (steady[steady.length >> 1] as number);
}

async function examine(name: ProviderName, seconds: number): Promise<Finding> {
  let provider: Provider;
  try {
    provider = await openProvider(name);
  } catch (error) {
    const [, missing = ""] = /is not available: ([^\n]*?)\.*$/m.exec((error as Error).message) ?? [];
    return { name, available: false, missing, remedy: remedies[name], tokensPerSecond: null };
  }
  try {
    const rate = seconds > 0 ? await tokensPerSecond(provider, seconds) : null;
    return { name, available: true, missing: null, remedy: null, tokensPerSecond: rate };
  } finally {
    await provider.close();
  }
}

/**
 * What this machine has to compute with. `benchmarkSeconds` is a third for each provider, few machines have more than three;
 * 0 measures nothing.
 */
export async function examineMachine(benchmarkSeconds: number): Promise<DoctorReport> {
  const gpu = judgeGpu(gpuFacts());
  const auto = await openProvider("auto");
  await auto.close();
  const providers: Finding[] = [];
  // A software driver answers like a GPU and computes like none.
  for (const name of providerNames) {
    if (name === "onnx-webgpu" && !gpu.real) {
      providers.push({ name, available: false, missing: gpu.why, remedy: remedies[name], tokensPerSecond: null });
    } else providers.push(await examine(name, benchmarkSeconds / 3));
  }
  return {
    machine: {
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? "",
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      gpu,
    },
    chosen: { name: auto.name, reason: auto.reason },
    providers,
  };
}
