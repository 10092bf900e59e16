import type { ProviderName } from "../contracts/provider";
import type { ArraySpec } from "./trace";
import type { HostTree } from "./tree";

/** A program ready to run on arrays of the shapes it was compiled for. */
export interface Compiled<I extends readonly unknown[], O> {
  /**
   * Runs once. With `into` (from `allocate`, or an earlier result the caller is done with) the results take its place: a
   * training step then allocates nothing. Use what is returned, not `into`. Without it the arrays are new.
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
  /**
   * With `open`, a second set of examples, every size in which the two differ may be anything later: one program serves all
   * sizes, and `allocate` does not work. The parts of the result that `resident` names may stay in the device's memory
   * (runtime/resident.ts): they are inputs as they are, and `read` gets their values.
   */
  compile<I extends readonly unknown[], O>(
    program: (...inputs: I) => O,
    examples: Examples<I>,
    open?: Examples<I>,
    resident?: readonly (keyof O & string)[],
  ): Promise<Compiled<I, O>>;
  /** The same tree with every array's values in this process. */
  read<T>(tree: T): Promise<T>;
  /** The same tree with its arrays in the device's memory, for programs that read them again and again; `free` ends that. */
  place<T>(tree: T): Promise<T>;
  free(tree: unknown): Promise<void>;
  /** What is held now: compiled sessions and live tfjs tensors; with a clock around it (compileClock.ts) also the time that compiling took. */
  stats(): { readonly sessions: number; readonly tensors: number; readonly compileSeconds?: number };
  close(): Promise<void>;
}
