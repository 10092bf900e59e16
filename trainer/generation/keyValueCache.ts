import type { LlamaConfig } from "../models/config";
import type { LayerCache } from "../models/llamaDecode";
import { float32, type HostArray } from "../runtime/tree";

/** The keys and values of some rows, resident in memory: for each layer [slots, kv, places, size], row after row. */
export class KeyValueCache {
  private readonly layers: readonly LayerCache<Float32Array>[];
  private readonly rowLength: number;

  constructor(
    private readonly config: LlamaConfig,
    readonly slots: number,
    /** How many tokens a row can hold. */
    readonly places: number,
  ) {
    this.rowLength = config.keyValueHeads * places * config.headSize;
    const array = () => new Float32Array(slots * this.rowLength);
    this.layers = Array.from({ length: config.layers }, () => ({ k: array(), v: array() }));
  }

  /** The rows from `first` on as a program reads and writes them: views, no copies. */
  rows(first: number, count: number): LayerCache<HostArray>[] {
    const shape = [count, this.config.keyValueHeads, this.places, this.config.headSize];
    const view = (a: Float32Array) =>
      float32(a.subarray(first * this.rowLength, (first + count) * this.rowLength), shape);
    return this.layers.map(({ k, v }) => ({ k: view(k), v: view(v) }));
  }

  /** Copies the first `length` places of one row over those of another. */
  copyRow(from: number, to: number, length: number): void {
    const { keyValueHeads, headSize } = this.config;
    for (const array of this.layers.flatMap(({ k, v }) => [k, v])) {
      for (let head = 0; head < keyValueHeads; head++) {
        const at = (row: number) => row * this.rowLength + head * this.places * headSize;
        array.copyWithin(at(to), at(from), at(from) + length * headSize);
      }
    }
  }

  /** Writes what a program made for the `length` places from `place` on: row `index` of `fresh` [R, kv, T, size]. */
  write(row: number, place: number, length: number, fresh: readonly LayerCache<HostArray>[], index: number): void {
    const { keyValueHeads, headSize } = this.config;
    this.layers.forEach((layer, l) => {
      for (const name of ["k", "v"] as const) {
        const source = (fresh[l] as LayerCache<HostArray>)[name];
        const T = source.shape[2] as number;
        for (let head = 0; head < keyValueHeads; head++) {
          const from = (index * keyValueHeads + head) * T * headSize;
          const to = row * this.rowLength + (head * this.places + place) * headSize;
          layer[name].set((source.data as Float32Array).subarray(from, from + length * headSize), to);
        }
      }
    });
  }
}
