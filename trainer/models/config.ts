import { type ModelAdapter, prefixLength } from "./adapter";

/** Which architecture: Hugging Face's model_type. */
export type Family = "gpt2" | "llama" | "mistral" | "qwen2" | "qwen3";

/** How RoPE's frequencies are stretched for longer contexts. */
export type RopeScaling =
  | { readonly type: "linear"; readonly factor: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly originalPositions: number;
      /** Turns within the original positions from which a pair is left alone, and up to which it is stretched whole. */
      readonly betaFast: number;
      readonly betaSlow: number;
      /** The pairs between which stretching grows are whole ones. */
      readonly truncate: boolean;
      /** By which queries and keys grow. */
      readonly attentionFactor: number;
    };

/**
 * The shape of a decoder-only transformer, by Hugging Face's names where its config.json has them. One for all families:
 * GPT-2 has learned positions, LayerNorm and GELU; the others RoPE, RMSNorm and SwiGLU.
 */
export interface ModelConfig {
  readonly family: Family;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabSize: number;
  /** The longest text, without what an adapter puts before it. Where attention slides over a window, the window: up to there every token sees all before it. */
  readonly maxPositions: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
  readonly normEpsilon: number;
  /** Which projections have a bias. GPT-2's all do. */
  readonly biases: { readonly queryKeyValue: boolean; readonly attentionOutput: boolean; readonly mlp: boolean };
  /** The output head is the embedding. */
  readonly tied: boolean;
  readonly bosId: number | null;
  readonly eosId: number | null;
  /** Every token that ends a text, `eosId` among them. */
  readonly endIds: readonly number[];
  /** None: the model as its weights have it. */
  readonly adapter?: ModelAdapter;
}

/** The model with an adapter, which may leave fewer places for text. */
export const withAdapter = (c: ModelConfig, adapter: ModelAdapter): ModelConfig => ({
  ...c,
  adapter,
  maxPositions: c.maxPositions - prefixLength({ adapter }),
});

/** The model as its weights alone have it. */
export function withoutAdapter({ adapter, ...c }: ModelConfig): ModelConfig {
  return { ...c, maxPositions: c.maxPositions + prefixLength({ adapter }) };
}

type Sizes = "hiddenSize" | "intermediateSize" | "layers" | "heads" | "keyValueHeads" | "vocabSize" | "maxPositions";

/** A Llama without biases and with its first version's settings where nothing else is said. */
export const llamaConfig = (c: Pick<ModelConfig, Sizes> & Partial<ModelConfig>): ModelConfig => ({
  family: "llama",
  headSize: c.hiddenSize / c.heads,
  ropeTheta: 10_000,
  ropeScaling: null,
  normEpsilon: 1e-5,
  biases: { queryKeyValue: false, attentionOutput: false, mlp: false },
  tied: true,
  bosId: null,
  eosId: null,
  endIds: typeof c.eosId === "number" ? [c.eosId] : [],
  ...c,
});
