import { bucketOf } from "../data/batches";
import type { Parameters } from "../io/safetensors";
import type { ModelConfig } from "../models/config";
import type { KeysAndValues } from "../models/tensors";
import {
  type DecodeOutput,
  type PromptInput,
  readPrompts,
  readToken,
  type StepInput,
} from "../models/transformerDecode";
import type { Provider } from "../runtime/program";
import * as tf from "../runtime/tf";
import type { ArraySpec } from "../runtime/trace";
import { float32, type HostArray, int32, isHostArray, mapTree } from "../runtime/tree";
import { KeyValueCache } from "./keyValueCache";
import { ownPrograms, type Programs } from "./programs";

/** About the token after a row's last, each [V]. */
export interface Prediction {
  readonly logits: Float32Array;
  /** exp((logits − their maximum) · inverseTemperature). */
  readonly weights: Float32Array;
}

/** The token that a row reads next. */
export interface NextToken {
  readonly id: number;
  /** Its place in the row's text. */
  readonly place: number;
  readonly inverseTemperature: number;
}

type HostOutput = DecodeOutput<HostArray>;

/** A prompt to read into a row of the cache. */
export interface Prompt {
  readonly row: number;
  readonly ids: readonly number[];
  readonly inverseTemperature: number;
}

/** The most tokens, padding included, that are read at once: enough for matrix products at full speed. */
const promptTokens = 512;

/**
 * A language model made ready to generate: a program for each bucket of lengths reads prompts, another one more token for
 * any number of rows. The weights are frozen into the last, where the runtime packs them once: three to five times the
 * speed of weights that are inputs, at the price of a second copy, which all deltas and adapters of a base share.
 */
export class Decoder {
  /** Two examples of a step's inputs. */
  private steps: readonly [unknown, unknown] | null = null;

  constructor(
    provider: Provider,
    readonly config: ModelConfig,
    private readonly parameters: Parameters,
    private readonly programs: Programs = ownPrograms(provider, parameters),
  ) {}

  cache(slots: number): KeyValueCache {
    return new KeyValueCache(this.config, slots);
  }

  /** Reads prompts into the cache and predicts what follows each. What a prompt gives does not depend on the others. */
  async readPrompts(cache: KeyValueCache, prompts: readonly Prompt[]): Promise<Prediction[]> {
    cache.reserve(Math.max(...prompts.map(({ ids }) => ids.length)));
    const found = new Map<Prompt, Prediction>();
    for (const part of promptBatches(prompts)) {
      const out = await this.readPromptBatch(part);
      part.forEach((prompt, i) => {
        cache.write(prompt.row, 0, cache.placeOf(prompt.ids.length), out.layers, i);
      });
      const [, ...predictions] = this.predictions(out, part.length + 1);
      predictions.forEach((prediction, i) => {
        found.set(part[i] as Prompt, prediction);
      });
    }
    return prompts.map((prompt) => found.get(prompt) as Prediction);
  }

  private readPromptBatch(prompts: readonly Prompt[]): Promise<HostOutput> {
    const T = bucketOf(prompts[0]?.ids.length ?? 0);
    const inputOf = (rows: readonly Omit<Prompt, "row">[]): PromptInput<HostArray> => ({
      ids: int32(
        rows.flatMap(({ ids }) => [...ids, ...Array<number>(T - ids.length).fill(0)]),
        [rows.length, T],
      ),
      // One more than the rows: the runtime multiplies a single row in another order, and its last bits would differ.
      last: int32([0, ...rows.map(({ ids }, r) => r * T + ids.length - 1)], [rows.length + 1]),
      inverseTemperature: float32([1, ...rows.map((r) => r.inverseTemperature)], [rows.length + 1]),
    });
    const program = (p: Record<string, tf.Tensor>, input: PromptInput) => readPrompts(p, this.config, input);
    const example = (R: number) => [this.parameters, inputOf(Array(R).fill({ ids: [0], inverseTemperature: 1 }))];
    return this.run(`prompt${T}`, program, [example(5), example(7)], [this.parameters, inputOf(prompts)]);
  }

  /** Reads one more token for each of the cache's first rows and predicts what follows each. */
  async readTokens(cache: KeyValueCache, rows: readonly NextToken[]): Promise<Prediction[]> {
    const program = (own: Record<string, tf.Tensor>, layers: KeysAndValues[], input: StepInput) =>
      readToken({ ...this.frozen(), ...own }, this.config, layers, input);
    cache.reserve(Math.max(...rows.map((r) => r.place)) + 1);
    const { own } = this.programs;
    const example = (R: number) => [own, ...stepShapes(this.config, R)];
    this.steps ??= [example(5), example(7)];
    const out = await this.run("token", program, this.steps, [own, cache.rows(rows.length), stepInput(rows, cache)]);
    rows.forEach(({ place }, row) => {
      cache.write(row, cache.placeOf(place), 1, out.layers, row);
    });
    return this.predictions(out, rows.length);
  }

  /** Runs the program of that name, compiled with every size open in which two examples differ. */
  private async run(name: string, program: unknown, [example, open]: readonly [unknown, unknown], args: unknown) {
    const compiled = await this.programs.programs.get(name, program as never, example as never, open as never);
    return (await compiled.run(args as never)) as HostOutput;
  }

  private frozen(): Record<string, tf.Tensor> {
    const constant = ({ data, shape, dtype }: HostArray) =>
      tf.tensor(data, [...shape], dtype === "uint8" ? "bool" : dtype);
    return mapTree(this.programs.frozen, isHostArray, constant) as Record<string, tf.Tensor>;
  }

  private predictions({ logits, weights }: HostOutput, rows: number): Prediction[] {
    const V = this.config.vocabSize;
    const row = ({ data }: HostArray, i: number) => (data as Float32Array).subarray(i * V, (i + 1) * V);
    return Array.from({ length: rows }, (_, i) => ({ logits: row(logits, i), weights: row(weights, i) }));
  }

  dispose(): Promise<void> {
    return this.programs.dispose();
  }
}

/** Prompts of one bucket of lengths together, as many as are read at once. */
function promptBatches(prompts: readonly Prompt[]): Prompt[][] {
  const batches: Prompt[][] = [];
  for (const T of new Set(prompts.map(({ ids }) => bucketOf(ids.length)))) {
    const same = prompts.filter(({ ids }) => bucketOf(ids.length) === T);
    const size = Math.max(1, Math.floor(promptTokens / T));
    for (let i = 0; i < same.length; i += size) batches.push(same.slice(i, i + size));
  }
  return batches;
}

/** The shapes of what a step over `R` rows reads. */
function stepShapes(
  { layers, keyValueHeads, headSize }: ModelConfig,
  R: number,
): [KeysAndValues<ArraySpec>[], StepInput<ArraySpec>] {
  const S = 64 * R;
  const spec = (dtype: ArraySpec["dtype"], ...shape: number[]): ArraySpec => ({ dtype, shape });
  const cached = spec("float32", R, keyValueHeads, S, headSize);
  return [
    Array.from({ length: layers }, () => ({ k: cached, v: cached })),
    {
      ids: spec("int32", R),
      places: spec("int32", R),
      hidden: spec("float32", R, 1, 1, S),
      inverseTemperature: spec("float32", R),
    },
  ];
}

function stepInput(rows: readonly NextToken[], cache: KeyValueCache): StepInput<HostArray> {
  const R = rows.length;
  const { places } = cache;
  const hidden = new Float32Array(R * places);
  rows.forEach(({ place }, r) => {
    hidden.fill(-1e9, r * places + cache.placeOf(place), (r + 1) * places);
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
