import type { Random } from "@/trainer/data/random";
import { Decoder } from "@/trainer/generation/decoder";
import type { Parameters } from "@/trainer/io/safetensors";
import type { ModelConfig } from "@/trainer/models/config";
import type { Provider } from "@/trainer/runtime/program";

export interface RowSampling {
  /** Divides the logits. */
  readonly temperature: number;
  /** New tokens for each row at most; without it as many as the model's context holds. */
  readonly maxTokens?: number;
  /** Ends a row. */
  readonly stopIds: readonly number[];
}

export interface SampledRow {
  /** What came after the prompt, without the token that ended it. */
  readonly ids: readonly number[];
  readonly ended: boolean;
}

/** Draws from a language model for many prompts at once: all rows are at the same place, so one step takes them all. */
export class RowSampler {
  private readonly decoder: Decoder;

  constructor(
    private readonly config: ModelConfig,
    parameters: Parameters,
    provider: Provider,
  ) {
    this.decoder = new Decoder(provider, config, parameters);
  }

  /** Prompts begin with the token that texts begin with and hold nothing but it at least. */
  async sample(prompts: readonly (readonly number[])[], sampling: RowSampling, random: Random): Promise<SampledRow[]> {
    const { maxPositions } = this.config;
    const { maxTokens = maxPositions, temperature, stopIds } = sampling;
    const rows = prompts.map((prompt) => ({ prompt, ids: [] as number[], ended: false, full: false }));
    const cache = this.decoder.cache(rows.length);
    for (let place = 0; place < maxPositions - 1 && rows.some((r) => !r.full); place++) {
      const next = rows.map(({ prompt, ids }) => ({
        id: prompt[place] ?? ids[place - prompt.length] ?? (prompt[0] as number),
        place,
        inverseTemperature: 1 / temperature,
      }));
      const predictions = await this.decoder.readTokens(cache, next);
      rows.forEach((row, b) => {
        if (row.full || place + 1 < row.prompt.length) return;
        const id = draw((predictions[b] as { weights: Float32Array }).weights, random.uniform());
        row.ended = stopIds.includes(id);
        if (!row.ended) row.ids.push(id);
        row.full = row.ended || row.ids.length === maxTokens;
      });
    }
    return rows.map(({ ids, ended }) => ({ ids, ended }));
  }

  dispose(): Promise<void> {
    return this.decoder.dispose();
  }
}

/** An id with probability in proportion to its weight, by inversion of `uniform` in [0, 1). */
function draw(weights: Float32Array, uniform: number): number {
  let left = uniform * weights.reduce((a, b) => a + b, 0);
  const id = weights.findIndex((w) => {
    left -= w;
    return left < 0;
  });
  return id < 0 ? weights.length - 1 : id;
}
