import { availableParallelism } from "node:os";
import { TrainerError } from "../contracts/error";
import type { Provider, ProviderName } from "./program";

/** Opens one provider, or throws when the machine lacks it. */
type Opener = (threads: number) => Promise<Omit<Provider, "reason">>;

const openers: Record<ProviderName, Opener> = {
  "onnx-cpu": async (threads) => (await import("./onnxProvider")).openOnnx(threads),
  "tfjs-node": async () => (await import("./eagerProvider")).openTfjsNode(),
  wasm: async () => (await import("./eagerProvider")).openWasm(),
};

const preference: readonly ProviderName[] = ["onnx-cpu", "tfjs-node", "wasm"];

const reasons: Record<ProviderName, string> = {
  "onnx-cpu": "the program is compiled for ONNX Runtime on the CPU, the fastest way here",
  "tfjs-node": "tfjs-node is installed and ONNX Runtime does not load",
  wasm: "neither ONNX Runtime nor tfjs-node loads, and WebAssembly runs everywhere",
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

/**
 * Chooses how programs run: the wanted provider, or with `auto` the first of onnx-cpu, tfjs-node and wasm that loads.
 * `threads` defaults to every core.
 */
export async function openProvider(
  wanted: ProviderName | "auto",
  { threads = availableParallelism() }: { readonly threads?: number } = {},
): Promise<Provider> {
  const failures: string[] = [];
  for (const name of wanted === "auto" ? preference : [wanted]) {
    try {
      const provider = await openers[name](threads);
      const reason = wanted === "auto" ? reasons[name] : "it was asked for";
      return { ...provider, reason: failures.length > 0 ? `${reason} (${failures.join("; ")})` : reason };
    } catch (error) {
      failures.push(`${name}: ${firstLine(error)}`);
    }
  }
  throw new TrainerError("bad_config", `No engine could be opened. ${failures.join("; ")}`);
}
