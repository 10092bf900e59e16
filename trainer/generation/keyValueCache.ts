import { prefixLength } from "../models/adapter";
import type { ModelConfig } from "../models/config";
import type { KeysAndValues } from "../models/tensors";
import { float32, type HostArray } from "../runtime/tree";

/** Places by which a cache grows: programs read all of them, filled or not. */
const step = 64;

/**
 * The keys and values of some rows, resident in memory: for each layer [slots, kv, places, size], row after row. Each row
 * begins with the adapter's prefix; text counts its places after it.
 */
export class KeyValueCache {
  private layers: readonly KeysAndValues<Float32Array>[];
  /** Places of the prefix. */
  private readonly before: number;
  /** How many tokens a row can hold now, the prefix counted. */
  places = step;

  constructor(
    private readonly config: ModelConfig,
    private readonly slots: number,
  ) {
    this.before = prefixLength(config);
    this.layers = this.blank();
  }

  private get rowLength(): number {
    return this.config.keyValueHeads * this.places * this.config.headSize;
  }

  private blank(): KeysAndValues<Float32Array>[] {
    const array = () => new Float32Array(this.slots * this.rowLength);
    return Array.from({ length: this.config.layers }, () => ({ k: array(), v: array() }));
  }

  /** Where a row's token `index` of text lies. */
  placeOf(index: number): number {
    return this.before + index;
  }

  /** Makes room for `length` tokens of text a row. */
  reserve(length: number): void {
    const places = this.placeOf(length);
    if (places <= this.places) return;
    const { headSize: size } = this.config;
    const [before, old] = [this.places * size, this.layers];
    this.places = Math.ceil(places / step) * step;
    this.layers = this.blank();
    this.layers.forEach(({ k, v }, l) => {
      const was = old[l] as KeysAndValues<Float32Array>;
      for (let i = 0; i < this.slots * this.config.keyValueHeads; i++) {
        k.set(was.k.subarray(i * before, (i + 1) * before), i * this.places * size);
        v.set(was.v.subarray(i * before, (i + 1) * before), i * this.places * size);
      }
    });
  }

  /** The first `count` rows as a program reads them: views, no copies. */
  rows(count: number): KeysAndValues<HostArray>[] {
    const shape = [count, this.config.keyValueHeads, this.places, this.config.headSize];
    const view = (a: Float32Array) => float32(a.subarray(0, count * this.rowLength), shape);
    return this.layers.map(({ k, v }) => ({ k: view(k), v: view(v) }));
  }

  /** Copies the prefix and the first `length` tokens of one row over those of another. */
  copyRow(from: number, to: number, length: number): void {
    const { keyValueHeads, headSize } = this.config;
    for (const { k, v } of this.layers) {
      for (let head = 0; head < keyValueHeads; head++) {
        const at = (row: number) => row * this.rowLength + head * this.places * headSize;
        const end = at(from) + this.placeOf(length) * headSize;
        k.copyWithin(at(to), at(from), end);
        v.copyWithin(at(to), at(from), end);
      }
    }
  }

  /** Writes what a program made for `length` places from `place` on into a row: row `index` of `fresh` [R, kv, T, size]. */
  write(row: number, place: number, length: number, fresh: readonly KeysAndValues<HostArray>[], index: number): void {
    const { keyValueHeads, headSize } = this.config;
    this.layers.forEach(({ k, v }, l) => {
      const source = fresh[l] as KeysAndValues<HostArray>;
      const [newK, newV] = [source.k.data as Float32Array, source.v.data as Float32Array];
      const width = (source.k.shape.at(-2) as number) * headSize;
      for (let head = 0; head < keyValueHeads; head++) {
        const from = (index * keyValueHeads + head) * width;
        const to = row * this.rowLength + (head * this.places + place) * headSize;
        k.set(newK.subarray(from, from + length * headSize), to);
        v.set(newV.subarray(from, from + length * headSize), to);
      }
    });
  }
}
