import type { RunConfig } from "../contracts/runConfig";
import { defaultLayout, type LayoutOptions } from "../data/sequences";
import type { PlanOptions } from "../data/shapes";
import type { ModelConfig } from "../models/config";
import { projectionsOf } from "../models/names";
import { defaultModelExecution, type ModelExecution } from "../models/transformer";

/** How a run computes what it computes. The numbers are the same, to float rounding. */
export interface Execution {
  readonly layout: LayoutOptions;
  readonly model: ModelExecution;
  /** Rows of the vocabulary for which logits are made at once; null: all. */
  readonly vocabularyChunk: number | null;
  readonly plan: PlanOptions;
}

/** Logits of a batch that may exist at once: 256 MB. */
const mostLogits = 64 * 2 ** 20;

/** The vocabulary goes in chunks when the most places that `size` examples can have leave no room for all of it. */
function chunkFor(places: readonly number[], size: number, vocabSize: number): number | null {
  const largest = [...places].sort((a, b) => b - a).slice(0, size);
  const most = largest.reduce((a, b) => a + b, 0);
  return most * vocabSize <= mostLogits ? null : Math.max(1024, Math.floor(mostLogits / most));
}

export const defaultExecution: Execution = {
  layout: defaultLayout,
  model: defaultModelExecution,
  vocabularyChunk: null,
  plan: { pack: true, limit: 10, attentionCost: 0, worth: 1 },
};

/** The execution of a run over examples with so many scored places each. */
export function executionOf(config: RunConfig, llama: ModelConfig, places: readonly number[]): Execution {
  const { pack, sharePrompt, completionsOnly, attentionBlock, recompute, shapes, vocabularyChunk } = config.execution;
  const { heads, headSize } = llama;
  const products = projectionsOf(llama, 0).reduce((sum, { input, output }) => sum + input * output, 0);
  return {
    layout: { pack, sharePrompt, completionsOnly },
    model: { recompute, attentionBlock },
    vocabularyChunk: vocabularyChunk === "auto" ? chunkFor(places, config.batchSize, llama.vocabSize) : vocabularyChunk,
    // A place's products with one other place, as a part of its products with a layer's weights.
    plan: { pack, limit: shapes, attentionCost: (2 * heads * headSize) / products, worth: 1 },
  };
}
