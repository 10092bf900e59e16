import type { AdapterConfig, AdapterMethodName } from "../contracts/adapter";
import { bitdelta, type DeltaConfig } from "./bitdelta/bitdelta";
import { lora } from "./lora/lora";
import type { AdapterMethod, AppliedMethod } from "./method";
import { prefix } from "./prefix/prefix";
import { prompt } from "./prompt/prompt";

const methods: Readonly<Record<Exclude<AdapterMethodName, "full">, AdapterMethod>> = { lora, prompt, prefix };

/** The method that a configuration names; null where all weights are trained. */
export const methodOf = ({ method }: Pick<AdapterConfig, "method">): AdapterMethod | null =>
  method === "full" ? null : methods[method];

/** What stands beside a base: an adapter that was trained, or the delta of a fine-tuned model. */
export type UsedConfig = AdapterConfig | DeltaConfig;

/** A method as its settings make it; null where a model has nothing beside its weights. */
export function appliedMethodOf(config: UsedConfig): AppliedMethod | null {
  if (config.method === "bitdelta") return bitdelta;
  const method = methodOf(config);
  if (!method) return null;
  const { merge } = method;
  return {
    forward: (llama) => method.forward(config, llama),
    merge: merge && ((llama, parameters) => merge(config, llama, parameters)),
  };
}

/** The method of a PEFT adapter by its `peft_type`; undefined for one that is not read. */
export const methodOfPeft = (type: unknown): AdapterMethod | undefined =>
  new Map<unknown, AdapterMethod>([
    ["LORA", lora],
    ["PROMPT_TUNING", prompt],
    ["PREFIX_TUNING", prefix],
  ]).get(type);
