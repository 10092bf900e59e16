import type { HostArray } from "../runtime/tree";

/** Numbers in a file: read when somebody asks for them, and held by nobody. */
export class FileArray implements HostArray {
  readonly dtype = "float32";
  constructor(
    readonly shape: readonly number[],
    private readonly read: () => Float32Array,
  ) {}

  get data(): Float32Array {
    return this.read();
  }
}
