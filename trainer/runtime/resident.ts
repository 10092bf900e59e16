import type { ArrayData, DType, HostArray } from "./tree";

/**
 * An array that lies in a device's memory. It stands for itself as an input of programs; its values are there only after
 * the provider's `read`.
 */
export class ResidentArray implements HostArray {
  constructor(
    readonly handle: number,
    readonly dtype: DType,
    readonly shape: readonly number[],
  ) {}

  get data(): ArrayData {
    throw new Error("This array is in the GPU's memory: get its values with the provider's read() first.");
  }
}
