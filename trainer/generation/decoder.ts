import type { Parameters } from "../io/safetensors";
import type { LlamaConfig } from "../models/config";
import {
  type DecodeOutput,
  type KeysAndValues,
  type PromptInput,
  readPrompt,
  readToken,
  type StepInput,
} from "../models/llamaDecode";
import type { Compiled, Provider } from "../runtime/program";
import * as tf from "../runtime/tf";
import { float32, type HostArray, int32, isHostArray, mapTree } from "../runtime/tree";
import { KeyValueCache } from "./keyValueCache";

/** About the token after a row's last, each [V]. */
export interface Prediction {
  readonly logits: Float32Array;
  /** exp((logits − their maximum) · inverseTemperature). */
  readonly weights: Float32Array;
}

/** The token that a row reads next. */
export interface NextToken {
  readonly id: number;
  /** Its place in the row. */
  readonly place: number;
  readonly inverseTemperature: number;
}

type HostOutput = DecodeOutput<HostArray>;
type AnyProgram = Compiled<readonly never[], unknown>;

/**
 * A language model made ready to generate: one program reads prompts of any length, another one more token for any number
 * of rows. The weights are frozen into the second, where the runtime packs them once: three to five times the speed of
 * weights that are inputs, at the price of a second copy.
 */
export class Decoder {
  private readonly programs = new Map<string, Promise<AnyProgram>>();

  constructor(
    private readonly provider: Provider,
    readonly config: LlamaConfig,
    private readonly parameters: Parameters,
  ) {}

  cache(slots: number): KeyValueCache {
    return new KeyValueCache(this.config, slots);
  }

  /** Reads a prompt into a row of the cache and predicts what follows. */
  async readPrompt(
    cache: KeyValueCache,
    row: number,
    prompt: readonly number[],
    inverseTemperature: number,
  ): Promise<Prediction> {
    const inputOf = (ids: readonly number[]): PromptInput<HostArray> => ({
      ids: int32(ids, [ids.length]),
      places: int32(
        ids.map((_, i) => i),
        [ids.length],
      ),
      last: int32([ids.length - 1], [1]),
      inverseTemperature: float32([inverseTemperature], [1]),
    });
    const program = (p: Record<string, tf.Tensor>, input: PromptInput) => readPrompt(p, this.config, input);
    const example = (T: number) => [this.parameters, inputOf(Array(T).fill(0))];
    const out = await this.run("prompt", program, example, [this.parameters, inputOf(prompt)]);
    cache.reserve(prompt.length);
    cache.write(row, 0, out.layers);
    return this.predictions(out, 1)[0] as Prediction;
  }

  /** Reads one more token for each of the cache's first rows and predicts what follows each. */
  async readTokens(cache: KeyValueCache, rows: readonly NextToken[]): Promise<Prediction[]> {
    const program = (layers: KeysAndValues[], input: StepInput) => readToken(this.frozen(), this.config, layers, input);
    const example = (size: number) => {
      const other = this.cache(size);
      other.reserve(size * 64);
      return [other.rows(size), stepInput(Array(size).fill({ id: 0, place: 0, inverseTemperature: 1 }), other.places)];
    };
    cache.reserve(Math.max(...rows.map((r) => r.place)) + 1);
    const out = await this.run("token", program, example, [cache.rows(rows.length), stepInput(rows, cache.places)]);
    rows.forEach(({ place }, row) => {
      cache.write(row, place, out.layers, row);
    });
    return this.predictions(out, rows.length);
  }

  /** Runs the program of that name, compiled with every size open in which two examples differ. */
  private async run(name: string, program: unknown, example: (size: number) => unknown, args: unknown) {
    let compiled = this.programs.get(name);
    if (!compiled) {
      compiled = this.provider.compile(program as never, example(5) as never, example(7) as never);
      this.programs.set(name, compiled);
    }
    return (await (await compiled).run(args as never)) as HostOutput;
  }

  private frozen(): Record<string, tf.Tensor> {
    const constant = ({ data, shape, dtype }: HostArray) => tf.tensor(data, [...shape], dtype);
    return mapTree(this.parameters, isHostArray, constant) as Record<string, tf.Tensor>;
  }

  private predictions({ logits, weights }: HostOutput, rows: number): Prediction[] {
    const V = this.config.vocabSize;
    const row = ({ data }: HostArray, i: number) => (data as Float32Array).subarray(i * V, (i + 1) * V);
    return Array.from({ length: rows }, (_, i) => ({ logits: row(logits, i), weights: row(weights, i) }));
  }

  async dispose(): Promise<void> {
    for (const compiled of this.programs.values()) await (await compiled).dispose();
    this.programs.clear();
  }
}

function stepInput(rows: readonly NextToken[], places: number): StepInput<HostArray> {
  const R = rows.length;
  const hidden = new Float32Array(R * places);
  rows.forEach(({ place }, r) => {
    hidden.fill(-1e9, r * places + place, (r + 1) * places);
  });
  return {
    ids: int32(
      rows.map((r) => r.id),
      [R],
    ),
    places: int32(
      rows.map((r) => r.place),
      [R],
    ),
    hidden: float32(hidden, [R, 1, 1, places]),
    inverseTemperature: float32(
      rows.map((r) => r.inverseTemperature),
      [R],
    ),
  };
}
