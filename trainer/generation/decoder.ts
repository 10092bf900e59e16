import { bucketOf } from "../data/batches";
import type { Parameters } from "../io/safetensors";
import type { LlamaConfig } from "../models/config";
import { type DecodeInput, type DecodeOutput, fusedDecode, type LayerCache, plainDecode } from "../models/llamaDecode";
import { fusedHeadSize } from "../runtime/fused";
import type { Compiled, Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { float32, type HostArray, int32, isHostArray, mapTree } from "../runtime/tree";
import { KeyValueCache } from "./keyValueCache";

/** One row's part of a call. */
export interface DecodeRow {
  /** The tokens to read: a prompt from place 0 on, or the one token after what the cache holds. */
  readonly ids: readonly number[];
  /** The place of the last of them. */
  readonly place: number;
  readonly inverseTemperature: number;
}

/** About the token after a row's last, each [V]; valid until the next call. */
export interface Prediction {
  readonly logits: Float32Array;
  /** exp((logits − their maximum) · inverseTemperature). */
  readonly weights: Float32Array;
}

type Program = (cache: LayerCache[], input: DecodeInput) => DecodeOutput;
type HostOutput = DecodeOutput<HostArray>;
type Arguments = readonly [LayerCache[], DecodeInput];

/**
 * A language model made ready to generate. The weights are frozen into its programs, where the runtime packs them once:
 * three to five times the speed of weights that are inputs, at the price of a second copy. Where sizes may be left open,
 * one program serves prompts and steps of any batch and length; elsewhere there is one for each bucket of them.
 */
export class Decoder {
  private readonly sessions: SessionCache;
  private readonly fused: boolean;
  private readonly program: Program;
  private output = { logits: new Float32Array(), weights: new Float32Array() };

  constructor(
    provider: Provider,
    readonly config: LlamaConfig,
    parameters: Parameters,
  ) {
    this.sessions = new SessionCache(provider, 8);
    this.fused = provider.opensSizes && fusedHeadSize(config.headSize);
    const decode = this.fused ? fusedDecode : plainDecode;
    this.program = (cache, input) => {
      const frozen = mapTree(parameters, isHostArray, ({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype));
      return decode(frozen as Record<string, tf.Tensor>, config, cache, input);
    };
  }

  /** A cache for up to `slots` rows of up to `places` tokens. */
  cache(slots: number, places: number): KeyValueCache {
    return this.fused
      ? new KeyValueCache(this.config, slots, places)
      : new KeyValueCache(this.config, powerOfTwo(slots), bucketOf(places));
  }

  /** Reads the rows' tokens into the cache's rows from `first` on and predicts what follows each. */
  async read(cache: KeyValueCache, first: number, rows: readonly DecodeRow[]): Promise<Prediction[]> {
    const { logits, weights } = await (this.fused
      ? this.readFused(cache, first, rows)
      : this.readPlain(cache, first, rows));
    const V = this.config.vocabSize;
    const row = ({ data }: HostArray, i: number) => (data as Float32Array).subarray(i * V, (i + 1) * V);
    return rows.map((_, i) => ({ logits: row(logits, i), weights: row(weights, i) }));
  }

  private async readFused(cache: KeyValueCache, first: number, rows: readonly DecodeRow[]) {
    const compiled = await this.sessions.get("decode", this.program, this.example(2, 3, 5), this.example(7, 11, 13));
    const layers = cache.rows(first, rows.length);
    const input = inputOf(rows, rows.length, Math.max(...rows.map((r) => r.ids.length)));
    // The cache's own arrays are the place for the results: keys and values are written where they stay.
    return run(compiled, [layers, input], { ...this.outputFor(rows.length), layers });
  }

  private async readPlain(cache: KeyValueCache, first: number, rows: readonly DecodeRow[]) {
    const longest = Math.max(...rows.map((r) => r.ids.length));
    const T = longest === 1 ? 1 : Math.min(bucketOf(longest), cache.places);
    const R = Math.min(powerOfTwo(rows.length), cache.slots - first);
    const args = [cache.rows(first, R), inputOf(rows, R, T)] as const;
    const out = await run(await this.sessions.get("decode", this.program, args as never), args, undefined);
    rows.forEach(({ ids, place }, i) => {
      cache.write(first + i, place + 1 - ids.length, ids.length, out.layers, i);
    });
    return out;
  }

  private example(R: number, T: number, S: number): never {
    const { layers, keyValueHeads, headSize } = this.config;
    const shape = [R, keyValueHeads, S, headSize];
    const cache = Array.from({ length: layers }, () => ({
      k: { dtype: "float32", shape },
      v: { dtype: "float32", shape },
    }));
    return [cache, inputOf([], R, T)] as never;
  }

  /** Arrays for R rows of results, the same ones each time. */
  private outputFor(R: number) {
    const size = R * this.config.vocabSize;
    if (this.output.logits.length < size) {
      this.output = { logits: new Float32Array(size), weights: new Float32Array(size) };
    }
    const view = (a: Float32Array) => float32(a.subarray(0, size), [R, this.config.vocabSize]);
    return { logits: view(this.output.logits), weights: view(this.output.weights) };
  }

  dispose(): Promise<void> {
    return this.sessions.dispose();
  }
}

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/** The rows as arrays of R rows and T columns; what is missing is zeros. */
function inputOf(rows: readonly DecodeRow[], R: number, T: number): DecodeInput<HostArray> {
  const ids = new Int32Array(R * T);
  const places = new Int32Array(R);
  const last = Int32Array.from({ length: R }, (_, r) => r * T);
  const inverseTemperature = new Float32Array(R);
  rows.forEach((row, r) => {
    ids.set(row.ids, r * T);
    places[r] = row.place;
    last[r] = r * T + row.ids.length - 1;
    inverseTemperature[r] = row.inverseTemperature;
  });
  return {
    ids: int32(ids, [R, T]),
    places: int32(places, [R]),
    last: int32(last, [R]),
    inverseTemperature: float32(inverseTemperature, [R]),
  };
}

const run = (compiled: Compiled<Arguments, DecodeOutput>, args: unknown, into: HostOutput | undefined) =>
  compiled.run(args as never, into as never) as unknown as Promise<HostOutput>;
