import type { AdapterConfig } from "../contracts/adapter";
import type { ModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import type { ModelAdapter } from "../models/adapter";
import type { ModelConfig } from "../models/config";

/** An adapter's parameters when training starts. */
export interface Start {
  readonly trained: Parameters;
  /** What the method keeps beside them and nobody trains. */
  readonly kept: Parameters;
}

/** Fields of adapter_config.json that are the method's own, and the tensors of adapter_model.safetensors. */
interface PeftFile {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tensors: Parameters;
}

/** A method with its settings as a model uses it, however its parameters came about. */
export interface AppliedMethod {
  /** How it changes the model. */
  forward(llama: ModelConfig): ModelAdapter;
  /** The base's weights with the adapter in them, those alone that differ; null where no weights can hold it. */
  readonly merge: ((llama: ModelConfig, parameters: Parameters) => Parameters) | null;
}

/** A way to train a few parameters beside a frozen base: configuration, forward pass, file, merge. */
export interface AdapterMethod {
  /** Depends on nothing but its arguments: a resumed run has what it keeps again. */
  start(config: AdapterConfig, base: ModelFolder, seed: number): Start;
  /** How it changes the model. */
  forward(config: AdapterConfig, llama: ModelConfig): ModelAdapter;
  /** How much faster than the others a trained parameter learns. */
  rateOf(config: AdapterConfig, name: string): number;
  /** The base's weights with the adapter in them, those alone that differ; null where no weights can hold it. */
  readonly merge: ((config: AdapterConfig, llama: ModelConfig, parameters: Parameters) => Parameters) | null;
  toPeft(config: AdapterConfig, llama: ModelConfig, adapter: Parameters): PeftFile;
  /** Throws a TrainerError for what it does not read. */
  fromPeft(file: PeftFile, llama: ModelConfig): { readonly config: AdapterConfig; readonly adapter: Parameters };
}
