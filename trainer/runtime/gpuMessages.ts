import type { DType, HostArray } from "./tree";

/** What the process that owns the GPU is asked, each with an `id` that its answer carries. Arrays are structured clones. */
export type GpuRequest =
  | {
      readonly kind: "create";
      readonly session: number;
      readonly model: Uint8Array;
      readonly resident: readonly string[];
    }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly feeds: Readonly<Record<string, Placed>>;
      /** Resident arrays that nobody needs after this run. */
      readonly free: readonly number[];
    }
  | { readonly kind: "read"; readonly handle: number }
  | { readonly kind: "place"; readonly array: HostArray }
  | { readonly kind: "free"; readonly handles: readonly number[] }
  | { readonly kind: "release"; readonly session: number };

/** Values, or the place in the GPU's memory where they are. */
export type Placed = HostArray | { readonly handle: number; readonly dtype: DType; readonly shape: readonly number[] };

export interface GpuAnswers {
  create: null;
  run: Readonly<Record<string, Placed>>;
  read: HostArray;
  place: Placed;
  free: null;
  release: null;
}

export type GpuAnswer =
  | { readonly id: number; readonly value: GpuAnswers[keyof GpuAnswers] }
  | { readonly id: number; readonly error: string };
