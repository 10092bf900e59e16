import { TrainerError } from "../contracts/error";
import type { GenerateChunk, GenerateEnd, GenerateRequest } from "../contracts/inference";
import type { TextCodec } from "../data/text";
import type { Parameters } from "../io/safetensors";
import type { ModelConfig } from "../models/config";
import type { Provider } from "../runtime/program";
import { Decoder, type Prediction } from "./decoder";
import type { KeyValueCache } from "./keyValueCache";
import { Row } from "./row";

/** A model that answers: what turns text into tokens and back, and what predicts. */
export interface Generator extends TextCodec {
  readonly decoder: Decoder;
}

export interface BatchOptions {
  /** How many answers are made at once; the others wait for one to finish. */
  readonly slots?: number;
  /** Stops between two tokens, with the error `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** A piece of the answer to the request at `index`. */
export interface Said {
  readonly index: number;
  readonly chunk: GenerateChunk;
}

export type Completion = Omit<GenerateEnd, "type"> & { readonly text: string };

const usualSlots = 32;

/**
 * Answers all requests, many at once, and says each piece as it comes. Finished answers leave the batch and waiting ones
 * enter (continuous batching; Yu et al. 2022, Orca). Each answer is the same, token for token, as if it were made alone.
 * The caller may do other work between two pieces, and may stop at any.
 */
export async function* generateAll(
  model: Generator,
  requests: readonly GenerateRequest[],
  { slots = usualSlots, signal }: BatchOptions = {},
): AsyncGenerator<Said> {
  const { decoder } = model;
  const waiting = requests.map((request, i) => new Row(i, model, decoder.config, request));
  if (waiting.length === 0) return;
  const most = Math.min(slots, waiting.length);
  const batch = new Batch(decoder, decoder.cache(most));

  const said = (row: Row, prediction: Prediction): Said[] =>
    row.take(prediction).map((chunk) => ({ index: row.index, chunk }));

  for (;;) {
    if (signal?.aborted) throw new TrainerError("cancelled", "Cancelled.");
    while (batch.size < most && waiting.length > 0) {
      const entering = waiting.splice(0, most - batch.size);
      const predictions = await batch.enter(entering);
      yield* entering.flatMap((row, i) => said(row, predictions[i] as Prediction));
      batch.leave();
    }
    if (batch.size === 0) return;
    const predictions = await batch.step();
    yield* batch.rows.flatMap((row, i) => said(row, predictions[i] as Prediction));
    batch.leave();
  }
}

/** The rows that are being answered; row i's keys and values are the cache's row i. */
class Batch {
  readonly rows: Row[] = [];
  private readonly firsts = new Map<Row, Prediction>();

  constructor(
    private readonly decoder: Decoder,
    private readonly cache: KeyValueCache,
  ) {}

  get size(): number {
    return this.rows.length;
  }

  /** Reads the rows' prompts, each one once; what is already read beside them is copied. */
  async enter(entering: readonly Row[]): Promise<Prediction[]> {
    const from = this.rows.length;
    this.rows.push(...entering);
    const twins = entering.map((row) => this.rows.findIndex((other) => samePrompt(other, row)));
    const prompts = entering.flatMap(({ prompt, inverseTemperature }, i) =>
      twins[i] === from + i ? [{ row: from + i, ids: prompt, inverseTemperature }] : [],
    );
    const read = prompts.length > 0 ? await this.decoder.readPrompts(this.cache, prompts) : [];
    prompts.forEach(({ row }, i) => {
      this.firsts.set(this.rows[row] as Row, read[i] as Prediction);
    });
    return entering.map((row, i) => {
      const twin = twins[i] as number;
      const first = this.firsts.get(this.rows[twin] as Row) as Prediction;
      if (twin !== from + i) this.cache.copyRow(twin, from + i, row.prompt.length);
      this.firsts.set(row, first);
      return copyOf(first);
    });
  }

  step(): Promise<Prediction[]> {
    return this.decoder.readTokens(
      this.cache,
      this.rows.map((row) => row.next),
    );
  }

  /** Takes finished rows out; the last one moves into the gap. */
  leave(): void {
    for (let i = this.rows.length - 1; i >= 0; i--) {
      const row = this.rows[i] as Row;
      if (!row.finished) continue;
      this.firsts.delete(row);
      const last = this.rows.pop() as Row;
      if (last === row) continue;
      this.cache.copyRow(this.rows.length, i, last.next.place);
      this.rows[i] = last;
    }
  }
}

const copyOf = ({ logits, weights }: Prediction): Prediction => ({ logits: logits.slice(), weights: weights.slice() });

const samePrompt = (a: Row, b: Row): boolean =>
  a.sampling.temperature === b.sampling.temperature &&
  a.prompt.length === b.prompt.length &&
  a.prompt.every((id, i) => id === b.prompt[i]);

/** Streams one answer. */
export async function* generate(model: Generator, request: GenerateRequest): AsyncGenerator<GenerateChunk> {
  for await (const { chunk } of generateAll(model, [request])) yield chunk;
}

/** All answers, whole, in the order of the requests. */
export async function complete(
  model: Generator,
  requests: readonly GenerateRequest[],
  options?: BatchOptions,
): Promise<Completion[]> {
  const texts = requests.map(() => "");
  const ends: GenerateEnd[] = [];
  for await (const { index, chunk } of generateAll(model, requests, options)) {
    if (chunk.type === "end") ends[index] = chunk;
    else texts[index] += chunk.text;
  }
  return ends.map(({ type: _, ...end }, i) => ({ ...end, text: texts[i] as string }));
}

/** As `complete`, for parameters that are used once: a model in training. */
export async function completeOnce(
  codec: TextCodec & { readonly config: ModelConfig },
  parameters: Parameters,
  provider: Provider,
  requests: readonly GenerateRequest[],
): Promise<Completion[]> {
  const decoder = new Decoder(provider, codec.config, parameters);
  try {
    return await complete({ ...codec, decoder }, requests);
  } finally {
    await decoder.dispose();
  }
}
