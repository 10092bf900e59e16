import { availableParallelism } from "node:os";
import { TrainerError } from "../contracts/error";
import type { ArraySpec } from "./trace";
import type { HostTree } from "./tree";

export type ProviderName = "onnx-cpu" | "tfjs-node" | "wasm";

/** A program ready to run on arrays of the shapes it was compiled for. */
export interface Compiled<I extends readonly unknown[], O> {
  /**
   * Runs once. With `into` (from `allocate`, or an earlier result the caller is done with) the results are written there
   * and `into` is returned, so that a training step allocates nothing; without it the arrays are new.
   */
  run(inputs: { [K in keyof I]: HostTree<I[K]> }, into?: HostTree<O>): Promise<HostTree<O>>;
  /** Arrays of the result's shapes. */
  allocate(): HostTree<O>;
  dispose(): Promise<void>;
}

/** Examples give dtype and shape of every leaf; values are not looked at. */
export type Examples<I extends readonly unknown[]> = { [K in keyof I]: SpecTree<I[K]> };
type SpecTree<T> = HostTree<T> | ArraySpec | { readonly [K in keyof T]: SpecTree<T[K]> };

/** One way to run a tfjs program on this machine. */
export interface Provider {
  readonly name: ProviderName;
  /** Why this one was chosen, for the run's card. */
  readonly reason: string;
  compile<I extends readonly unknown[], O>(
    program: (...inputs: I) => O,
    examples: Examples<I>,
  ): Promise<Compiled<I, O>>;
  /** What is held now: compiled sessions and live tfjs tensors. */
  stats(): { readonly sessions: number; readonly tensors: number };
  close(): Promise<void>;
}

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
